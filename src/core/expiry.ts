import { parseDuration } from "./time.ts";

/** When a token is to expire, as it was asked for: a day (00:00 UTC of it) or a time from now. */
export type Expiry = { readonly date: string } | { readonly milliseconds: number };

/** Reads `YYYY-MM-DD` or a duration, strictly; undefined if it is neither. */
export function parseExpiry(text: string): Expiry | undefined {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds > 0 ? { milliseconds } : undefined;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  return exists ? { date: text } : undefined;
}

/** A day in milliseconds; those of UTC are all of one length. */
export const day = 86_400_000;

/** The day of a moment in UTC, `YYYY-MM-DD`. */
export const toDate = (time: Date): string => time.toISOString().slice(0, "2026-01-01".length);

/**
 * The day at whose 00:00 UTC a token ends, `YYYY-MM-DD`, for an API that knows only days: a
 * duration is rounded up to the next one.
 */
export function toExpiryDate(expiry: Expiry, now: Date): string {
  if ("date" in expiry) return expiry.date;
  const end = Math.ceil((now.getTime() + expiry.milliseconds) / day) * day;
  return toDate(new Date(end));
}
