import { parseSelector } from "../../../core/selector.ts";
import type { SandboxRuntime } from "../../api.ts";
import { Catalog } from "../../store.ts";
import { createTimestamps, createUuid } from "../wire.ts";
import {
  type OvhAiResource,
  type OvhAiResourceKind,
  type OvhAiResourceSpec,
  RESERVED_PREFIX,
  RUNNING,
  startedState,
  stoppedState,
  traitsOf,
} from "./resource.ts";

/** The resources of one project, found by id or by what they have in common, without a scan. */
export class ResourceIndex {
  readonly #shelves = { app: new KindIndex(), job: new KindIndex(), notebook: new KindIndex() };

  get(kind: OvhAiResourceKind, id: string): OvhAiResource | undefined {
    return this.#shelves[kind].all.get(id);
  }

  /** Adds a resource, or replaces the one of the same id. */
  put(resource: OvhAiResource): void {
    this.#shelves[resource.kind].put(resource);
  }

  delete({ kind, id }: OvhAiResource): void {
    this.#shelves[kind].delete(id);
  }

  /** Those that have all these traits; see `traitsOf`. */
  withTraits(kind: OvhAiResourceKind, traits: readonly string[]): readonly OvhAiResource[] {
    return this.#shelves[kind].withTraits(traits);
  }
}

const empty = new Catalog<OvhAiResource>();

/** The resources of one kind. */
class KindIndex {
  readonly all = new Catalog<OvhAiResource>();
  readonly #byTrait = new Map<string, Catalog<OvhAiResource>>();

  put(resource: OvhAiResource): void {
    const traits = new Set(traitsOf(resource));
    this.#forgetTraits(resource.id, traits);
    this.all.put(resource);
    for (const trait of traits) {
      const sharing = this.#byTrait.get(trait) ?? new Catalog();
      this.#byTrait.set(trait, sharing);
      sharing.put(resource);
    }
  }

  delete(id: string): void {
    this.#forgetTraits(id, new Set());
    this.all.delete(id);
  }

  /** Only those with the rarest of the traits are looked at. */
  withTraits(traits: readonly string[]): readonly OvhAiResource[] {
    const [rarest = this.all, ...others] = [...new Set(traits)]
      .map((trait) => this.#byTrait.get(trait) ?? empty)
      .sort((a, b) => a.size - b.size);
    if (others.length === 0) return rarest.list();
    return rarest.list().filter(({ id }) => others.every((sharing) => sharing.get(id)));
  }

  /** Takes a resource off the lists of the traits that it loses. */
  #forgetTraits(id: string, kept: ReadonlySet<string>): void {
    const before = this.all.get(id);
    for (const trait of before ? traitsOf(before) : []) {
      if (kept.has(trait)) continue;
      const sharing = this.#byTrait.get(trait);
      sharing?.delete(id);
      if (sharing?.size === 0) this.#byTrait.delete(trait);
    }
  }
}

/** Who makes a resource; a token's selector becomes a label of what it makes. */
export interface ResourceOwner {
  readonly name: string;
  readonly labelSelector?: string;
}

/** The apps, jobs and notebooks of one project, and what can be done with them. */
export interface OvhAiResources {
  /** What a spec would make. It is not there before it is added. */
  draft(kind: OvhAiResourceKind, spec: OvhAiResourceSpec, owner: ResourceOwner): OvhAiResource;
  add(resource: OvhAiResource): void;
  get(kind: OvhAiResourceKind, id: string): OvhAiResource | undefined;
  /** Those that have all these traits, in the order in which they got the rarest; see `traitsOf`. */
  withTraits(kind: OvhAiResourceKind, traits: readonly string[]): readonly OvhAiResource[];
  start(resource: OvhAiResource): OvhAiResource;
  stop(resource: OvhAiResource): OvhAiResource;
  /** Sets a label; without a value it takes it away. The platform's own stay as they are. */
  setLabel(resource: OvhAiResource, name: string, value: string | undefined): void;
  delete(resource: OvhAiResource): void;
}

/** A project in which runs what was seeded, made by `maker`, and nothing else. */
export function createOvhAiResources(
  { now, randomBytes }: SandboxRuntime,
  seeds: readonly ResourceSeed[],
  owner: ResourceOwner,
): OvhAiResources {
  const store = new ResourceIndex();
  const timestamp = createTimestamps(now);

  function change(resource: OvhAiResource, changes: Partial<OvhAiResource>): OvhAiResource {
    const changed = { ...resource, ...changes, updatedAt: timestamp() };
    store.put(changed);
    return changed;
  }

  const resources: OvhAiResources = {
    draft(kind, spec, { name: user, labelSelector = "" }) {
      const id = createUuid(randomBytes);
      const createdAt = timestamp();
      const scope = parseSelector(labelSelector);
      const asked = { ...spec.labels, ...(scope && { [scope.name]: scope.value }) };
      const own = Object.entries(asked).filter(([name]) => !name.startsWith(RESERVED_PREFIX));
      const labels = { ...Object.fromEntries(own), "ovh/id": id, "ovh/type": kind };
      const name = spec.name ?? `${kind}-${id.slice(0, 8)}`;
      const state = startedState(kind, spec);
      return {
        kind,
        id,
        createdAt,
        updatedAt: createdAt,
        user,
        spec: { ...spec, name, labels },
        state,
      };
    },
    add: (resource) => store.put(resource),
    get: (kind, id) => store.get(kind, id),
    withTraits: (kind, traits) => store.withTraits(kind, traits),
    start: (resource) =>
      resource.state === RUNNING
        ? resource
        : change(resource, { state: startedState(resource.kind, resource.spec) }),
    stop: (resource) =>
      resource.state === RUNNING
        ? change(resource, { state: stoppedState(resource.kind) })
        : resource,
    setLabel(resource, name, value) {
      if (name.startsWith(RESERVED_PREFIX)) return;
      const { [name]: _, ...others } = resource.spec.labels;
      const labels = value === undefined ? others : { ...resource.spec.labels, [name]: value };
      change(resource, { spec: { ...resource.spec, labels } });
    },
    delete: (resource) => store.delete(resource),
  };
  for (const { kind, spec, stopped = false } of seeds) {
    const resource = resources.draft(kind, spec, owner);
    resources.add(resource);
    if (stopped) resources.stop(resource);
  }
  return resources;
}

/** A resource that is there when a sandbox starts. */
export interface ResourceSeed {
  readonly kind: OvhAiResourceKind;
  readonly spec: OvhAiResourceSpec;
  /** Made, and then stopped. */
  readonly stopped?: boolean;
}

const served = { unsecureHttp: false, defaultHttpPort: 8080 };
const hello = { ...served, image: "infrastructureascode/hello-world" };

/** What a sandbox starts with unless it is told otherwise: the app of the platform's guides, and its like. */
export const defaultSeeds: readonly ResourceSeed[] = [
  { kind: "app", spec: { ...hello, name: "hello-a", labels: { group: "A" } } },
  { kind: "app", spec: { ...hello, name: "hello-b", labels: { group: "B" } } },
  { kind: "app", spec: { ...hello, name: "hello-stopped" }, stopped: true },
  { kind: "job", spec: { ...served, image: "ubuntu", name: "training" } },
  { kind: "notebook", spec: { ...served, name: "exploration" } },
];
