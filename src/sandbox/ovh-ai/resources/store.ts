import { Catalog } from "../../catalog.ts";
import type { Kind } from "./kind.ts";
import { type Resource, traitsOf } from "./resource.ts";

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
