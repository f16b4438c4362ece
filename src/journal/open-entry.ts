import { utimesSync } from "node:fs";
import { join } from "node:path";
import { appendPrivateFile, createPrivateFile, writePrivateFile } from "../config/private-file.ts";
import { systemCodeOf } from "../core/system-errors.ts";
import { toHex } from "../core/text.ts";
import { toTimestamp } from "../core/time.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { OperationTarget, OwnedEntry } from "./journal-entry.ts";
import { fileStats, removeFile } from "./journal-folder.ts";
import { isEphemeral, type PendingOperation, type SecretVersion } from "./pending-operation.ts";

/** A journal entry of this process, open from before the request until its secret is delivered. */
export interface OpenEntry {
  /** Records that the response was lost. @returns the operation, with the time. @throws UsageError */
  markLost(): PendingOperation;
  /** Records that a renewal failed and the token is unchanged. @throws UsageError */
  markUnchanged(): void;
  /** Records the operation that recovers this one, before its request. @throws UsageError */
  replaceOperation(operation: PendingOperation): void;
  /**
   * Records that the response arrived and its secret is being delivered, or is in use by the command
   * of an ephemeral token. @throws UsageError
   */
  markDelivering(secret: SecretVersion): void;
  /**
   * Removes the entry, and logs the secret as delivered if there is one and its token still exists.
   * @throws UsageError
   */
  close(): void;
  /** Releases the entry, so that a later run can claim it. */
  release(): void;
}

/** The functions of the host that the journal uses. */
export type JournalHost = Pick<
  Host,
  "env" | "platform" | "now" | "every" | "randomBytes" | "process" | "isRunning"
>;

/** The files of a journal. */
export interface JournalFiles {
  readonly host: JournalHost;
  readonly folder: string;
  /** The log of delivered secrets. */
  readonly log: string;
}

/** Milliseconds between two updates of the modification time of an entry that awaits a response. */
const heartbeatMs = 50;

/** The same for an entry whose command runs, so that other machines don't recover it. */
const slowHeartbeatMs = 60_000;

/** The paths of the entries that this process has open. */
const openPaths = new Set<string>();

/** Whether this process has the entry of that name open. */
export const isOpenHere = ({ folder }: JournalFiles, name: string): boolean =>
  openPaths.has(join(folder, name));

/** Writes the entry of an operation to disk. @throws UsageError if it can't be written. */
export function createEntry(
  files: JournalFiles,
  target: OperationTarget,
  operation: PendingOperation,
): OpenEntry {
  const { host, folder } = files;
  const startedAt = toTimestamp(host.now());
  const name = `${startedAt.replaceAll(":", "")}-${randomHex(host)}`;
  const entry = { startedAt, process: host.process, target, operation };
  const path = join(folder, `${name}.json`);
  writePrivateFile(path, toFileText(entry), temporaryMark(host));
  return openEntry(files, name, path, entry);
}

/**
 * Claims the entry of a run that ended. Only one of several processes can create the file of the
 * next generation.
 * @param generation the number of earlier claims.
 * @returns undefined if another process has claimed or closed it.
 * @throws UsageError
 */
export function claimEntry(
  files: JournalFiles,
  name: string,
  generation: number,
  entry: OwnedEntry,
): OpenEntry | undefined {
  const { host, folder } = files;
  const path = join(folder, `${name}+${generation + 1}.json`);
  const previous = join(folder, generation === 0 ? `${name}.json` : `${name}+${generation}.json`);
  const own = { ...entry, process: host.process };
  if (!createPrivateFile(path, toFileText(own), temporaryMark(host))) return undefined;
  const isClosed = !fileStats(previous);
  removeFile(isClosed ? path : previous);
  return isClosed ? undefined : openEntry(files, name, path, own);
}

function openEntry(
  files: JournalFiles,
  name: string,
  path: string,
  initial: OwnedEntry,
): OpenEntry {
  const { host, folder, log } = files;
  const key = join(folder, name);
  let entry = initial;
  let stopHeartbeat = () => {};
  const write = (changes: Partial<OwnedEntry>) => {
    entry = { ...entry, ...changes };
    writePrivateFile(path, toFileText(entry), temporaryMark(host));
  };
  const startHeartbeat = (milliseconds = heartbeatMs) => {
    touch(path, host.now());
    stopHeartbeat = host.every(milliseconds, () => touch(path, host.now()));
  };
  const release = () => {
    stopHeartbeat();
    openPaths.delete(key);
  };
  const endRequest = (changes: { readonly isTokenUnchanged?: true } = {}) => {
    stopHeartbeat();
    write({ operation: { ...endedAt(entry.operation, host.now()), ...changes } });
    return entry.operation;
  };
  openPaths.add(key);
  if (entry.operation.request.endedAt === null) startHeartbeat();
  return {
    markLost: () => endRequest(),
    markUnchanged: () => void endRequest({ isTokenUnchanged: true }),
    replaceOperation(operation) {
      write({ operation, issued: undefined });
      startHeartbeat();
    },
    markDelivering({ id, version }) {
      stopHeartbeat();
      const issued = { id, version };
      if (!isEphemeral(entry.operation)) return write({ issued });
      write({ issued, operation: endedAt(entry.operation, host.now()) });
      startHeartbeat(slowHeartbeatMs);
    },
    close() {
      release();
      try {
        logDelivered(log, name, entry, host);
      } finally {
        // Removed even if the log can't be written, because the entry would report a lost secret.
        removeFile(path);
      }
    },
    release,
  };
}

function logDelivered(
  log: string,
  name: string,
  { issued, operation, target }: OwnedEntry,
  host: Pick<Host, "now">,
): void {
  if (!issued || isEphemeral(operation)) return;
  const { owner, request } = operation;
  const line = { ...issued, owner, at: request.sentAt, entry: name, place: target };
  appendPrivateFile(log, `${JSON.stringify(line)}\n`, host.now());
}

/** The JSON of an entry's file: its keys are those of the schema in journal-entry.ts. */
function toFileText({ startedAt, process, target, operation, issued }: OwnedEntry): string {
  return JSON.stringify({
    at: startedAt,
    process,
    place: target,
    attempt: toAttempt(operation),
    made: issued,
  });
}

function toAttempt({ request, ...operation }: PendingOperation): object {
  if (operation.kind === "renew") return { ...operation, sending: request };
  const { existingIds, ...create } = operation;
  return { ...create, sending: request, known: existingIds };
}

const endedAt = (operation: PendingOperation, time: Date): PendingOperation => ({
  ...operation,
  request: { ...operation.request, endedAt: toTimestamp(time) },
});

/** Part of the name of a temporary file: its process, and a random number. */
const temporaryMark = (host: JournalHost): string => `${host.process.id}-${randomHex(host)}`;
const randomHex = ({ randomBytes }: JournalHost): string => toHex(randomBytes(8));

/** Updates the heartbeat of an entry. File errors are ignored. */
function touch(path: string, time: Date): void {
  try {
    utimesSync(path, time, time);
  } catch (error) {
    if (systemCodeOf(error) === "") throw error;
  }
}

/**
 * Wraps an entry so that file errors are ignored, because a secret must not be lost if its entry
 * can't be written.
 * @param entry undefined if no entry could be created.
 */
export function ignoreFileErrors(
  host: Pick<Host, "now">,
  initial: PendingOperation,
  entry: OpenEntry | undefined,
): OpenEntry {
  let operation = initial;
  const attempt = <T>(action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  };
  return {
    markLost() {
      operation = endedAt(operation, host.now());
      return attempt(() => entry?.markLost()) ?? operation;
    },
    markUnchanged: () => attempt(() => entry?.markUnchanged()),
    replaceOperation(next) {
      operation = next;
      attempt(() => entry?.replaceOperation(next));
    },
    markDelivering: (secret) => attempt(() => entry?.markDelivering(secret)),
    close: () => attempt(() => entry?.close()),
    release: () => attempt(() => entry?.release()),
  };
}
