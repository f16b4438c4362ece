import { HTTPException } from "hono/http-exception";
import * as v from "valibot";

/** The roles the API knows; the command line's short spellings never reach it. */
const roles = [
  "ai_training_read",
  "ai_training_operator",
  "quantum_reader",
  "quantum_operator",
] as const;

const Schema = v.strictObject({
  name: v.pipe(v.string(), v.nonEmpty()),
  role: v.picklist(roles),
  labelSelector: v.exactOptional(v.pipe(v.string(), v.regex(/^(?:[^=,]+=[^,]+)?$/))),
});

const rules: ReadonlyMap<unknown, string> = new Map([
  ["name", "must be a non-empty string"],
  ["role", `must be one of ${roles.join(", ")}`],
  ["labelSelector", "must be one name=value, without a comma"],
]);

/** What a token is for, fixed when it is made: `TokenSpec` of the API. */
export type TokenSpec = v.InferOutput<typeof Schema>;

/**
 * Reads the body of a create request. A refusal names the field but never repeats what stood in
 * it: a misplaced secret must not come back in an error.
 */
export function parseTokenSpec(body: string): TokenSpec {
  const result = v.safeParse(Schema, parseJson(body));
  if (result.success) return result.output;
  const field = result.issues[0].path?.[0].key;
  if (field === undefined) throw new HTTPException(400, { message: "the body must be an object" });
  throw new HTTPException(400, {
    message: `${field} ${rules.get(field) ?? "is not a known field"}`,
  });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new HTTPException(400, { message: "the body is not valid JSON" });
  }
}
