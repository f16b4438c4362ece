import type { Context } from "hono";
import * as v from "valibot";
import { serverError, type ValidationDetail, validationError } from "./errors.ts";

/**
 * Parses the JSON body of a request.
 * @throws OsmoErrorResponse 422, which contains the invalid input as the framework of the service
 * does.
 */
export async function readBody<Schema extends v.GenericSchema>(
  c: Context,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const body = parseJson(await c.req.text());
  const result = v.safeParse(schema, body);
  if (!result.success) throw validationError(result.issues.map((issue) => toDetail(issue, body)));
  return result.output;
}

/** Returns an integer query parameter. @throws OsmoErrorResponse 422 */
export function readInteger(c: Context, name: string, fallback: number): number {
  const input = c.req.query(name);
  if (input === undefined) return fallback;
  if (/^[+-]?\d+$/.test(input)) return Number(input);
  const msg = "Input should be a valid integer, unable to parse string as an integer";
  throw validationError([{ type: "int_parsing", loc: ["query", name], msg, input }]);
}

function parseJson(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    throw validationError([
      { type: "json_invalid", loc: ["body", 0], msg: "JSON decode error", input: {} },
    ]);
  }
}

function toDetail(issue: v.BaseIssue<unknown>, body: unknown): ValidationDetail {
  const loc = ["body", ...(issue.path ?? []).map(({ key }) => key as string | number)];
  if (body === null || issue.received === "undefined") {
    return { type: "missing", loc, msg: "Field required", input: body };
  }
  const { input, message, type } = issue;
  if (type === "regex") return { type: "string_pattern_mismatch", loc, msg: message, input };
  return { type: `${type}_type`, loc, msg: `Input should be a valid ${type}`, input };
}

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
