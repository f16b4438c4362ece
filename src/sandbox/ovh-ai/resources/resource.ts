import * as v from "valibot";
import { jsonObject, parseBody } from "../../http.ts";

/** Kinds of resources on the platform. */
export const ovhAiResourceKinds = ["app", "job", "notebook"] as const;
export type OvhAiResourceKind = (typeof ovhAiResourceKinds)[number];

/** Labels by name. */
type OvhAiLabels = Readonly<Record<string, string>>;

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

/** An app, job or notebook. */
export interface OvhAiResource {
  readonly kind: OvhAiResourceKind;
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Name of the user or token that created it. */
  readonly user: string;
  /** Includes the labels that the platform sets, such as `ovh/id`. */
  readonly spec: OvhAiResourceSpec & { readonly name: string; readonly labels: OvhAiLabels };
  readonly state: string;
}

/** Prefix of labels that only the platform can set. */
export const reservedPrefix = "ovh/";

/** Trait of a Quantum Notebook. It differs from every label trait, which contains `=`. */
export const quantum = "quantum";

/**
 * Returns the traits of a resource that scopes refer to: each label as `name=value`, as in a label
 * selector, and `quantum` for a notebook with "quantum" in the name of its image.
 */
export function traitsOf({ kind, spec: { image, labels } }: OvhAiResource): readonly string[] {
  const traits = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  if (kind === "notebook" && image?.includes("quantum")) traits.push(quantum);
  return traits;
}

/**
 * Returns whether the resource has all traits of the scope. An empty scope includes every resource.
 */
export function scopeIncludes(scope: readonly string[], resource: OvhAiResource): boolean {
  const traits = traitsOf(resource);
  return scope.every((each) => traits.includes(each));
}

/** State of a running resource. */
export const runningState = "RUNNING";

/**
 * Returns the state after a start. Nothing is executed, so a job with a command is DONE
 * immediately.
 */
export const startedState = (
  kind: OvhAiResourceKind,
  { command = [] }: OvhAiResourceSpec,
): string => (kind === "job" && command.length > 0 ? "DONE" : runningState);

/** Returns the state after a stop. */
export const stoppedState = (kind: OvhAiResourceKind): string => stopped[kind];

/** State of each kind after a stop. */
const stopped: Readonly<Record<OvhAiResourceKind, string>> = {
  app: "STOPPED",
  job: "INTERRUPTED",
  notebook: "STOPPED",
};

/** The resource and port in a hostname: `ID.app.localhost` or `ID-PORT.app.localhost`. */
export interface ResourceAddress {
  readonly kind: OvhAiResourceKind;
  readonly id: string;
  readonly port: number | undefined;
}

const host = new RegExp(`^(.+?)(?:-(\\d{1,5}))?\\.(${ovhAiResourceKinds.join("|")})\\.localhost$`);

/** Parses the hostname of a URL. Returns undefined if it is not the hostname of a resource. */
export function parseResourceAddress(url: string): ResourceAddress | undefined {
  const [, id, port, suffix] = host.exec(new URL(url).hostname) ?? [];
  const kind = ovhAiResourceKinds.find((each) => each === suffix);
  return id === undefined || kind === undefined
    ? undefined
    : { kind, id, port: port === undefined ? undefined : Number(port) };
}

/** Returns the URL of a resource. @param sandbox a URL of the sandbox that the client used. */
export function formatResourceUrl({ id, kind }: OvhAiResource, sandbox: string): string {
  const { protocol, port } = new URL(sandbox);
  return `${protocol}//${id}.${kind}.localhost${port && `:${port}`}/`;
}
