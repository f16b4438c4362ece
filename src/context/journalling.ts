import {
  createJournal,
  type Leftovers,
  type Open,
  type Other,
  type Place,
} from "../config/journal.ts";
import type { Attempt } from "../core/attempt.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

/** What is written down before a secret is made, for whoever comes after a run that was cut off. */
export interface Journalling {
  /**
   * Writes an attempt down before it is sent. Where that is not possible it is said, and the secret
   * is made all the same: nothing here throws.
   */
  begin(attempt: Attempt): Promise<Open>;
  /** Whether this call is by the account that an earlier one was by; false where that is not known. */
  isAccountOf(place: Place): Promise<boolean>;
  /** What other runs make, or have made while something was open, at the place of an earlier call, or of this one. */
  othersAt(place?: Place): Promise<readonly Other[]>;
  /** What runs have left that are over. @throws UsageError if it can't be read. */
  unfinished(): Promise<Leftovers>;
}

export function createJournalling(
  host: Host,
  place: () => Promise<Place>,
  say: (text: string) => Promise<void>,
): Journalling {
  const journal = createJournal(host);
  const unfinished = async () =>
    (await journal?.unfinished()) ?? { entries: [], others: [], broken: [] };
  return {
    async begin(attempt) {
      try {
        if ((await unfinished()).entries.length > 0)
          await say("An earlier create or renew was cut off: tokctl recover finishes it.");
        const entry = journal?.begin(await place(), attempt);
        return {
          deliver: (token) => tolerate(() => entry?.deliver(token)),
          end: () => tolerate(() => entry?.end()),
        };
      } catch (error) {
        await say(`Nothing is written down for tokctl recover: ${wordsOf(error)}`);
        return { deliver() {}, end() {} };
      }
    },
    async isAccountOf({ account }) {
      return account !== undefined && account === (await place()).account;
    },
    async othersAt(earlier) {
      const here = earlier ?? (await place());
      const others = (await unfinished()).others;
      return others.filter(
        ({ place: { url, account } }) => url === here.url && account === here.account,
      );
    },
    unfinished,
  };
}

/** A secret that is there must not be lost for a file that can't be written any more. */
function tolerate(action: () => void): void {
  try {
    action();
  } catch (error) {
    wordsOf(error);
  }
}

/** @throws what is no trouble with a file. */
function wordsOf(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  throw error;
}
