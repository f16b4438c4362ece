import type { Timestamp } from "./time.ts";
import { describeToken } from "./token.ts";

/** The kinds of resources that a platform runs and its tokens give access to. */
export const resourceKinds = ["app", "job", "notebook"] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/** The labels of a resource, value by name. */
export type ResourceLabels = Readonly<Record<string, string>>;

/** The resources that a role gives access to. */
export interface ResourceAccess {
  readonly kinds: readonly ResourceKind[];
  /** A subset of these kinds that the API does not mark, such as `Quantum Notebooks`. */
  readonly limitedTo?: string;
}

/** An app, job or notebook. Attributes that it does not have are null. */
export interface Resource {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly name: string | null;
  readonly image: string | null;
  /** The platform's state, such as RUNNING; new states may be added. */
  readonly state: string;
  /** The URL that serves it. */
  readonly url: string | null;
  /** The labels of the user and of the platform. */
  readonly labels: ResourceLabels;
  readonly user: string | null;
  readonly createdAt: Timestamp | null;
  readonly updatedAt: Timestamp | null;
}

/** A resource to create. The platform chooses the attributes that are omitted. */
export interface ResourceSpec {
  readonly image?: string | undefined;
  readonly name?: string | undefined;
  readonly labels: ResourceLabels;
  readonly command: readonly string[];
}

/** The operations on the resources of a platform. They throw CliError as `TokenProvider` does. */
export interface ResourceProvider {
  /** Lists all resources, or those with the label `name=value`. */
  list(kind: ResourceKind, labelSelector?: string): Promise<readonly Resource[]>;
  /** Returns the number of resources that `list` would return, with one request if possible. */
  count(kind: ResourceKind, labelSelector?: string): Promise<number>;
  /** Returns undefined if the resource does not exist. */
  get(kind: ResourceKind, id: string): Promise<Resource | undefined>;
  run(kind: ResourceKind, spec: ResourceSpec): Promise<Resource>;
  start(resource: Resource): Promise<void>;
  stop(resource: Resource): Promise<void>;
  /** Sets a label; without a value, removes it. */
  setLabel(resource: Resource, name: string, value: string | undefined): Promise<void>;
  /** @throws NotFoundError if the resource does not exist */
  delete(resource: Resource): Promise<void>;
}

/** Describes a resource as `app "hello" (a8318623-…)`. */
export const describeResource = (resource: Pick<Resource, "kind" | "id" | "name">): string =>
  `${resource.kind} ${describeToken(resource)}`;
