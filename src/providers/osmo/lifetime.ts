import type { Transport } from "../../core/connection.ts";
import {
  dayMs,
  type Expiry,
  parseDuration,
  type Timestamp,
  toDate,
  toExpiryDate,
} from "../../core/time.ts";
import { type CliError, UsageError } from "../../errors.ts";
import { LifetimeError } from "./errors.ts";

/** Default lifetime, as in the osmo client. */
const defaultLifetime = 31 * dayMs;

/** The expiry of a token to create. */
export interface RequestedExpiry {
  /** `YYYY-MM-DD`: the token expires at 00:00 UTC. */
  readonly date: string;
  /** The expiry on the command line; undefined for the default or the previous date of the token. */
  readonly option: Expiry | undefined;
}

/**
 * Returns the expiry for an option, or the default.
 * @throws UsageError for today or the past: the service accepts tomorrow or later.
 */
export function toRequestedExpiry(option: Expiry | undefined, now: Date): RequestedExpiry {
  const expiry = option ?? { date: toDate(new Date(now.getTime() + defaultLifetime)) };
  return { date: requireFuture(toExpiryDate(expiry, now), now), option };
}

/** Returns the previous expiry of a token, or the default if it has passed. */
export function toPreviousExpiry(expiresAt: Timestamp | null, now: Date): RequestedExpiry {
  const date = expiresAt === null ? "" : toDate(new Date(expiresAt));
  return date > toDate(now) ? { date, option: undefined } : toRequestedExpiry(undefined, now);
}

function requireFuture(date: string, now: Date): string {
  const today = toDate(now);
  if (date <= today)
    throw new UsageError(`The expiry ${date} is not in the future: today is ${today} (UTC).`, {
      hint: "A token expires at 00:00 UTC of its date. Use tomorrow or later, for example -e 31d.",
    });
  return date;
}

/**
 * Sends a create with an expiry date. If the service rejects the date as later than its maximum,
 * and it is the default or a duration that was rounded up, sends the create again with the latest
 * valid date.
 * @returns the response, and the date that the service accepted.
 * @throws UsageError with the maximum for a later date on the command line.
 */
export async function sendWithLatestExpiry<T>(
  { date, option }: RequestedExpiry,
  now: Date,
  send: (date: string) => Promise<T>,
): Promise<{ readonly value: T; readonly date: string }> {
  try {
    return { value: await send(date), date };
  } catch (error) {
    const latest = error instanceof LifetimeError ? latestDate(error, now) : undefined;
    if (!(error instanceof LifetimeError) || latest === undefined) throw error;
    const earlier = option === undefined ? latest : toExpiryDate(option, now, latest);
    if (earlier > latest || earlier === date) throw tooLong(error, latest);
    return { value: await send(earlier), date: earlier };
  }
}

/** Warns that the service accepted only an earlier expiry date than the default or the previous one. */
export const warnOfEarlierExpiry = (warn: Transport["warn"], date: string): void =>
  warn({
    text: `warning: The token expires on ${date}, the latest date that this service allows.`,
    always: true,
  });

/** Returns the latest expiry date that the service accepts today; undefined if the error names no maximum. */
export function latestDate(error: CliError, now: Date): string | undefined {
  const maximum = error instanceof LifetimeError ? parseDuration(error.maximum) : undefined;
  if (maximum === undefined) return undefined;
  const today = toDate(now);
  const latest = toDate(new Date(Date.parse(today) + maximum));
  return latest > today ? latest : undefined;
}

const tooLong = ({ message, reason, maximum, requestId }: LifetimeError, latest: string) =>
  new UsageError(message, {
    hint: `The maximum lifetime of this service is ${maximum}. Use -e ${maximum}, or -e ${latest} or an earlier date.`,
    reason,
    requestId,
  });
