import { Catalog } from "../../store.ts";
import { type OvhAiResource, traitsOf } from "./resource.ts";
import type { OvhAiResourceKind } from "./resource-spec.ts";

/** The resources of one project, indexed by id and by trait. */
export class ResourceIndex {
  readonly #byKind = { app: new KindIndex(), job: new KindIndex(), notebook: new KindIndex() };

  get(kind: OvhAiResourceKind, id: string): OvhAiResource | undefined {
    return this.#byKind[kind].all.get(id);
  }

  /** Adds a resource, or replaces the resource with the same id. */
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
