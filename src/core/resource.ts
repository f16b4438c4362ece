import type { Timestamp } from "./time.ts";
import { describeToken } from "./token.ts";

/** What a platform runs, and its tokens open. */
export const resourceKinds = ["app", "job", "notebook"] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/** What a resource is marked with, by name. */
export type ResourceLabels = Readonly<Record<string, string>>;

/** What tokens with a role can reach, as far as kinds tell. */
export interface ResourceAccess {
  readonly kinds: readonly ResourceKind[];
  /** What of these it is in truth, where the API does not say which of them are such: `Quantum Notebooks`. */
  readonly limitedTo?: string;
}

/** An app, a job or a notebook: the same keys for all, null where it has no such thing. */
export interface Resource {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly name: string | null;
  readonly image: string | null;
  /** The platform's word, such as RUNNING: an open set. */
  readonly state: string;
  /** Where it is served. */
  readonly url: string | null;
  /** Its own and the platform's. */
  readonly labels: ResourceLabels;
  readonly user: string | null;
  readonly createdAt: Timestamp | null;
  readonly updatedAt: Timestamp | null;
}

/** A resource that is asked for. What is left out the platform chooses. */
export interface ResourceSpec {
  readonly image?: string | undefined;
  readonly name?: string | undefined;
  readonly labels: ResourceLabels;
  readonly command: readonly string[];
}

/** What can be done with the resources of a platform, by kind and id. */
export interface ResourceProvider {
  /** Every one, or those that a selector `name=value` fits. */
  list(kind: ResourceKind, labelSelector?: string): Promise<readonly Resource[]>;
  /** How many `list` would give, without reading them where the API can count. */
  count(kind: ResourceKind, labelSelector?: string): Promise<number>;
  get(kind: ResourceKind, id: string): Promise<Resource | undefined>;
  run(kind: ResourceKind, spec: ResourceSpec): Promise<Resource>;
  start(resource: Resource): Promise<void>;
  stop(resource: Resource): Promise<void>;
  /** Without a value the label is taken away. */
  setLabel(resource: Resource, name: string, value: string | undefined): Promise<void>;
  /** @throws NotFoundError if it is gone already. */
  delete(resource: Resource): Promise<void>;
}

/** How people call a resource: `app "hello" (a8318623-…)`. */
export const describeResource = (resource: Pick<Resource, "kind" | "id" | "name">): string =>
  `${resource.kind} ${describeToken(resource)}`;
