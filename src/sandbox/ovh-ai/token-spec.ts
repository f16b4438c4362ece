import * as v from "valibot";
import { parseBody } from "../http.ts";

/**
 * The roles of the API. The deprecated names `read` and `operator` exist only on the command line.
 */
export const ovhAiRoles = [
  "ai_training_read",
  "ai_training_operator",
  "quantum_reader",
  "quantum_operator",
] as const;

/** One label as `name=value`, or "" for no label. */
export const LabelSelector = v.pipe(v.string(), v.regex(/^(?:[^=,]+=[^,]+)?$/));

/** Fields of a token spec. The public API adds `region`. */
export const tokenSpecEntries = {
  name: v.pipe(v.string(), v.nonEmpty()),
  role: v.picklist(ovhAiRoles),
  labelSelector: v.exactOptional(LabelSelector),
};

/** Error message of each field. */
export const tokenSpecRules = {
  name: "must be a non-empty string",
  role: `must be one of ${ovhAiRoles.join(", ")}`,
  labelSelector: "must be one name=value, without a comma",
};

const Schema = v.strictObject(tokenSpecEntries);

/** Name, role and scope of a token, which can't be changed: `TokenSpec` of the API. */
export type OvhAiTokenSpec = v.InferOutput<typeof Schema>;

/** Parses the body of a create request. @throws HTTPException 400 */
export function parseOvhAiTokenSpec(body: string): OvhAiTokenSpec {
  return parseBody(body, Schema, tokenSpecRules);
}
