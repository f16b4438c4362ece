import { toTimestamp } from "../../core/time.ts";
import { UsageError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { PendingOperation } from "../pending-operation.ts";
import { createJournal, type JournalContents, type OpenEntry } from "./journal.ts";
import type { DeliveredSecret, JournalEntry, OperationTarget } from "./journal-entry.ts";

/** What is written down before a secret is made, for whoever comes after a run that was interrupted. */
export interface OperationJournal {
  /**
   * Writes an attempt down before it is sent. Where that is not possible it is said, and the secret
   * is made all the same: nothing here throws.
   */
  begin(attempt: PendingOperation): Promise<OpenEntry>;
  /** Whether this call is by the account that an earlier one was by; false where that is not known. */
  isSameAccount(place: OperationTarget): Promise<boolean>;
  /** What runs of this machine do, or have done, at the target of an earlier call, or of this one. */
  journalActivity(place?: OperationTarget): Promise<JournalActivity>;
  /** What the journal holds. @throws UsageError if it can't be read, or isn't safe. */
  journal(): Promise<JournalContents>;
}

export interface JournalActivity {
  readonly running: readonly JournalEntry[];
  readonly handedOver: readonly DeliveredSecret[];
}

const empty: JournalContents = { entries: [], running: [], handedOver: [], broken: [] };

export function createOperationJournal(
  host: Host,
  place: () => Promise<OperationTarget>,
  say: (text: string) => Promise<void>,
): OperationJournal {
  const journal = createJournal(host);
  const read = async () => (await journal?.read()) ?? empty;
  return {
    async begin(attempt) {
      try {
        const here = await place();
        const { entries } = await read();
        if (entries.some((entry) => isSameTarget(entry.place, here)))
          await say("An earlier create or renew was interrupted: tokctl recover finishes it.");
        return tolerant(host, attempt, journal?.begin(here, attempt));
      } catch (error) {
        await say(`Nothing is written down for tokctl recover: ${wordsOf(error)}`);
        return tolerant(host, attempt, undefined);
      }
    },
    async isSameAccount({ account }) {
      return account !== undefined && account === (await place()).account;
    },
    async journalActivity(earlier) {
      const here = earlier ?? (await place());
      const { running, handedOver } = await read();
      return {
        running: running.filter((entry) => isSameTarget(entry.place, here)),
        handedOver: handedOver.filter((made) => isSameTarget(made.place, here)),
      };
    },
    journal: read,
  };
}

const isSameTarget = (one: OperationTarget, other: OperationTarget): boolean =>
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
