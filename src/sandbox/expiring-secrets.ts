import type { Surroundings } from "./api.ts";
import { createSecret, digest } from "./store.ts";

interface Entry<T> {
  readonly value: T;
  /** In milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What is found by a secret until it expires. Of the secret only the digest is kept. */
export class ExpiringSecrets<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Makes a new secret, by which the value is found for so many milliseconds. */
  issue(value: T, lifetime: number): string {
    const { now, randomBytes } = this.#surroundings;
    const secret = createSecret(randomBytes, 32, "base64url");
    this.put(secret, value, now().getTime() + lifetime);
    return secret;
  }

  put(secret: string, value: T, expiresAt: number): void {
    this.#entries.set(digest(secret), { value, expiresAt });
  }

  get(secret: string): T | undefined {
    const entry = this.#entries.get(digest(secret));
    return entry && this.#surroundings.now().getTime() < entry.expiresAt ? entry.value : undefined;
  }

  delete(secret: string): void {
    this.#entries.delete(digest(secret));
  }
}
