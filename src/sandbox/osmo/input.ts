import type { Context } from "hono";
import * as v from "valibot";
import { type InvalidInput, invalidInput } from "./errors.ts";

/** The JSON body of a request, or the framework's 422, which echoes what it was sent. */
export async function readBody<Schema extends v.GenericSchema>(
  c: Context,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const body = parseJson(await c.req.text());
  const result = v.safeParse(schema, body);
  if (!result.success) throw invalidInput(result.issues.map((issue) => toDetail(issue, body)));
  return result.output;
}

/** An integer of the query, or its default. */
export function readInteger(c: Context, name: string, fallback: number): number {
  const input = c.req.query(name);
  if (input === undefined) return fallback;
  if (/^[+-]?\d+$/.test(input)) return Number(input);
  const msg = "Input should be a valid integer, unable to parse string as an integer";
  throw invalidInput([{ type: "int_parsing", loc: ["query", name], msg, input }]);
}

function parseJson(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    throw invalidInput([
      { type: "json_invalid", loc: ["body", 0], msg: "JSON decode error", input: {} },
    ]);
  }
}

function toDetail(issue: v.BaseIssue<unknown>, body: unknown): InvalidInput {
  const loc = ["body", ...(issue.path ?? []).map(({ key }) => key as string | number)];
  if (body === null || issue.received === "undefined") {
    return { type: "missing", loc, msg: "Field required", input: body };
  }
  const { input, message, type } = issue;
  if (type === "regex") return { type: "string_pattern_mismatch", loc, msg: message, input };
  return { type: `${type}_type`, loc, msg: `Input should be a valid ${type}`, input };
}
