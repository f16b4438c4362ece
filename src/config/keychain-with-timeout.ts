import { anySignal } from "../core/async.ts";
import { InterruptedError } from "../errors.ts";
import type { Host } from "../host.ts";

/** Seconds to wait for the keychain, which may hang or prompt for a password. */
const timeoutSeconds = 3;

/** A failure of the keychain. The message continues the words "The keychain". */
export class KeychainError extends Error {
  override name = "KeychainError";
}

/** The host's keychain with a timeout. Its methods throw KeychainError. */
export interface KeychainWithTimeout {
  /**
   * Returns the secret; undefined if the entry does not exist.
   * @throws InterruptedError if the run is interrupted.
   */
  get(entry: string): Promise<string | undefined>;
  /**
   * Sets the secret. An interrupt does not stop it, so that the stored credential stays consistent.
   */
  set(entry: string, secret: string): Promise<void>;
  /** Deletes the entry. Returns false if it did not exist. An interrupt does not stop it. */
  delete(entry: string): Promise<boolean>;
}

/** Adds a timeout to the host's keychain. After one timeout, all further calls fail immediately. */
export function createKeychainWithTimeout({
  keychain,
  deadline,
  interrupt,
}: Pick<Host, "keychain" | "deadline" | "interrupt">): KeychainWithTimeout {
  let timeout: KeychainError | undefined;
  async function call<T>(request: (limit: AbortSignal) => Promise<T>): Promise<T> {
    if (timeout) throw timeout;
    const limit = deadline(timeoutSeconds * 1000);
    try {
      return await request(limit);
    } catch (cause) {
      if (!limit.aborted)
        throw new KeychainError(`is not available (${reasonOf(cause)})`, { cause });
      timeout = new KeychainError(`timed out after ${timeoutSeconds}s`, { cause });
      throw timeout;
    }
  }
  return {
    async get(entry) {
      try {
        return await call(async (limit) => {
          const { signal, release } = anySignal(limit, interrupt);
          return keychain.get(entry, signal).finally(release);
        });
      } catch (error) {
        if (!interrupt.aborted) throw error;
        throw new InterruptedError("Interrupted while waiting for the keychain.", interrupt);
      }
    },
    set: (entry, secret) => call((limit) => keychain.set(entry, secret, limit)),
    delete: (entry) => call((limit) => keychain.delete(entry, limit)),
  };
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : "no reason given";
