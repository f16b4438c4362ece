import { UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";

/** How often a request that failed in passing is sent again, unless it is said. */
export const defaultRetries = 3;

/** A number of retries from 0 to 20; undefined for anything else. */
export const parseRetries = (text: string): number | undefined =>
  /^\d{1,2}$/.test(text) && Number(text) <= 20 ? Number(text) : undefined;

/** How often a request is repeated, as it is said, and what says so. */
export interface RetriesSetting {
  readonly text: string;
  readonly source: "flag" | "environment" | "default";
}

/** By option, else by TOKCTL_RETRIES, which may hold anything. */
export function findRetries(
  flag: number | undefined,
  { TOKCTL_RETRIES: text }: Host["env"],
): RetriesSetting {
  if (flag !== undefined) return { text: String(flag), source: "flag" };
  return text ? { text, source: "environment" } : { text: `${defaultRetries}`, source: "default" };
}

/** @throws UsageError for a TOKCTL_RETRIES that is no such number. */
export function parseRetriesSetting({ text }: RetriesSetting): number {
  const value = parseRetries(text);
  if (value === undefined)
    throw new UsageError(`TOKCTL_RETRIES is "${text}", which is no number from 0 to 20.`, {
      hint: "0 sends every request once. Unset it for the default.",
    });
  return value;
}
