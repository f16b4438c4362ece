import { toTimestamp } from "../core/time.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { createJournal, type JournalContents, type OpenEntry } from "./journal.ts";
import type { HandedOver, JournalEntry, Place } from "./journal-record.ts";
import type { PendingOperation } from "./pending-operation.ts";

/** What is written down before a secret is made, for whoever comes after a run that was interrupted. */
export interface OperationJournal {
  /**
   * Writes an attempt down before it is sent. Where that is not possible it is said, and the secret
   * is made all the same: nothing here throws.
   */
  begin(attempt: PendingOperation): Promise<OpenEntry>;
  /** Whether this call is by the account that an earlier one was by; false where that is not known. */
  isAccountOf(place: Place): Promise<boolean>;
  /** What runs of this machine do, or have done, at the target of an earlier call, or of this one. */
  activityAt(place?: Place): Promise<Activity>;
  /** What the journal holds. @throws UsageError if it can't be read, or isn't safe. */
  journal(): Promise<JournalContents>;
}

export interface Activity {
  readonly running: readonly JournalEntry[];
  readonly handedOver: readonly HandedOver[];
}

const empty: JournalContents = { entries: [], running: [], handedOver: [], broken: [] };

export function createOperationJournal(
  host: Host,
  place: () => Promise<Place>,
  say: (text: string) => Promise<void>,
): OperationJournal {
  const journal = createJournal(host);
  const read = async () => (await journal?.read()) ?? empty;
  return {
    async begin(attempt) {
      try {
        const here = await place();
        const { entries } = await read();
        if (entries.some((entry) => isSameAccount(entry.place, here)))
          await say("An earlier create or renew was interrupted: tokctl recover finishes it.");
        return tolerant(host, attempt, journal?.begin(here, attempt));
      } catch (error) {
        await say(`Nothing is written down for tokctl recover: ${wordsOf(error)}`);
        return tolerant(host, attempt, undefined);
      }
    },
    async isAccountOf({ account }) {
      return account !== undefined && account === (await place()).account;
    },
    async activityAt(earlier) {
      const here = earlier ?? (await place());
      const { running, handedOver } = await read();
      return {
        running: running.filter((entry) => isSameAccount(entry.place, here)),
        handedOver: handedOver.filter((made) => isSameAccount(made.place, here)),
      };
    },
    journal: read,
  };
}

const isSameAccount = (one: Place, other: Place): boolean =>
  one.provider === other.provider && one.url === other.url && one.account === other.account;

/** A secret that is there must not be lost for a file that can't be written any more. */
function tolerant(
  host: Pick<Host, "now">,
  first: PendingOperation,
  entry: OpenEntry | undefined,
): OpenEntry {
  let attempt = first;
  const tolerate = <T>(action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      wordsOf(error);
      return undefined;
    }
  };
  return {
    lose() {
      const endedAt = toTimestamp(host.now());
      attempt = { ...attempt, sending: { ...attempt.sending, endedAt } };
      return tolerate(() => entry?.lose()) ?? attempt;
    },
    resend(next) {
      attempt = next;
      tolerate(() => entry?.resend(next));
    },
    deliver: (token) => tolerate(() => entry?.deliver(token)),
    end: () => tolerate(() => entry?.end()),
    release: () => tolerate(() => entry?.release()),
  };
}

/** @throws what is no trouble with a file. */
function wordsOf(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  throw error;
}
