import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as v from "valibot";

/** An error response: its status and body. */
export class OsmoErrorResponse extends Error {
  readonly status: ContentfulStatusCode;
  readonly body: object | string;

  constructor(status: ContentfulStatusCode, body: object | string) {
    super(typeof body === "string" ? body : JSON.stringify(body));
    this.name = "Refusal";
    this.status = status;
    this.body = body;
  }
}

/** One entry of a 422 response of the web framework: error, location and invalid input. */
export interface ValidationDetail {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
}

/** An error of the service. Clients can distinguish these errors only by message. */
export const userError = (message: string): OsmoErrorResponse =>
  new OsmoErrorResponse(400, { message, error_code: "USER", workflow_id: null });

/** The client is too old, or the access token of the JWT has expired. */
export const osmoError = (message: string): OsmoErrorResponse =>
  new OsmoErrorResponse(400, { message, error_code: "OSMO_ERROR" });

/** An unexpected error of the service. */
export const serverError = (message: string): OsmoErrorResponse =>
  new OsmoErrorResponse(500, { message: `Internal server error: ${message}` });

/** An error of the web framework: unknown path or method. */
export const frameworkError = (status: 404 | 405, detail: string): OsmoErrorResponse =>
  new OsmoErrorResponse(status, { detail });

/** An error of the web framework: invalid query or body. */
export const validationError = (detail: readonly ValidationDetail[]): OsmoErrorResponse =>
  new OsmoErrorResponse(422, { detail });

/** An error of the gateway, in plain text. The service does not receive the request. */
export const gatewayError = (status: 400 | 401 | 403, text: string): OsmoErrorResponse =>
  new OsmoErrorResponse(status, text);

/** Responds to an error thrown by a route. */
export function answerOsmoError(error: Error, c: Context): Response {
  const { status, body } = error instanceof OsmoErrorResponse ? error : serverError(error.message);
  return typeof body === "string"
    ? c.body(body, status, { "content-type": "text/plain" })
    : c.json(body, status);
}

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
  if (body === null || issue.received === "undefined")
    return { type: "missing", loc, msg: "Field required", input: body };
  const { input, message, type } = issue;
  if (type === "regex") return { type: "string_pattern_mismatch", loc, msg: message, input };
  return { type: `${type}_type`, loc, msg: `Input should be a valid ${type}`, input };
}

const dayMs = 24 * 60 * 60 * 1000;

/** Returns midnight UTC of the day. */
export const startOfDay = (moment: Date): Date =>
  new Date(moment.getTime() - (moment.getTime() % dayMs));

/** Returns the same time of day, `days` later. */
export const addDays = (moment: Date, days: number): Date =>
  new Date(moment.getTime() + days * dayMs);

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
  if (Number.isNaN(midnight.getTime()) || formatDate(midnight) !== date)
    throw serverError(`time data '${text}' does not match format '%Y-%m-%d'`);
  return midnight;
}
