import { digest } from "./store.ts";

interface Entry<T> {
  readonly value: T;
  /** In milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What is found by a secret until it expires. Of the secret only the digest is kept. */
export class ExpiringSecrets<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  put(secret: string, value: T, expiresAt: number): void {
    this.#entries.set(digest(secret), { value, expiresAt });
  }

  get(secret: string): T | undefined {
    const entry = this.#entries.get(digest(secret));
    return entry && this.#now().getTime() < entry.expiresAt ? entry.value : undefined;
  }

  delete(secret: string): void {
    this.#entries.delete(digest(secret));
  }
}
