import { parseSelector } from "../../../core/selector.ts";
import type { Surroundings } from "../../api.ts";
import { createTimestamps } from "../timestamps.ts";
import { createUuid } from "../uuid.ts";
import type { Kind } from "./kind.ts";
import { RESERVED, type Resource, RUNNING, startedState, stoppedState } from "./resource.ts";
import type { Seed } from "./seeds.ts";
import type { ResourceSpec } from "./spec.ts";
import { ResourceStore } from "./store.ts";

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
