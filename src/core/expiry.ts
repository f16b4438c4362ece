import { dayMs, parseDuration, parseTimestamp, type Timestamp } from "./time.ts";

/** The requested expiry of a token: a day (at 00:00 UTC), a time, or a duration from now. */
export type Expiry =
  | { readonly date: string }
  | { readonly time: Timestamp }
  | { readonly milliseconds: number };

/** Parses `YYYY-MM-DD`, an RFC 3339 time with a zone, or a duration; undefined for anything else. */
export function parseExpiry(text: string): Expiry | undefined {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds > 0 ? { milliseconds } : undefined;
  const [, date, rest] = /^(\d{4}-\d{2}-\d{2})([Tt]\S+(?:[Zz]|[+-]\d{2}:\d{2}))?$/.exec(text) ?? [];
  const midnight = new Date(`${date}T00:00:00Z`);
  // JavaScript parses 30 February as 2 March.
  if (!date || Number.isNaN(midnight.getTime()) || toDate(midnight) !== date) return undefined;
  if (rest === undefined) return { date };
  const time = parseTimestamp(text);
  return time === undefined ? undefined : { time };
}

/** The last day of a year with four digits. */
const lastDay = Date.UTC(9999, 11, 31);

/** Returns the day in UTC, `YYYY-MM-DD`. */
export const toDate = (time: Date): string => time.toISOString().slice(0, "2026-01-01".length);

/**
 * Returns the day, `YYYY-MM-DD`, on which a token expires at 00:00 UTC, for an API that takes only days.
 * A duration or a time is rounded up; down if the next day is later than `latest`.
 */
export function toExpiryDate(expiry: Expiry, now: Date, latest?: string): string {
  if ("date" in expiry) return expiry.date;
  const end = "time" in expiry ? Date.parse(expiry.time) : now.getTime() + expiry.milliseconds;
  const up = toDate(new Date(Math.min(Math.ceil(end / dayMs) * dayMs, lastDay)));
  const down = toDate(new Date(end));
  return latest !== undefined && up > latest && down <= latest ? down : up;
}
