import * as v from "valibot";
import { parseBody } from "../body.ts";

/** The roles the API knows; the command line's short spellings never reach it. */
const roles = [
  "ai_training_read",
  "ai_training_operator",
  "quantum_reader",
  "quantum_operator",
] as const;

/** One label; "" is none. */
export const LabelSelector = v.pipe(v.string(), v.regex(/^(?:[^=,]+=[^,]+)?$/));

/** What a token is for, field by field; the public API asks for one more. */
export const specEntries = {
  name: v.pipe(v.string(), v.nonEmpty()),
  role: v.picklist(roles),
  labelSelector: v.exactOptional(LabelSelector),
};

/** What a refusal says of each of them. */
export const specRules = {
  name: "must be a non-empty string",
  role: `must be one of ${roles.join(", ")}`,
  labelSelector: "must be one name=value, without a comma",
};

const Schema = v.strictObject(specEntries);

/** What a token is for, fixed when it is made: `TokenSpec` of the API. */
export type TokenSpec = v.InferOutput<typeof Schema>;

/** Reads the body of a create request. */
export function parseTokenSpec(body: string): TokenSpec {
  return parseBody(body, Schema, specRules);
}
