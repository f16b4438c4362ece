import { parseDuration, parseTimestamp, type Timestamp } from "./time.ts";

/** When a token is to expire, as it was asked for: a day (00:00 UTC of it), a moment, or a time from now. */
export type Expiry =
  | { readonly date: string }
  | { readonly time: Timestamp }
  | { readonly milliseconds: number };

/** Reads `YYYY-MM-DD`, RFC 3339 with a zone, or a duration, strictly; undefined if it is none of them. */
export function parseExpiry(text: string): Expiry | undefined {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds > 0 ? { milliseconds } : undefined;
  const [, date, rest] = /^(\d{4}-\d{2}-\d{2})([Tt]\S+(?:[Zz]|[+-]\d{2}:\d{2}))?$/.exec(text) ?? [];
  const midnight = new Date(`${date}T00:00:00Z`);
  // JavaScript reads 30 February as 2 March.
  if (!date || Number.isNaN(midnight.getTime()) || toDate(midnight) !== date) return undefined;
  if (rest === undefined) return { date };
  const time = parseTimestamp(text);
  return time === undefined ? undefined : { time };
}

/** A day in milliseconds; those of UTC are all of one length. */
export const dayMs = 86_400_000;

/** Beyond it a year has more than four digits. */
const lastDay = Date.UTC(9999, 11, 31);

/** The day of a moment in UTC, `YYYY-MM-DD`. */
export const toDate = (time: Date): string => time.toISOString().slice(0, "2026-01-01".length);

/**
 * The day at whose 00:00 UTC a token ends, `YYYY-MM-DD`, for an API that knows only days. A duration
 * or a moment is rounded up to the next one, unless that is later than `latest` and rounding down is
 * not.
 */
export function toExpiryDate(expiry: Expiry, now: Date, latest?: string): string {
  if ("date" in expiry) return expiry.date;
  const end = "time" in expiry ? Date.parse(expiry.time) : now.getTime() + expiry.milliseconds;
  const up = toDate(new Date(Math.min(Math.ceil(end / dayMs) * dayMs, lastDay)));
  const down = toDate(new Date(end));
  return latest !== undefined && up > latest && down <= latest ? down : up;
}
