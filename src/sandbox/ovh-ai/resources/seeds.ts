import type { Kind } from "./kind.ts";
import type { ResourceSpec } from "./spec.ts";

/** A resource that is there when a sandbox starts. */
export interface Seed {
  readonly kind: Kind;
  readonly spec: ResourceSpec;
  /** Made, and then stopped. */
  readonly stopped?: boolean;
}

const served = { unsecureHttp: false, defaultHttpPort: 8080 };
const hello = { ...served, image: "infrastructureascode/hello-world" };

/** What a sandbox starts with unless it is told otherwise: the app of the platform's guides, and its like. */
export const defaultSeeds: readonly Seed[] = [
  { kind: "app", spec: { ...hello, name: "hello-a", labels: { group: "A" } } },
  { kind: "app", spec: { ...hello, name: "hello-b", labels: { group: "B" } } },
  { kind: "app", spec: { ...hello, name: "hello-stopped" }, stopped: true },
  { kind: "job", spec: { ...served, image: "ubuntu", name: "training" } },
  { kind: "notebook", spec: { ...served, name: "exploration" } },
];
