import { parseSelector } from "../../../core/token.ts";
import type { SandboxRuntime } from "../../api.ts";
import { createTimestamps, createUuid } from "../../generate.ts";
import { Catalog } from "../../store.ts";
import {
  type OvhAiResource,
  type OvhAiResourceKind,
  type OvhAiResourceSpec,
  reservedPrefix,
  runningState,
  startedState,
  stoppedState,
  traitsOf,
} from "./resource.ts";

/** Creator of a resource. The selector of a scoped token becomes a label of the resource. */
export interface ResourceOwner {
  readonly name: string;
  readonly labelSelector?: string;
}

/** The apps, jobs and notebooks of one project. */
export interface OvhAiResources {
  /** Returns the resource that a spec describes, without adding it. */
  draft(kind: OvhAiResourceKind, spec: OvhAiResourceSpec, owner: ResourceOwner): OvhAiResource;
  add(resource: OvhAiResource): void;
  get(kind: OvhAiResourceKind, id: string): OvhAiResource | undefined;
  /**
   * Returns the resources with all these traits, in the order of the rarest trait.
   * @see traitsOf
   */
  withTraits(kind: OvhAiResourceKind, traits: readonly string[]): readonly OvhAiResource[];
  start(resource: OvhAiResource): OvhAiResource;
  stop(resource: OvhAiResource): OvhAiResource;
  /**
   * Sets a label, or deletes it if the value is undefined. Ignores labels with the reserved prefix.
   */
  setLabel(resource: OvhAiResource, name: string, value: string | undefined): void;
  delete(resource: OvhAiResource): void;
}

/** A resource that exists when a sandbox starts. */
export interface ResourceSeed {
  readonly kind: OvhAiResourceKind;
  readonly spec: OvhAiResourceSpec;
  /** Whether the resource is stopped after its creation. */
  readonly stopped?: boolean;
}

const served = { unsecureHttp: false, defaultHttpPort: 8080 };
const hello = { ...served, image: "infrastructureascode/hello-world" };

/**
 * Resources of a sandbox without a seed file. The app is the example of OVHcloud's guide.
 * @see https://help.ovhcloud.com/csm/en-public-cloud-ai-deploy-tokens?id=kb_article_view&sysparm_article=KB0047990
 */
export const defaultSeeds: readonly ResourceSeed[] = [
  { kind: "app", spec: { ...hello, name: "hello-a", labels: { group: "A" } } },
  { kind: "app", spec: { ...hello, name: "hello-b", labels: { group: "B" } } },
  { kind: "app", spec: { ...hello, name: "hello-stopped" }, stopped: true },
  { kind: "job", spec: { ...served, image: "ubuntu", name: "training" } },
  { kind: "notebook", spec: { ...served, name: "exploration" } },
];

/** Returns the resources of a project that contains the seeds, created by `owner`. */
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
      const own = Object.entries(asked).filter(([name]) => !name.startsWith(reservedPrefix));
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
      resource.state === runningState
        ? resource
        : change(resource, { state: startedState(resource.kind, resource.spec) }),
    stop: (resource) =>
      resource.state === runningState
        ? change(resource, { state: stoppedState(resource.kind) })
        : resource,
    setLabel(resource, name, value) {
      if (name.startsWith(reservedPrefix)) return;
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

/** The resources of one project, indexed by ID and by trait. */
class ResourceIndex {
  readonly #byKind = { app: new KindIndex(), job: new KindIndex(), notebook: new KindIndex() };

  get(kind: OvhAiResourceKind, id: string): OvhAiResource | undefined {
    return this.#byKind[kind].all.get(id);
  }

  /** Adds a resource, or replaces the resource with the same ID. */
  put(resource: OvhAiResource): void {
    this.#byKind[resource.kind].put(resource);
  }

  delete({ kind, id }: OvhAiResource): void {
    this.#byKind[kind].delete(id);
  }

  /** Returns the resources that have all these traits. @see traitsOf */
  withTraits(kind: OvhAiResourceKind, traits: readonly string[]): readonly OvhAiResource[] {
    return this.#byKind[kind].withTraits(traits);
  }
}

const empty = new Catalog<OvhAiResource>();

/** The resources of one kind. */
class KindIndex {
  readonly all = new Catalog<OvhAiResource>();
  readonly #byTrait = new Map<string, Catalog<OvhAiResource>>();

  put(resource: OvhAiResource): void {
    const traits = new Set(traitsOf(resource));
    this.#removeTraits(resource.id, traits);
    this.all.put(resource);
    for (const trait of traits) {
      const resources = this.#byTrait.get(trait) ?? new Catalog();
      this.#byTrait.set(trait, resources);
      resources.put(resource);
    }
  }

  delete(id: string): void {
    this.#removeTraits(id, new Set());
    this.all.delete(id);
  }

  /** Filters the resources of the rarest trait by the other traits. */
  withTraits(traits: readonly string[]): readonly OvhAiResource[] {
    const [rarest = this.all, ...others] = [...new Set(traits)]
      .map((trait) => this.#byTrait.get(trait) ?? empty)
      .sort((a, b) => a.size - b.size);
    if (others.length === 0) return rarest.list();
    return rarest.list().filter(({ id }) => others.every((resources) => resources.get(id)));
  }

  /** Removes a resource from the lists of the traits that it no longer has. */
  #removeTraits(id: string, kept: ReadonlySet<string>): void {
    const before = this.all.get(id);
    for (const trait of before ? traitsOf(before) : []) {
      if (kept.has(trait)) continue;
      const resources = this.#byTrait.get(trait);
      resources?.delete(id);
      if (resources?.size === 0) this.#byTrait.delete(trait);
    }
  }
}
