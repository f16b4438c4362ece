import { anySignal } from "../core/async.ts";
import { InterruptedError } from "../errors.ts";
import type { Host } from "../host/host.ts";

/** How long the keychain may take, in seconds: it may hang, or wait for somebody to unlock it. */
const patience = 3;

/** Why the keychain did not do something: its message goes on from "The keychain". */
export class KeychainError extends Error {
  override name = "KeychainError";
}

/** The host's keychain with an end to its patience. What it throws is a KeychainError. */
export interface KeychainWithTimeout {
  /** Undefined if there is no such entry. @throws InterruptedError on ^C */
  get(entry: string): Promise<string | undefined>;
  /** ^C does not stop it: what is kept must not be left half changed. */
  set(entry: string, secret: string): Promise<void>;
  /** Nor this. False if there was no such entry. */
  delete(entry: string): Promise<boolean>;
}

export function createKeychainWithTimeout({
  keychain,
  deadline,
  interrupt,
}: Pick<Host, "keychain" | "deadline" | "interrupt">): KeychainWithTimeout {
  let silent: KeychainError | undefined;
  async function ask<T>(question: (limit: AbortSignal) => Promise<T>): Promise<T> {
    // Who did not answer once is not waited for again.
    if (silent) throw silent;
    const limit = deadline(patience * 1000);
    try {
      return await question(limit);
    } catch (cause) {
      if (!limit.aborted) throw new KeychainError(`can't be used (${reasonOf(cause)})`, { cause });
      silent = new KeychainError(`did not answer within ${patience} seconds`, { cause });
      throw silent;
    }
  }
  return {
    async get(entry) {
      try {
        return await ask(async (limit) => {
          const { signal, release } = anySignal(limit, interrupt);
          return keychain.get(entry, signal).finally(release);
        });
      } catch (error) {
        if (!interrupt.aborted) throw error;
        throw new InterruptedError("Stopped while waiting for the keychain.", interrupt);
      }
    },
    set: (entry, secret) => ask((limit) => keychain.set(entry, secret, limit)),
    delete: (entry) => ask((limit) => keychain.delete(entry, limit)),
  };
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : "no reason given";
