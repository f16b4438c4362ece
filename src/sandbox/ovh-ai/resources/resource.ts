import * as v from "valibot";
import { jsonObject, parseBody } from "../../http.ts";

/** What runs on the platform. */
export const ovhAiResourceKinds = ["app", "job", "notebook"] as const;
export type OvhAiResourceKind = (typeof ovhAiResourceKinds)[number];

/** The state of each after a stop. */
const stopped: Readonly<Record<OvhAiResourceKind, string>> = {
  app: "STOPPED",
  job: "INTERRUPTED",
  notebook: "STOPPED",
};

export type OvhAiLabels = Readonly<Record<string, string>>;

/** An app, a job or a notebook. */
export interface OvhAiResource {
  readonly kind: OvhAiResourceKind;
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Who made it. */
  readonly user: string;
  /** Its labels include the platform's own. */
  readonly spec: OvhAiResourceSpec & { readonly name: string; readonly labels: OvhAiLabels };
  readonly state: string;
}

/** OvhAiLabels that begin so belong to the platform. */
export const RESERVED_PREFIX = "ovh/";

/** The trait of a Quantum Notebook. It is no label: those have an `=`. */
export const QUANTUM = "quantum";

/**
 * What a scope can ask for: each label as `name=value`, which is how a selector is written, and
 * whether it is a Quantum Notebook: a notebook whose image has "quantum" in its name.
 */
export function traitsOf({ kind, spec: { image, labels } }: OvhAiResource): readonly string[] {
  const traits = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  if (kind === "notebook" && image?.includes("quantum")) traits.push(QUANTUM);
  return traits;
}

/** Whether a scope scopeIncludes a resource. An empty one scopeIncludes everything. */
export function scopeIncludes(scope: readonly string[], resource: OvhAiResource): boolean {
  const traits = traitsOf(resource);
  return scope.every((each) => traits.includes(each));
}

export const RUNNING = "RUNNING";

/** The state after a start. Nothing is really run, so a job that has a command is through with it at once. */
export const startedState = (
  kind: OvhAiResourceKind,
  { command = [] }: OvhAiResourceSpec,
): string => (kind === "job" && command.length > 0 ? "DONE" : RUNNING);

export const stoppedState = (kind: OvhAiResourceKind): string => stopped[kind];

// Each label can be written as a selector.
const labelName = v.pipe(v.string(), v.regex(/^[^=,]+$/));
const labelValue = v.pipe(v.string(), v.regex(/^[^,]+$/));
const text = v.pipe(v.string(), v.nonEmpty());

// `v.record` would leave out keys such as "constructor", which are labels like any other.
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
export type OvhAiResourceSpec = v.InferOutput<(typeof resourceSpecs)[OvhAiResourceKind]>;

/** Reads the body of a create request. */
export const parseOvhAiResourceSpec = (kind: OvhAiResourceKind, body: string): OvhAiResourceSpec =>
  parseBody(body, resourceSpecs[kind], resourceRules);

const LabelChange = v.strictObject({ name: labelName, value: v.exactOptional(labelValue) });

/** Reads the body of a label request; without a value it deletes the label. */
export const parseLabelChange = (body: string): v.InferOutput<typeof LabelChange> =>
  parseBody(body, LabelChange, {
    name: "must be a non-empty string without = and comma",
    value: "must be a non-empty string without a comma, or null",
  });
