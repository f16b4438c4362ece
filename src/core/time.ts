/**
 * A moment as text: RFC 3339 in UTC ending in `Z`, with the fractional digits the server sent
 * (none if they are all zero), because a Date would round nine of them to three.
 */
export type Timestamp = string;

const rfc3339 =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?\s*([Zz]|UTC|[+-]\d{2}:\d{2})?$/;

/** Reads a server's time; one without a zone means UTC. Undefined if it is no time at all. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = rfc3339.exec(text);
  if (!match) return undefined;
  const [, date, time, digits = "", zone = "Z"] = match;
  const offset = /^[+-]/.test(zone) ? zone : "Z";
  const instant = new Date(`${date}T${time}${offset}`);
  if (Number.isNaN(instant.getTime()) || instant.getTime() > lastMoment + 999) return undefined;
  const seconds = instant.toISOString().slice(0, "2026-01-01T00:00:00".length);
  // Joined, not added up: such text would keep its pieces, and take up three times the room.
  return [seconds, ...(/[1-9]/.test(digits) ? [".", digits] : []), "Z"].join("");
}

/** A Date as a Timestamp: whole seconds lose their `.000`. */
export const toTimestamp = (date: Date): Timestamp => date.toISOString().replace(/\.000Z$/, "Z");

/** Orders timestamps of any number of fractional digits. */
export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  const [left, right] = [a.slice(0, -1), b.slice(0, -1)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The last second of the year 9999, in milliseconds since 1970: there is no RFC 3339 beyond it. */
const lastMoment = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * Converts a number that a server sent to a Timestamp: what is out of range becomes the nearest that
 * is in it.
 * @param milliseconds since 1970.
 */
export const clampTimestamp = (milliseconds: number): Timestamp =>
  toTimestamp(new Date(clamp(milliseconds, 0, lastMoment)));

/** Returns the number, or the nearest limit if it lies beyond one; the lower one for NaN. */
export const clamp = (number: number, min: number, max: number): number =>
  number > min ? Math.min(number, max) : min;

/** A hundred years: what is longer is a mistake, and further than dates can be reckoned with. */
const longest = 100 * 366 * 86_400_000;

const units = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  mo: 30 * 86_400,
  y: 365 * 86_400,
} as const;

/** What a duration looks like, for people. */
export const durationSyntax = "90s, 15m, 12h, 30d, 2w, 6mo (30 days each) or 1y (365 days)";

/** Reads a duration such as `90s 15m 12h 30d 2w 6mo 1y`, in milliseconds; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(s|m|h|d|w|mo|y)$/.exec(text);
  if (!match) return undefined;
  const milliseconds = Number(match[1]) * units[match[2] as keyof typeof units] * 1000;
  return milliseconds <= longest ? milliseconds : undefined;
}

/**
 * Reads an HTTP date (RFC 9110 §5.6.7), which is always in UTC: in milliseconds since 1970. NaN for
 * anything else: Date.parse takes "0" for a date, and one without a zone for local time.
 */
export function parseHttpDate(text: string): number {
  if (/ GMT$/.test(text)) return Date.parse(text);
  // The form of asctime() in C names no zone.
  return /^\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/.test(text)
    ? Date.parse(`${text} GMT`)
    : Number.NaN;
}
