import * as v from "valibot";
import { mapping, parseBody } from "../../body.ts";
import type { Kind } from "./kind.ts";

// Each label can be written as a selector.
const labelName = v.pipe(v.string(), v.regex(/^[^=,]+$/));
const labelValue = v.pipe(v.string(), v.regex(/^[^,]+$/));
const text = v.pipe(v.string(), v.nonEmpty());

// `v.record` would leave out keys such as "constructor", which are labels like any other.
const labels = v.pipe(
  mapping(v.custom<Readonly<Record<string, string>>>((value) => v.is(v.looseObject({}), value))),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const input = dataset.value;
    for (const [key, value] of Object.entries(input))
      if (!v.is(labelName, key) || !v.is(labelValue, value))
        addIssue({ path: [{ type: "object", origin: "value", input, key, value }] });
  }),
);

/** What a resource is to be, field by field. */
const entries = {
  name: v.exactOptional(text),
  command: v.exactOptional(v.array(v.string())),
  labels: v.exactOptional(labels),
  unsecureHttp: v.exactOptional(v.boolean(), false),
  defaultHttpPort: v.exactOptional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
    8080,
  ),
};

const withImage = v.strictObject({ image: text, ...entries });

/** A body for each kind: a notebook needs no image. */
export const resourceSpecs = {
  app: withImage,
  job: withImage,
  notebook: v.strictObject({ image: v.exactOptional(text), ...entries }),
};

/** What a refusal says of each field. */
export const resourceRules = {
  image: "must be a non-empty string",
  name: "must be a non-empty string",
  command: "must be a list of strings",
  labels: "must map names without = and comma to values without a comma, all of them non-empty",
  unsecureHttp: "must be true or false",
  defaultHttpPort: "must be a port, 1 to 65535",
};

/** What a resource is to be. The platform has many more options, which are out of scope here. */
export type ResourceSpec = v.InferOutput<(typeof resourceSpecs)[Kind]>;

/** Reads the body of a create request. */
export const parseResourceSpec = (kind: Kind, body: string): ResourceSpec =>
  parseBody(body, resourceSpecs[kind], resourceRules);

const LabelChange = v.strictObject({ name: labelName, value: v.exactOptional(labelValue) });

/** Reads the body of a label request; without a value it deletes the label. */
export const parseLabelChange = (body: string): v.InferOutput<typeof LabelChange> =>
  parseBody(body, LabelChange, {
    name: "must be a non-empty string without = and comma",
    value: "must be a non-empty string without a comma, or null",
  });
