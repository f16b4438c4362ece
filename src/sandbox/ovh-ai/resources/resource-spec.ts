import * as v from "valibot";
import { jsonObject, parseBody } from "../../http.ts";

/** Kinds of resources on the platform. */
export const ovhAiResourceKinds = ["app", "job", "notebook"] as const;
export type OvhAiResourceKind = (typeof ovhAiResourceKinds)[number];

/** Labels by name. */
export type OvhAiLabels = Readonly<Record<string, string>>;

// Every label can be written as a selector `name=value`.
const labelName = v.pipe(v.string(), v.regex(/^[^=,]+$/));
const labelValue = v.pipe(v.string(), v.regex(/^[^,]+$/));
const text = v.pipe(v.string(), v.nonEmpty());

// `v.record` drops keys such as "constructor", which are valid label names.
const labels = v.pipe(
  jsonObject(v.custom<Readonly<Record<string, string>>>((value) => v.is(v.looseObject({}), value))),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const input = dataset.value;
    for (const [key, value] of Object.entries(input))
      if (!v.is(labelName, key) || !v.is(labelValue, value))
        addIssue({ path: [{ type: "object", origin: "value", input, key, value }] });
  }),
);

/** Fields of a resource spec. */
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

/** Schema of the spec of each kind. Notebooks don't need an image. */
export const resourceSpecs = {
  app: withImage,
  job: withImage,
  notebook: v.strictObject({ image: v.exactOptional(text), ...entries }),
};

/** Error message of each field. */
export const resourceRules = {
  image: "must be a non-empty string",
  name: "must be a non-empty string",
  command: "must be a list of strings",
  labels: "must map names without = and comma to values without a comma, all of them non-empty",
  unsecureHttp: "must be true or false",
  defaultHttpPort: "must be a port, 1 to 65535",
};

/** Spec of a resource, with the fields that affect tokens. The platform has many more. */
export type OvhAiResourceSpec = v.InferOutput<(typeof resourceSpecs)[OvhAiResourceKind]>;

/** Parses the body of a create request. @throws HTTPException 400 */
export const parseOvhAiResourceSpec = (kind: OvhAiResourceKind, body: string): OvhAiResourceSpec =>
  parseBody(body, resourceSpecs[kind], resourceRules);

const LabelChange = v.strictObject({ name: labelName, value: v.exactOptional(labelValue) });

/**
 * Parses the body of a label request. The label is to be deleted if the value is undefined.
 * @throws HTTPException 400
 */
export const parseLabelChange = (body: string): v.InferOutput<typeof LabelChange> =>
  parseBody(body, LabelChange, {
    name: "must be a non-empty string without = and comma",
    value: "must be a non-empty string without a comma, or null",
  });
