import { createHash } from "node:crypto";
import type { Surroundings } from "./api.ts";

/** What a secret is remembered as: nobody gets it back from its SHA-256. */
export function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** A new secret of so many random bytes, in the alphabet the emulated API uses. */
export function createSecret(
  randomBytes: Surroundings["randomBytes"],
  size: number,
  encoding: "base64" | "base64url",
): string {
  return Buffer.from(randomBytes(size)).toString(encoding);
}

interface Entry<T> {
  readonly token: T;
  readonly digest: string;
}

/**
 * The tokens of one emulated API, found by id or by secret without a scan.
 * Of a secret only the digest is kept, as in a real service.
 */
export class TokenStore<T extends { readonly id: string }> {
  readonly #byId = new Map<string, Entry<T>>();
  readonly #byDigest = new Map<string, Entry<T>>();

  /** Adds a token, or replaces the one of the same id: it keeps its place, its old secret dies. */
  put(token: T, secret: string): void {
    const entry = { token, digest: digest(secret) };
    this.#forgetSecret(token.id);
    this.#byId.set(token.id, entry);
    this.#byDigest.set(entry.digest, entry);
  }

  get(id: string): T | undefined {
    return this.#byId.get(id)?.token;
  }

  /** The token a presented credential belongs to. */
  withSecret(secret: string): T | undefined {
    return this.#byDigest.get(digest(secret))?.token;
  }

  /** Revokes a token; false if there was none. */
  delete(id: string): boolean {
    this.#forgetSecret(id);
    return this.#byId.delete(id);
  }

  /** All tokens, oldest first. */
  list(): readonly T[] {
    return Array.from(this.#byId.values(), (entry) => entry.token);
  }

  #forgetSecret(id: string): void {
    const entry = this.#byId.get(id);
    if (entry) this.#byDigest.delete(entry.digest);
  }
}
