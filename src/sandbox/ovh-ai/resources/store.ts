import { parseSelector } from "../../../core/selector.ts";
import type { Surroundings } from "../../api.ts";
import { Catalog } from "../../store.ts";
import { createTimestamps, createUuid } from "../wire.ts";
import {
  type Kind,
  RESERVED,
  type Resource,
  type ResourceSpec,
  RUNNING,
  startedState,
  stoppedState,
  traitsOf,
} from "./resource.ts";

/** The resources of one project, found by id or by what they have in common, without a scan. */
export class ResourceStore {
  readonly #shelves = { app: new Shelf(), job: new Shelf(), notebook: new Shelf() };

  get(kind: Kind, id: string): Resource | undefined {
    return this.#shelves[kind].all.get(id);
  }

  /** Adds a resource, or replaces the one of the same id. */
  put(resource: Resource): void {
    this.#shelves[resource.kind].put(resource);
  }

  delete({ kind, id }: Resource): void {
    this.#shelves[kind].delete(id);
  }

  /** Those that have all these traits; see `traitsOf`. */
  withTraits(kind: Kind, traits: readonly string[]): readonly Resource[] {
    return this.#shelves[kind].withTraits(traits);
  }
}

const empty = new Catalog<Resource>();

/** The resources of one kind. */
class Shelf {
  readonly all = new Catalog<Resource>();
  readonly #byTrait = new Map<string, Catalog<Resource>>();

  put(resource: Resource): void {
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
  withTraits(traits: readonly string[]): readonly Resource[] {
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
export interface Maker {
  readonly name: string;
  readonly labelSelector?: string;
}

/** The apps, jobs and notebooks of one project, and what can be done with them. */
export interface Resources {
  /** What a spec would make. It is not there before it is added. */
  draft(kind: Kind, spec: ResourceSpec, maker: Maker): Resource;
  add(resource: Resource): void;
  get(kind: Kind, id: string): Resource | undefined;
  /** Those that have all these traits, in the order in which they got the rarest; see `traitsOf`. */
  withTraits(kind: Kind, traits: readonly string[]): readonly Resource[];
  start(resource: Resource): Resource;
  stop(resource: Resource): Resource;
  /** Sets a label; without a value it takes it away. The platform's own stay as they are. */
  setLabel(resource: Resource, name: string, value: string | undefined): void;
  delete(resource: Resource): void;
}

/** A project in which runs what was seeded, made by `maker`, and nothing else. */
export function createResources(
  { now, randomBytes }: Surroundings,
  seeds: readonly Seed[],
  maker: Maker,
): Resources {
  const store = new ResourceStore();
  const timestamp = createTimestamps(now);

  function change(resource: Resource, changes: Partial<Resource>): Resource {
    const changed = { ...resource, ...changes, updatedAt: timestamp() };
    store.put(changed);
    return changed;
  }

  const resources: Resources = {
    draft(kind, spec, { name: user, labelSelector = "" }) {
      const id = createUuid(randomBytes);
      const createdAt = timestamp();
      const scope = parseSelector(labelSelector);
      const asked = { ...spec.labels, ...(scope && { [scope.name]: scope.value }) };
      const own = Object.entries(asked).filter(([name]) => !name.startsWith(RESERVED));
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
      if (name.startsWith(RESERVED)) return;
      const { [name]: _, ...others } = resource.spec.labels;
      const labels = value === undefined ? others : { ...resource.spec.labels, [name]: value };
      change(resource, { spec: { ...resource.spec, labels } });
    },
    delete: (resource) => store.delete(resource),
  };
  for (const { kind, spec, stopped = false } of seeds) {
    const resource = resources.draft(kind, spec, maker);
    resources.add(resource);
    if (stopped) resources.stop(resource);
  }
  return resources;
}

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
