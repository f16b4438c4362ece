/**
 * Things by their ids, oldest first. After a change the list is made once, and not once for every
 * page of it.
 */
export class Catalog<T extends { readonly id: string }> {
  readonly #byId = new Map<string, T>();
  #list: readonly T[] | undefined;

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): T | undefined {
    return this.#byId.get(id);
  }

  /** Adds a thing, or replaces the one of the same id, whose place it takes. */
  put(thing: T): void {
    this.#byId.set(thing.id, thing);
    this.#list = undefined;
  }

  /** False if there was none. */
  delete(id: string): boolean {
    this.#list = undefined;
    return this.#byId.delete(id);
  }

  list(): readonly T[] {
    this.#list ??= [...this.#byId.values()];
    return this.#list;
  }
}
