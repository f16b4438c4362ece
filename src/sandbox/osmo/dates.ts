import { serverError } from "./errors.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Returns midnight UTC of the day. */
export const startOfDay = (moment: Date): Date =>
  new Date(moment.getTime() - (moment.getTime() % DAY_MS));

/** Returns the same time of day, `days` later. */
export const addDays = (moment: Date, days: number): Date =>
  new Date(moment.getTime() + days * DAY_MS);

/** Returns the date in UTC as `2027-01-15`. */
export const formatDate = (moment: Date): string => moment.toISOString().slice(0, 10);

/**
 * Returns the time in UTC without an offset, the format of `expires_at` in responses:
 * `2027-01-15T00:00:00`.
 */
export const formatNaive = (moment: Date): string => moment.toISOString().slice(0, 19);

/**
 * Parses a date as Python's `strptime` with `%Y-%m-%d` does, which accepts `2027-1-5`.
 * @throws OsmoErrorResponse 500, since the service does not catch the parse error.
 */
export function parseDate(text: string): Date {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const [, year = "", month = "", day = ""] = match ?? [];
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const midnight = new Date(`${date}T00:00:00Z`);
  // JavaScript parses 30 February as 2 March.
  if (Number.isNaN(midnight.getTime()) || formatDate(midnight) !== date) {
    throw serverError(`time data '${text}' does not match format '%Y-%m-%d'`);
  }
  return midnight;
}
