import { UsageError } from "../../errors.ts";
import type { Host } from "../../host.ts";

/** The default number of retries of a request after a transient failure. */
export const defaultRetries = 3;

/** Parses a number of retries from 0 to 20; undefined for anything else. */
export const parseRetries = (text: string): number | undefined =>
  /^\d{1,2}$/.test(text) && Number(text) <= 20 ? Number(text) : undefined;

/** The number of retries, not yet parsed, and its source. */
export interface RetriesSetting {
  readonly text: string;
  readonly source: "flag" | "environment" | "default";
}

/** Returns the setting of the option, else of TOKCTL_RETRIES, else the default. */
export function findRetries(
  flag: number | undefined,
  { TOKCTL_RETRIES: text }: Host["env"],
): RetriesSetting {
  if (flag !== undefined) return { text: String(flag), source: "flag" };
  return text ? { text, source: "environment" } : { text: `${defaultRetries}`, source: "default" };
}

/** Parses the setting. @throws UsageError for an invalid TOKCTL_RETRIES */
export function parseRetriesSetting({ text }: RetriesSetting): number {
  const value = parseRetries(text);
  if (value === undefined)
    throw new UsageError(`TOKCTL_RETRIES is "${text}", which is not a number from 0 to 20.`, {
      hint: "0 disables retries. Unset it for the default, 3.",
    });
  return value;
}
