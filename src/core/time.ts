/**
 * A time in RFC 3339 format, in UTC with `Z`, such as `2026-12-31T00:00:00Z`. It has the fractional
 * digits of the server (none if all are zero), which a Date would round to milliseconds.
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */
export type Timestamp = string;

const rfc3339 =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?\s*([Zz]|UTC|[+-]\d{2}:\d{2})?$/;

/** Milliseconds of a day in UTC. */
export const dayMs = 86_400_000;

/** Parses a server's time; one without a zone is in UTC. Undefined for an invalid time. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = rfc3339.exec(text);
  if (!match) return undefined;
  const [, date, time, digits = "", zone = "Z"] = match;
  const offset = /^[+-]/.test(zone) ? zone : "Z";
  const instant = new Date(`${date}T${time}${offset}`);
  if (Number.isNaN(instant.getTime()) || instant.getTime() > lastMoment + 999) return undefined;
  const seconds = instant.toISOString().slice(0, "2026-01-01T00:00:00".length);
  // `join` creates a flat string; concatenation would keep the parts, in three times the memory.
  return [seconds, ...(/[1-9]/.test(digits) ? [".", digits] : []), "Z"].join("");
}

/** Converts a Date to a Timestamp, without `.000` for whole seconds. */
export const toTimestamp = (date: Date): Timestamp => date.toISOString().replace(/\.000Z$/, "Z");

/** Compares timestamps, which may have different numbers of fractional digits. */
export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  const [left, right] = [a.slice(0, -1), b.slice(0, -1)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The last second of the year 9999, the last one in RFC 3339 format, in milliseconds since 1970. */
const lastMoment = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * Converts a number of a server to a Timestamp; a number out of range to the nearest one in range.
 * @param milliseconds since 1970.
 */
export const clampTimestamp = (milliseconds: number): Timestamp =>
  toTimestamp(new Date(clamp(milliseconds, 0, lastMoment)));

/** Returns the number, or the nearest limit if it is out of range; `min` for NaN. */
export const clamp = (number: number, min: number, max: number): number =>
  number > min ? Math.min(number, max) : min;

/** A hundred years. A longer duration is an error, and could exceed the range of dates. */
const maxDurationMs = 100 * 366 * dayMs;

const units = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  mo: 30 * 86_400,
  y: 365 * 86_400,
} as const;

/** The syntax of a duration, for help and errors. */
export const durationSyntax = "90s, 15m, 12h, 30d, 2w, 6mo (30 days each) or 1y (365 days)";

/** Parses a duration such as `90s`, `15m`, `12h`, `30d`, `2w`, `6mo` or `1y`. @returns milliseconds; undefined for an invalid one */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(s|m|h|d|w|mo|y)$/.exec(text);
  if (!match) return undefined;
  const milliseconds = Number(match[1]) * units[match[2] as keyof typeof units] * 1000;
  return milliseconds <= maxDurationMs ? milliseconds : undefined;
}

/**
 * Parses an HTTP date, which is always in UTC. Date.parse alone would accept "0" as a date and take a
 * date without a zone as local time.
 * @returns milliseconds since 1970; NaN for an invalid date.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function parseHttpDate(text: string): number {
  if (/ GMT$/.test(text)) return Date.parse(text);
  // The asctime format has no zone.
  return /^\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/.test(text)
    ? Date.parse(`${text} GMT`)
    : Number.NaN;
}

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
