import { parseDuration } from "./time.ts";

/** When a token is to expire, as it was asked for: a day (00:00 UTC of it) or a time from now. */
export type Expiry = { readonly date: string } | { readonly milliseconds: number };

/** Reads `YYYY-MM-DD` or a duration, strictly; undefined if it is neither. */
export function parseExpiry(text: string): Expiry | undefined {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return { milliseconds };
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  return exists ? { date: text } : undefined;
}
