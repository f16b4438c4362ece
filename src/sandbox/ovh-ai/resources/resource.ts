import type { Kind } from "./kind.ts";
import type { ResourceSpec } from "./spec.ts";

/** The state of each after a stop. */
const stopped: Readonly<Record<Kind, string>> = {
  app: "STOPPED",
  job: "INTERRUPTED",
  notebook: "STOPPED",
};

export type Labels = Readonly<Record<string, string>>;

/** An app, a job or a notebook. */
export interface Resource {
  readonly kind: Kind;
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Who made it. */
  readonly user: string;
  /** Its labels include the platform's own. */
  readonly spec: ResourceSpec & { readonly name: string; readonly labels: Labels };
  readonly state: string;
}

/** Labels that begin so belong to the platform. */
export const RESERVED = "ovh/";

/** The trait of a Quantum Notebook. It is no label: those have an `=`. */
export const QUANTUM = "quantum";

/**
 * What a scope can ask for: each label as `name=value`, which is how a selector is written, and
 * whether it is a Quantum Notebook: a notebook whose image has "quantum" in its name.
 */
export function traitsOf({ kind, spec: { image, labels } }: Resource): readonly string[] {
  const traits = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  if (kind === "notebook" && image?.includes("quantum")) traits.push(QUANTUM);
  return traits;
}

/** Whether a scope covers a resource. An empty one covers everything. */
export function covers(scope: readonly string[], resource: Resource): boolean {
  const traits = traitsOf(resource);
  return scope.every((each) => traits.includes(each));
}

export const RUNNING = "RUNNING";

/** The state after a start. Nothing is really run, so a job that has a command is through with it at once. */
export const startedState = (kind: Kind, { command = [] }: ResourceSpec): string =>
  kind === "job" && command.length > 0 ? "DONE" : RUNNING;

export const stoppedState = (kind: Kind): string => stopped[kind];
