import {
  type OvhAiLabels,
  type OvhAiResourceKind,
  type OvhAiResourceSpec,
  ovhAiResourceKinds,
} from "./resource-spec.ts";

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
export const RESERVED_PREFIX = "ovh/";

/** Trait of a Quantum Notebook. It differs from every label trait, which contains `=`. */
export const QUANTUM = "quantum";

/**
 * Returns the traits of a resource that scopes refer to: each label as `name=value`, as in a label
 * selector, and `quantum` for a notebook with "quantum" in the name of its image.
 */
export function traitsOf({ kind, spec: { image, labels } }: OvhAiResource): readonly string[] {
  const traits = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  if (kind === "notebook" && image?.includes("quantum")) traits.push(QUANTUM);
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
export const RUNNING = "RUNNING";

/**
 * Returns the state after a start. Nothing is executed, so a job with a command is DONE
 * immediately.
 */
export const startedState = (
  kind: OvhAiResourceKind,
  { command = [] }: OvhAiResourceSpec,
): string => (kind === "job" && command.length > 0 ? "DONE" : RUNNING);

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

/** Returns the URL of a resource. @param sandbox A URL of the sandbox that the client used. */
export function formatResourceUrl({ id, kind }: OvhAiResource, sandbox: string): string {
  const { protocol, port } = new URL(sandbox);
  return `${protocol}//${id}.${kind}.localhost${port && `:${port}`}/`;
}
