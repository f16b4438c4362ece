import type { Context } from "hono";
import * as v from "valibot";
import { type ValidationDetail, validationError } from "./errors.ts";

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
