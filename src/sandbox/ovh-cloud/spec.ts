import * as v from "valibot";
import { parseBody } from "../body.ts";
import { specEntries, specRules } from "../ovh-ai/spec.ts";
import { regions } from "./regions.ts";

const Schema = v.strictObject({ ...specEntries, region: v.picklist(regions) });
const rules = { ...specRules, region: `must be one of ${regions.join(", ")}` };

/** A token's spec as the public API has it: the regional API's, and the region. */
export type RegionalSpec = v.InferOutput<typeof Schema>;

/** Reads the body of a create request. */
export function parseRegionalSpec(body: string): RegionalSpec {
  return parseBody(body, Schema, rules);
}
