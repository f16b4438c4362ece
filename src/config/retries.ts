import { defaultRetries, parseRetries } from "../core/retries.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

/** How often a request is repeated, and what says so. */
export interface Retries {
  readonly value: number;
  readonly source: "flag" | "environment" | "default";
}

/** By option, else by TOKCTL_RETRIES. @throws UsageError for a TOKCTL_RETRIES that is no such number. */
export function resolveRetries(
  flag: number | undefined,
  { TOKCTL_RETRIES: text }: Host["env"],
): Retries {
  if (flag !== undefined) return { value: flag, source: "flag" };
  if (!text) return { value: defaultRetries, source: "default" };
  const value = parseRetries(text);
  if (value === undefined)
    throw new UsageError(`TOKCTL_RETRIES is "${text}", which is no number from 0 to 20.`, {
      hint: "0 sends every request once. Unset it for the default.",
    });
  return { value, source: "environment" };
}
