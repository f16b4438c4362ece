import * as v from "valibot";
import { parseBody } from "../body.ts";

const groups = ["model-management", "model-evaluation"] as const;

const Schema = v.strictObject({
  resource: v.pipe(v.string(), v.maxLength(50), v.regex(/^(?:[A-Za-z0-9.-]+\*?|\*)$/)),
  groups: v.pipe(
    v.array(v.picklist(groups)),
    v.minLength(1),
    v.check((given) => new Set(given).size === given.length),
  ),
});

const rules = {
  resource: "must be 1 to 50 letters, digits, - and ., of which the last may be *",
  groups: `must be one or both of ${groups.join(", ")}`,
};

/** What a token opens: the models whose id is `resource`, or starts with it, for these groups. */
export type ServingSpec = v.InferOutput<typeof Schema>;

/** Reads the body of a create request. */
export function parseServingSpec(body: string): ServingSpec {
  return parseBody(body, Schema, rules);
}
