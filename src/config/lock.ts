import { createHash } from "node:crypto";
import {
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { quoteWord } from "../core/quoting.ts";
import { isMissingFile, systemCodeOf } from "../core/system-errors.ts";
import { toHex } from "../core/text.ts";
import { ConflictError, InterruptedError } from "../errors.ts";
import type { Host, ProcessIdentity } from "../host.ts";
import { findStateDirectory, makeDirectory } from "./directories.ts";

/** The parts of the host that a lock uses. */
export type LockHost = Pick<
  Host,
  "now" | "platform" | "sleep" | "interrupt" | "process" | "isRunning" | "randomBytes"
>;

/** Milliseconds that reading and writing a small file take at most. */
export const smallFileLockMs = 5000;

/** Additional milliseconds to wait after the holder's own limit. */
const graceMs = 5000;
/** Milliseconds between two attempts to take a lock. */
const pollMs = 20;
/**
 * The largest expected difference between the clocks of two machines that share a directory, in
 * milliseconds.
 */
const clockDifferenceMs = 60_000;

/** The process that holds a lock. */
interface Holder extends ProcessIdentity {
  /** Maximum milliseconds for which it holds the lock. */
  readonly limitMs: number;
}

/** The state of a lock at one moment. */
interface LockState {
  /** Distinguishes this lock from later locks at the same path. */
  readonly identity: string;
  /** Undefined for a lock in an unknown format. */
  readonly holder: Holder | undefined;
  /** In milliseconds since 1970. */
  readonly createdAt: number;
}

/**
 * Runs `work` while no other process holds the lock at `path`. The lock is a symbolic link whose
 * text identifies the holder, because a link and its text are created atomically. A lock is removed
 * by its holder, or by another process once the holder has ended. A holder on another machine or in
 * another container, and one without a known start time, counts as ended if its lock still exists
 * after the holder's own limit.
 * @param limitMs milliseconds that `work` takes at most, and (plus 5 s) to wait for another holder.
 * @throws ConflictError if another process keeps the lock; InterruptedError if interrupted while
 * waiting; the file system's error if no lock can be created.
 */
export async function withLock<T>(
  path: string,
  host: LockHost,
  limitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  makeDirectory(dirname(path));
  const lock = createLock(host, limitMs);
  const isInterruptible = !host.interrupt.aborted;
  while (!lock.take(path)) {
    if (lock.waitedMs() > limitMs + graceMs)
      throw heldError(path, lock.holderOf(path), lock.waitedMs());
    if (isInterruptible && host.interrupt.aborted)
      throw new InterruptedError(`Interrupted while waiting for the lock ${path}.`, host.interrupt);
    await lock.wait();
  }
  try {
    lock.removeOldRemovalLocks(path);
    return await work();
  } finally {
    lock.release(path);
  }
}

/**
 * Runs `work` on a small file of the user while no other process does. The lock is in the state
 * directory, because the directory of the file may be read-only. Without a writable state
 * directory, `work` runs without a lock.
 * @throws what `withLock` and `work` throw.
 */
export async function withFileLock<T>(
  path: string,
  host: LockHost & Pick<Host, "env">,
  work: () => Promise<T>,
): Promise<T> {
  const file = findRealPath(path);
  return file === undefined ? work() : withNamedLock(file, host, smallFileLockMs, work);
}

/** Returns the path without links in its directory; undefined if the directory can't be read. */
function findRealPath(path: string): string | undefined {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch (error) {
    if (isUnlockable(error)) return undefined;
    throw error;
  }
}

/**
 * Runs `work` while no other process of this user does under the same name. The lock is in the state
 * directory. Without a writable state directory, `work` runs without a lock.
 * @param name any text.
 * @param limitMs see `withLock`.
 * @throws what `withLock` and `work` throw.
 */
export async function withNamedLock<T>(
  name: string,
  host: LockHost & Pick<Host, "env">,
  limitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const state = findStateDirectory(host);
  if (state === undefined) return work();
  let isRunning = false;
  const run = () => {
    isRunning = true;
    return work();
  };
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 32);
  try {
    return await withLock(join(state, "locks", digest), host, limitMs, run);
  } catch (error) {
    if (isRunning || !isUnlockable(error)) throw error;
    return work();
  }
}

const isUnlockable = (error: unknown): boolean =>
  isMissingFile(error) || unwritable.includes(systemCodeOf(error));

/** Error codes of a directory that allows no new lock. */
const unwritable: readonly string[] = ["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"];

function createLock(host: LockHost, limitMs: number) {
  const self = host.process;
  const nonce = toHex(host.randomBytes(8));
  const text = [self.id, self.startTime ?? "", limitMs, nonce, self.machine].join(":");
  const firstSeen = new Map<string, number>();
  let waited = 0;

  function isOver({ identity, holder, createdAt }: LockState): boolean {
    const isHere = holder !== undefined && holder.machine === self.machine;
    const isSelf = isHere && holder.id === self.id && holder.startTime === self.startTime;
    if (isHere && !isSelf && !host.isRunning(holder)) return true;
    if (isHere && holder.startTime !== undefined) return false;
    const since = firstSeen.get(identity);
    if (since === undefined) firstSeen.set(identity, waited);
    const most = holder?.limitMs ?? limitMs;
    const age = host.now().getTime() - createdAt;
    return waited - (since ?? waited) > most || (!isHere && age > most + clockDifferenceMs);
  }

  function take(path: string): boolean {
    if (createLockFile(path, text, host.platform)) return true;
    const state = inspect(path);
    if (state && !(isOver(state) && removeOver(path, state))) return false;
    return createLockFile(path, text, host.platform);
  }

  /**
   * Removes the lock of a holder that has ended. A second lock, named after the identity of the
   * first, ensures that only one process at a time does this. A later process finds another
   * identity and removes nothing.
   */
  function removeOver(path: string, state: LockState): boolean {
    const digest = createHash("sha256").update(state.identity).digest("hex").slice(0, 16);
    const removalLock = `${path}.${digest}`;
    if (!take(removalLock)) return false;
    try {
      if (inspect(path)?.identity === state.identity)
        rmSync(path, { recursive: true, force: true });
    } finally {
      rmSync(removalLock, { force: true });
    }
    return true;
  }

  return {
    take,
    release(path: string): void {
      if (textOf(path) === text) rmSync(path, { force: true });
    },
    async wait() {
      await host.sleep(pollMs);
      waited += pollMs;
    },
    waitedMs: () => waited,
    holderOf: (path: string) => inspect(path)?.holder,
    /** A process killed between removing a lock and its removal lock leaves the second one. */
    removeOldRemovalLocks(path: string): void {
      const prefix = `${basename(path)}.`;
      for (const name of readdirSync(dirname(path))) {
        if (!name.startsWith(prefix) || !/\.[0-9a-f]{16}$/.test(name)) continue;
        const left = join(dirname(path), name);
        const state = inspect(left);
        if (state && isOver(state)) removeOver(left, state);
      }
    },
  };
}

/** Returns false if the path exists. @throws the file system's error */
function createLockFile(path: string, text: string, platform: string): boolean {
  try {
    if (platform !== "win32") symlinkSync(text, path);
    else writeFileSync(path, text, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === "EEXIST") return false;
    // Not every file system has symbolic links.
    if (platform === "win32" || !["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"].includes(code))
      throw error;
    return createLockFile(path, text, "win32");
  }
}

/** Returns undefined if there is no lock. */
function inspect(path: string): LockState | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  const text = stats && textOf(path);
  if (!stats || text === undefined) return undefined;
  return {
    identity: `${stats.ino} ${stats.mtimeNs} ${text}`,
    holder: parseHolder(text),
    createdAt: Number(stats.mtimeMs),
  };
}

/** Returns the text of a lock: "" for a directory, undefined if nothing exists. */
function textOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isMissingFile(error)) return undefined;
  }
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return isMissingFile(error) ? undefined : "";
  }
}

function parseHolder(text: string): Holder | undefined {
  const [, id, startTime, limit, machine] = /^(\d+):(\d*):(\d+):[0-9a-f]+:(.*)$/s.exec(text) ?? [];
  if (machine === undefined) return undefined;
  return { id: Number(id), startTime: startTime || undefined, limitMs: Number(limit), machine };
}

function heldError(path: string, holder: Holder | undefined, waitedMs: number): ConflictError {
  const process = holder
    ? `process ${holder.id} on ${holder.machine.split(" ")[0]}`
    : "another process";
  return new ConflictError(
    `The lock ${path} is held by ${process}: timed out after ${Math.round(waitedMs / 1000)}s.`,
    {
      hint: [
        "Wait until that process ends, and try again.",
        `If it is not a tokctl process, remove the lock: rm ${quoteWord(path)}`,
      ],
    },
  );
}
