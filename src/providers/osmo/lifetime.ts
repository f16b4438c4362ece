import { dayMs, type Expiry, toDate, toExpiryDate } from "../../core/expiry.ts";
import { parseDuration, type Timestamp } from "../../core/time.ts";
import { type CliError, UsageError } from "../../errors.ts";
import { LifetimeError } from "./errors.ts";

/** How long a token lives unless it is said, as with the service's own client. */
const defaultLife = 31 * dayMs;

/** The date on which a token is to expire. */
export interface Ending {
  /** `YYYY-MM-DD`: the token ends at 00:00 UTC of it. */
  readonly date: string;
  /** What the command line says; undefined if the date is the default or the token's old one. */
  readonly asked: Expiry | undefined;
}

/**
 * Returns when a token is to expire.
 * @throws UsageError if that is over: the service takes tomorrow at the earliest.
 */
export function toEnding(asked: Expiry | undefined, now: Date): Ending {
  const expiry = asked ?? { date: toDate(new Date(now.getTime() + defaultLife)) };
  return { date: requireFuture(toExpiryDate(expiry, now), now), asked };
}

/** Returns the end that a token had, or what one has by default if that is over. */
export function endingAsItWas(expiresAt: Timestamp | null, now: Date): Ending {
  const date = expiresAt === null ? "" : toDate(new Date(expiresAt));
  return date > toDate(now) ? { date, asked: undefined } : toEnding(undefined, now);
}

function requireFuture(date: string, now: Date): string {
  const today = toDate(now);
  if (date <= today)
    throw new UsageError(`The expiry ${date} is not in the future: today is ${today} (UTC).`, {
      hint: "A token ends at 00:00 UTC of its date: give tomorrow or later.",
    });
  return date;
}

/**
 * Sends a create with a date. If that is later than the service's maximum and nobody typed it, or it
 * was a duration that was rounded up, sends it again with an earlier one.
 * @returns the answer, and the date that the service accepted.
 * @throws UsageError that names the maximum for a date that was typed.
 */
export async function sendWithin<T>(
  { date, asked }: Ending,
  now: Date,
  send: (date: string) => Promise<T>,
): Promise<{ readonly value: T; readonly date: string }> {
  try {
    return { value: await send(date), date };
  } catch (error) {
    const latest = error instanceof LifetimeError ? latestDate(error, now) : undefined;
    if (!(error instanceof LifetimeError) || latest === undefined) throw error;
    const earlier = asked === undefined ? latest : toExpiryDate(asked, now, latest);
    if (earlier > latest || earlier === date) throw tooLong(error, latest);
    return { value: await send(earlier), date: earlier };
  }
}

/** The last date that the service accepts today; undefined if there is none. */
export function latestDate(error: CliError, now: Date): string | undefined {
  const longest = error instanceof LifetimeError ? parseDuration(error.maximum) : undefined;
  if (longest === undefined) return undefined;
  const today = toDate(now);
  const latest = toDate(new Date(Date.parse(today) + longest));
  return latest > today ? latest : undefined;
}

const tooLong = ({ message, maximum, requestId }: LifetimeError, latest: string) =>
  new UsageError(message, {
    hint: `The maximum of this service is ${maximum}: give -e ${maximum}, or -e ${latest} or an earlier date.`,
    requestId,
  });
