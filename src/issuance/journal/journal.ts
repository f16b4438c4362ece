import { utimesSync } from "node:fs";
import { join } from "node:path";
import { findStateDirectory } from "../../config/directories.ts";
import {
  appendPrivateFile,
  createPrivateFile,
  writePrivateFile,
} from "../../config/private-file.ts";
import { toHex } from "../../core/text.ts";
import { toTimestamp } from "../../core/time.ts";
import { systemCodeOf, UsageError } from "../../errors.ts";
import type { Host, ProcessIdentity } from "../../host/host.ts";
import type { PendingOperation, SecretVersion } from "../pending-operation.ts";
import type {
  DeliveredSecret,
  JournalEntry,
  JournalRecord,
  OperationTarget,
} from "./journal-entry.ts";
import {
  checkJournalFolder,
  entriesIn,
  lookAt,
  removeFile,
  removeLeftTemporaries,
} from "./journal-folder.ts";

/** An entry in the journal, from before the request until its secret is where it should be. */
export interface OpenEntry {
  /** Says that the response is lost by now. @returns the attempt, with that time. @throws UsageError */
  lose(): PendingOperation;
  /** Says that another request is sent in its place, to finish it. @throws UsageError */
  resend(attempt: PendingOperation): void;
  /** Says that the secret of this token is known, and handed over from now on. @throws UsageError */
  deliver(token: SecretVersion): void;
  /** Takes it out of the journal. @throws UsageError */
  end(): void;
  /** Leaves it for a later run. */
  release(): void;
}

/** An entry that a run has left. */
export interface InterruptedEntry extends JournalEntry {
  /** What people call it by; the beginning of it will do. */
  readonly id: string;
  /** Takes it over. Undefined if another process has done so, or it is gone. @throws UsageError */
  claim(): OpenEntry | undefined;
}

/** What creates and renews have begun, a file each, until the secret is where it should be. */
export interface Journal {
  /** Writes down what is about to be sent. @throws UsageError where nothing can be kept. */
  begin(place: OperationTarget, attempt: PendingOperation): OpenEntry;
  /** What the journal holds, the oldest first. @throws UsageError if it can't be read, or isn't safe. */
  read(): Promise<JournalContents>;
}

export interface JournalContents {
  /** What runs have left that are over. */
  readonly entries: readonly InterruptedEntry[];
  /** What other runs are doing. */
  readonly running: readonly JournalEntry[];
  readonly handedOver: readonly DeliveredSecret[];
  /** What is wrong with files that hold something else. */
  readonly broken: readonly UsageError[];
}

/** Milliseconds between two signs that a process is still waiting for a response. */
const beat = 50;
/** Milliseconds after its last sign for which it may have lived. */
const tolerance = 100;
/** Milliseconds without a sign after which a process of another machine is taken to be over. */
const patience = 15 * 60_000;
/** Milliseconds for which it is kept in mind what was handed over. */
const memory = 3_600_000;

/** The entries that this process has open. */
const openHere = new Set<string>();

/** The journal of this person; undefined where there is no place for one. */
export function createJournal(
  host: Pick<Host, "env" | "platform" | "now" | "every" | "randomBytes" | "process" | "isRunning">,
): Journal | undefined {
  const state = findStateDirectory(host);
  if (state === undefined) return undefined;
  const folder = join(state, "journal");
  const log = join(state, "handed-over.log");
  const ageOf = (path: string) =>
    host.now().getTime() - (lookAt(path)?.mtimeMs ?? Number.POSITIVE_INFINITY);
  const random = () => toHex(host.randomBytes(8));
  const mark = () => `${host.process.id}-${random()}`;
  const isOver = (name: string, { process }: JournalRecord, seenAt: number): boolean => {
    const self = host.process;
    if (process.machine !== self.machine) return host.now().getTime() - seenAt > patience;
    return isSame(process, self) ? !openHere.has(join(folder, name)) : !host.isRunning(process);
  };

  function open(name: string, path: string, first: JournalRecord): OpenEntry {
    let record = first;
    let stop = () => {};
    const key = join(folder, name);
    openHere.add(key);
    const write = (changes: Partial<JournalRecord>) => {
      record = { ...record, ...changes };
      writePrivateFile(path, JSON.stringify(record), mark());
    };
    const wait = () => {
      touch(path, host.now());
      stop = host.every(beat, () => touch(path, host.now()));
    };
    if (record.attempt.sending.endedAt === null) wait();
    return {
      lose() {
        stop();
        const { sending } = record.attempt;
        const endedAt = toTimestamp(host.now());
        write({ attempt: { ...record.attempt, sending: { ...sending, endedAt } } });
        return record.attempt;
      },
      resend(attempt) {
        write({ attempt, made: undefined });
        wait();
      },
      deliver({ id, version }) {
        stop();
        write({ made: { id, version } });
      },
      end() {
        stop();
        openHere.delete(key);
        const { made, place, attempt } = record;
        try {
          if (!made) return;
          const { owner, sending } = attempt;
          const line: DeliveredSecret = { ...made, owner, at: sending.sentAt, entry: name, place };
          appendPrivateFile(log, `${JSON.stringify(line)}\n`, host.now());
        } finally {
          // Whatever the log has no room for: what is left of an entry says that its secret is lost.
          removeFile(path);
        }
      },
      release() {
        stop();
        openHere.delete(key);
      },
    };
  }

  /** Of several processes one gets it: the file of the next generation can be made only once. */
  function claim(name: string, generation: number, record: JournalRecord): OpenEntry | undefined {
    const path = join(folder, `${name}+${generation + 1}.json`);
    const own = { ...record, process: host.process };
    if (!createPrivateFile(path, JSON.stringify(own), mark())) return undefined;
    const previous = join(folder, generation === 0 ? `${name}.json` : `${name}+${generation}.json`);
    if (!lookAt(previous)) {
      // Whoever had claimed it before has ended it meanwhile.
      removeFile(path);
      return undefined;
    }
    removeFile(previous);
    return open(name, path, own);
  }

  return {
    begin(place, attempt) {
      const at = toTimestamp(host.now());
      const name = `${at.replaceAll(":", "")}-${random()}`;
      const record: JournalRecord = { at, process: host.process, place, attempt };
      const path = join(folder, `${name}.json`);
      writePrivateFile(path, JSON.stringify(record), mark());
      return open(name, path, record);
    },
    async read() {
      checkJournalFolder(folder, host.platform);
      removeLeftTemporaries(folder, host);
      const found = entriesIn(folder);
      if (found.length === 0) {
        if (ageOf(log) > memory) removeFile(log);
        return { entries: [], running: [], handedOver: [], broken: [] };
      }
      const { readHandedOver, readRecord } = await import("./journal-entry.ts");
      const handedOver = readHandedOver(log);
      const contents = {
        entries: [] as InterruptedEntry[],
        running: [] as JournalEntry[],
        broken: [] as UsageError[],
      };
      for (const { name, file, generation } of found)
        try {
          const path = join(folder, file);
          const seenAt = lookAt(path)?.mtimeMs;
          const record = readRecord(path);
          if (!record || seenAt === undefined) continue;
          if (!isOver(name, record, seenAt)) {
            if (!isSame(record.process, host.process)) contents.running.push(record);
          } else if (handedOver.some(({ entry }) => entry === name)) removeFile(path);
          else {
            const { attempt } = record;
            const endedAt = attempt.sending.endedAt ?? toTimestamp(new Date(seenAt + tolerance));
            const ended = {
              ...record,
              attempt: { ...attempt, sending: { ...attempt.sending, endedAt } },
            };
            contents.entries.push({
              ...ended,
              id: name.slice(-16),
              claim: () => claim(name, generation, ended),
            });
          }
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          contents.broken.push(error);
        }
      return { ...contents, handedOver };
    },
  };
}

const isSame = (one: ProcessIdentity, other: ProcessIdentity): boolean =>
  one.machine === other.machine && one.id === other.id && one.begun === other.begun;

/** Shows that its process is alive. What keeps a file from being touched only makes that less certain. */
function touch(path: string, time: Date): void {
  try {
    utimesSync(path, time, time);
  } catch (error) {
    if (systemCodeOf(error) === "") throw error;
  }
}
