import { serverError } from "./errors.ts";

const DAY = 24 * 60 * 60 * 1000;

/** Midnight UTC of the day a moment lies in. */
export const startOfDay = (moment: Date): Date =>
  new Date(moment.getTime() - (moment.getTime() % DAY));

/** The same time of day, some days later. */
export const addDays = (moment: Date, days: number): Date =>
  new Date(moment.getTime() + days * DAY);

/** `2027-01-15`. */
export const formatDate = (moment: Date): string => moment.toISOString().slice(0, 10);

/** An expiry as the service writes it: naive, always midnight, meaning UTC. */
export const formatNaive = (moment: Date): string => moment.toISOString().slice(0, 19);

/**
 * Reads a date as Python's `%Y-%m-%d` does: `2027-1-5` is one. The service does not catch what
 * it can't parse, so that is its 500.
 */
export function parseDate(text: string): Date {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const [, year = "", month = "", day = ""] = match ?? [];
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const midnight = new Date(`${date}T00:00:00Z`);
  // JavaScript reads 30 February as 2 March.
  if (Number.isNaN(midnight.getTime()) || formatDate(midnight) !== date) {
    throw serverError(`time data '${text}' does not match format '%Y-%m-%d'`);
  }
  return midnight;
}
