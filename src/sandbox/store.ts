import type { SandboxRuntime } from "./api.ts";
import { createSecret, digest } from "./generate.ts";

/**
 * Items by ID, oldest first. The list is cached between changes, since a client reads many pages of
 * it.
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

  /** Adds an item, or replaces the item with the same ID at its position. */
  put(item: T): void {
    this.#byId.set(item.id, item);
    this.#list = undefined;
  }

  /** Returns false if no item has the ID. */
  delete(id: string): boolean {
    this.#list = undefined;
    return this.#byId.delete(id);
  }

  list(): readonly T[] {
    this.#list ??= [...this.#byId.values()];
    return this.#list;
  }
}

/**
 * Tokens of one emulated API, indexed by ID and by the digest of the secret. Secrets are not
 * stored.
 */
export class TokenStore<T extends { readonly id: string }> {
  readonly #tokens = new Catalog<T>();
  readonly #digests = new Map<string, string>();
  readonly #idByDigest = new Map<string, string>();

  /** Adds a token, or replaces the token with the same ID and revokes its previous secret. */
  put(token: T, secret: string): void {
    const secretDigest = digest(secret);
    this.#revokeSecret(token.id);
    this.#tokens.put(token);
    this.#digests.set(token.id, secretDigest);
    this.#idByDigest.set(secretDigest, token.id);
  }

  /** Adds a token with a secret that no client has. */
  putWithoutSecret(token: T): void {
    this.#tokens.put(token);
  }

  get(id: string): T | undefined {
    return this.#tokens.get(id);
  }

  /** Returns the token of the secret with this digest. */
  findByDigest(digest: string): T | undefined {
    const id = this.#idByDigest.get(digest);
    return id === undefined ? undefined : this.#tokens.get(id);
  }

  /** Deletes a token. Returns false if no token has the ID. */
  delete(id: string): boolean {
    this.#revokeSecret(id);
    return this.#tokens.delete(id);
  }

  /** Returns all tokens, oldest first. */
  list(): readonly T[] {
    return this.#tokens.list();
  }

  #revokeSecret(id: string): void {
    const digest = this.#digests.get(id);
    if (digest !== undefined) this.#idByDigest.delete(digest);
    this.#digests.delete(id);
  }
}

interface Entry<T> {
  readonly value: T;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Values indexed by a secret that expires. Secrets are stored as digests. */
export class ExpiringSecrets<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #runtime: SandboxRuntime;

  constructor(runtime: SandboxRuntime) {
    this.#runtime = runtime;
  }

  /** Creates a secret for the value. */
  issue(value: T, lifetimeMs: number): string {
    const { now, randomBytes } = this.#runtime;
    const secret = createSecret(randomBytes, 32, "base64url");
    this.put(secret, value, now().getTime() + lifetimeMs);
    return secret;
  }

  /** @param expiresAt milliseconds since the epoch. */
  put(secret: string, value: T, expiresAt: number): void {
    this.#entries.set(digest(secret), { value, expiresAt });
  }

  /** Returns the value of a secret that has not expired. */
  get(secret: string): T | undefined {
    const entry = this.#entries.get(digest(secret));
    return entry && this.#runtime.now().getTime() < entry.expiresAt ? entry.value : undefined;
  }

  delete(secret: string): void {
    this.#entries.delete(digest(secret));
  }
}
