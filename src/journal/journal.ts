import { join } from "node:path";
import { findStateDirectory } from "../config/directories.ts";
import { toTimestamp } from "../core/time.ts";
import { UsageError } from "../errors.ts";
import type { ProcessIdentity } from "../host.ts";
import type {
  DeliveredSecret,
  JournalEntry,
  OperationTarget,
  OwnedEntry,
} from "./journal-entry.ts";
import {
  checkJournalFolder,
  type EntryFileName,
  fileStats,
  listEntryFiles,
  removeAbandonedTemporaryFiles,
  removeFile,
} from "./journal-folder.ts";
import {
  claimEntry,
  createEntry,
  ignoreFileErrors,
  isOpenHere,
  type JournalFiles,
  type JournalHost,
  type OpenEntry,
} from "./open-entry.ts";
import type { PendingOperation } from "./pending-operation.ts";

/** The journal of creates and renews: one file per operation, until its secret is delivered. */
export interface Journal {
  /**
   * Writes an entry before the request is sent. Never throws: if the entry can't be written, it
   * prints a note and the operation continues without one.
   */
  begin(operation: PendingOperation): Promise<OpenEntry>;
  /** Whether this session uses the account of an earlier operation; false if that is unknown. */
  isSameAccount(target: OperationTarget): Promise<boolean>;
  /**
   * Returns the operations of this machine with the same account.
   * @param target the account's; by default that of this session. @throws UsageError
   */
  activity(target?: OperationTarget): Promise<JournalActivity>;
  /** Reads all entries. @throws UsageError if the journal can't be read, or others can write to it. */
  read(): Promise<JournalContents>;
}

/** The operations of one account on this machine. */
export interface JournalActivity {
  /** Operations of other processes that have not ended. */
  readonly running: readonly JournalEntry[];
  /** Secrets delivered in the last hour, or longer ago if the journal still has entries. */
  readonly delivered: readonly DeliveredSecret[];
  /** Entries of processes that have ended; the oldest first. */
  readonly entries: readonly JournalEntry[];
}

/** Everything in the journal. */
export interface JournalContents extends JournalActivity {
  readonly entries: readonly InterruptedEntry[];
  /** The error of each invalid file. */
  readonly broken: readonly UsageError[];
}

/** An entry of a process that ended before it closed the entry. */
export interface InterruptedEntry extends JournalEntry {
  /** The ID of the entry. Commands also accept the beginning of it. */
  readonly id: string;
  /**
   * Claims the entry.
   * @returns undefined if another process claimed it first.
   * @throws UsageError
   */
  claim(): OpenEntry | undefined;
}

/** Milliseconds that a process may have run after its last heartbeat. */
const heartbeatTolerance = 100;
/** Milliseconds without a heartbeat after which a process on another machine counts as ended. */
const remoteTimeout = 15 * 60_000;
/** Milliseconds for which the log of delivered secrets is kept if there are no entries. */
const logRetention = 3_600_000;

const noContents: JournalContents = { entries: [], running: [], delivered: [], broken: [] };

/**
 * Opens the journal in the user's state directory. Without a state directory nothing is recorded.
 * @param currentTarget returns the target of this session.
 * @param print prints a note to stderr.
 */
export function createJournal(
  host: JournalHost,
  currentTarget: () => Promise<OperationTarget>,
  print: (text: string) => Promise<void>,
): Journal {
  const state = findStateDirectory(host);
  const files = state === undefined ? undefined : filesIn(state, host);
  const read = async () => (files ? readContents(files) : noContents);
  return {
    async begin(operation) {
      try {
        const target = await currentTarget();
        const { entries } = await read();
        if (entries.some((entry) => hasSameAccount(entry.target, target)))
          await print("An earlier create or renew was interrupted. To finish it: tokctl recover");
        const entry = files && createEntry(files, target, operation);
        return ignoreFileErrors(host, operation, entry);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        await print(
          `warning: tokctl recover will not be able to finish this operation if it is interrupted: ${error.message}`,
        );
        return ignoreFileErrors(host, operation, undefined);
      }
    },
    async isSameAccount({ account }) {
      return account !== undefined && account === (await currentTarget()).account;
    },
    async activity(target) {
      const account = target ?? (await currentTarget());
      const { running, delivered, entries } = await read();
      const isOfAccount = (each: { readonly target: OperationTarget }) =>
        hasSameAccount(each.target, account);
      return {
        running: running.filter(isOfAccount),
        delivered: delivered.filter(isOfAccount),
        entries: entries.filter(isOfAccount),
      };
    },
    read,
  };
}

const filesIn = (state: string, host: JournalHost): JournalFiles => ({
  host,
  folder: join(state, "journal"),
  log: join(state, "delivered.log"),
});

const hasSameAccount = (one: OperationTarget, other: OperationTarget): boolean =>
  one.provider === other.provider && one.url === other.url && one.account === other.account;

async function readContents(files: JournalFiles): Promise<JournalContents> {
  const { host, folder, log } = files;
  checkJournalFolder(folder, host.platform);
  removeAbandonedTemporaryFiles(folder, host);
  const names = listEntryFiles(folder);
  if (names.length === 0) {
    removeOldLog(files);
    return noContents;
  }
  const { readDeliveredSecrets, readEntry } = await import("./journal-entry.ts");
  const delivered = readDeliveredSecrets(log);
  const isDelivered = (name: string) => delivered.some(({ entry }) => entry === name);
  const entries: InterruptedEntry[] = [];
  const running: JournalEntry[] = [];
  const broken: UsageError[] = [];
  for (const entryFile of names) {
    const path = join(folder, entryFile.file);
    try {
      const modifiedMs = fileStats(path)?.mtimeMs;
      const entry = readEntry(path);
      if (!entry || modifiedMs === undefined) continue;
      if (!hasEnded(files, entryFile.name, entry, modifiedMs)) {
        if (!isSameProcess(entry.process, host.process)) running.push(entry);
      } else if (isDelivered(entryFile.name)) removeFile(path);
      else entries.push(toInterrupted(files, entryFile, entry, modifiedMs));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      broken.push(error);
    }
  }
  return { entries, running, delivered, broken };
}

function removeOldLog({ host, log }: JournalFiles): void {
  const modifiedMs = fileStats(log)?.mtimeMs;
  if (modifiedMs !== undefined && host.now().getTime() - modifiedMs > logRetention) removeFile(log);
}

/** Whether the process of an entry has ended, or has closed or released the entry. */
function hasEnded(
  files: JournalFiles,
  name: string,
  { process }: OwnedEntry,
  modifiedMs: number,
): boolean {
  const { host } = files;
  if (process.machine !== host.process.machine)
    return host.now().getTime() - modifiedMs > remoteTimeout;
  return isSameProcess(process, host.process) ? !isOpenHere(files, name) : !host.isRunning(process);
}

function toInterrupted(
  files: JournalFiles,
  { name, generation }: EntryFileName,
  entry: OwnedEntry,
  modifiedMs: number,
): InterruptedEntry {
  const { operation } = entry;
  const { request } = operation;
  const endedAt = request.endedAt ?? toTimestamp(new Date(modifiedMs + heartbeatTolerance));
  const ended = { ...entry, operation: { ...operation, request: { ...request, endedAt } } };
  return {
    ...ended,
    id: name.slice(-16),
    claim: () => claimEntry(files, name, generation, ended),
  };
}

const isSameProcess = (one: ProcessIdentity, other: ProcessIdentity): boolean =>
  one.machine === other.machine && one.id === other.id && one.startTime === other.startTime;
