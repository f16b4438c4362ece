import { createHash } from "node:crypto";
import type { SandboxRuntime } from "./api.ts";

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

/** What a secret is remembered as: nobody gets it back from its SHA-256. */
export function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** A new secret of so many random bytes, in the alphabet the emulated API uses. */
export function createSecret(
  randomBytes: SandboxRuntime["randomBytes"],
  size: number,
  encoding: "base64" | "base64url",
): string {
  return Buffer.from(randomBytes(size)).toString(encoding);
}

/**
 * The tokens of one emulated API, found by id or by secret without a scan.
 * Of a secret only the digest is kept, as in a real service.
 */
export class TokenStore<T extends { readonly id: string }> {
  readonly #tokens = new Catalog<T>();
  readonly #digests = new Map<string, string>();
  readonly #idByDigest = new Map<string, string>();

  /** Adds a token, or replaces the one of the same id: it keeps its place, its old secret dies. */
  put(token: T, secret: string): void {
    const secretDigest = digest(secret);
    this.#forgetSecret(token.id);
    this.#tokens.put(token);
    this.#digests.set(token.id, secretDigest);
    this.#idByDigest.set(secretDigest, token.id);
  }

  get(id: string): T | undefined {
    return this.#tokens.get(id);
  }

  /** The token whose secret has this digest. */
  findByDigest(digest: string): T | undefined {
    const id = this.#idByDigest.get(digest);
    return id === undefined ? undefined : this.#tokens.get(id);
  }

  /** Revokes a token; false if there was none. */
  delete(id: string): boolean {
    this.#forgetSecret(id);
    return this.#tokens.delete(id);
  }

  /** All tokens, oldest first. */
  list(): readonly T[] {
    return this.#tokens.list();
  }

  #forgetSecret(id: string): void {
    const digest = this.#digests.get(id);
    if (digest !== undefined) this.#idByDigest.delete(digest);
    this.#digests.delete(id);
  }
}

interface Entry<T> {
  readonly value: T;
  /** In milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What is found by a secret until it expires. Of the secret only the digest is kept. */
export class ExpiringSecrets<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #runtime: SandboxRuntime;

  constructor(runtime: SandboxRuntime) {
    this.#runtime = runtime;
  }

  /** Makes a new secret, by which the value is found for so many milliseconds. */
  issue(value: T, lifetime: number): string {
    const { now, randomBytes } = this.#runtime;
    const secret = createSecret(randomBytes, 32, "base64url");
    this.put(secret, value, now().getTime() + lifetime);
    return secret;
  }

  put(secret: string, value: T, expiresAt: number): void {
    this.#entries.set(digest(secret), { value, expiresAt });
  }

  get(secret: string): T | undefined {
    const entry = this.#entries.get(digest(secret));
    return entry && this.#runtime.now().getTime() < entry.expiresAt ? entry.value : undefined;
  }

  delete(secret: string): void {
    this.#entries.delete(digest(secret));
  }
}
