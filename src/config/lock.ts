import { createHash } from "node:crypto";
import {
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { ConflictError, InterruptedError } from "../errors.ts";
import type { Host, ProcessIdentity } from "../host/host.ts";
import { makeDirectory } from "./directories.ts";
import { codeOf, isMissing } from "./json-file.ts";

/** What a lock needs of the world. */
export type LockHost = Pick<
  Host,
  "now" | "platform" | "sleep" | "interrupt" | "process" | "isRunning" | "randomBytes"
>;

/** Milliseconds between two attempts to take a lock. */
const pause = 20;
/** Milliseconds by which the clocks of two machines that share a folder may differ. */
const clockDifference = 60_000;

/** The process that holds a lock. */
interface Holder extends ProcessIdentity {
  /** Milliseconds for which it holds the lock at most. */
  readonly lasts: number;
}

/** A lock as it was seen at one moment. */
interface Sight {
  /** Tells this lock from every later one at the same path. */
  readonly identity: string;
  /** Undefined for a file that no lock of this version made. */
  readonly holder: Holder | undefined;
  /** In milliseconds since 1970. */
  readonly createdAt: number;
}

/**
 * Runs `work` while no other process runs its own under the same path. A symbolic link is the lock:
 * it is made in one step together with its text, which names the holder.
 *
 * A lock is removed only by its holder, or once its holder has ended. A holder on another machine or
 * in another container, and one whose start the system does not tell, has ended when its lock is
 * still there after the time for which it said that it would hold it.
 *
 * @param lasts milliseconds that `work` takes at most; for a little longer another holder is awaited.
 * @throws ConflictError if another process keeps the lock; InterruptedError on ^C while waiting; the
 * file system's own error if no lock can be made.
 */
export async function withLock<T>(
  path: string,
  host: LockHost,
  lasts: number,
  work: () => Promise<T>,
): Promise<T> {
  makeDirectory(dirname(path));
  const lock = createLock(host, lasts);
  const heedsInterrupt = !host.interrupt.aborted;
  while (!lock.take(path)) {
    if (lock.waited() > lasts + 5000) throw heldError(path, lock.holderOf(path), lock.waited());
    if (heedsInterrupt && host.interrupt.aborted)
      throw new InterruptedError(`Stopped while waiting for the lock ${path}.`, host.interrupt);
    await lock.wait();
  }
  try {
    return await work();
  } finally {
    lock.release(path);
  }
}

function createLock(host: LockHost, lasts: number) {
  const self = host.process;
  const nonce = Buffer.from(host.randomBytes(8)).toString("hex");
  const text = [self.id, self.begun ?? "", lasts, nonce, self.machine].join(":");
  const firstSeen = new Map<string, number>();
  let waited = 0;

  function isOver({ identity, holder, createdAt }: Sight): boolean {
    const isHere = holder !== undefined && holder.machine === self.machine;
    const isSelf = isHere && holder.id === self.id && holder.begun === self.begun;
    if (isHere && !isSelf && !host.isRunning(holder)) return true;
    if (isHere && holder.begun !== undefined) return false;
    const since = firstSeen.get(identity);
    if (since === undefined) firstSeen.set(identity, waited);
    const most = holder?.lasts ?? lasts;
    const age = host.now().getTime() - createdAt;
    return waited - (since ?? waited) > most || (!isHere && age > most + clockDifference);
  }

  function take(path: string): boolean {
    if (create(path, text, host.platform)) return true;
    const seen = look(path);
    if (seen && !(isOver(seen) && removeOver(path, seen))) return false;
    return create(path, text, host.platform);
  }

  /**
   * Removes the lock of a holder that has ended, one process at a time: under a lock that is named
   * after that very lock, so that whoever comes late finds another one in its place and leaves it.
   */
  function removeOver(path: string, seen: Sight): boolean {
    const digest = createHash("sha256").update(seen.identity).digest("hex").slice(0, 16);
    const breaker = `${path}.${digest}`;
    if (!take(breaker)) return false;
    try {
      if (look(path)?.identity === seen.identity) rmSync(path, { recursive: true, force: true });
    } finally {
      rmSync(breaker, { force: true });
    }
    return true;
  }

  return {
    take(path: string): boolean {
      const taken = take(path);
      // Only a wait can have met what a killed process left of a removal.
      if (taken && firstSeen.size + waited > 0) sweep(path);
      return taken;
    },
    release(path: string): void {
      if (textOf(path) === text) rmSync(path, { force: true });
    },
    async wait() {
      await host.sleep(pause);
      waited += pause;
    },
    waited: () => waited,
    holderOf: (path: string) => look(path)?.holder,
  };

  function sweep(path: string): void {
    const prefix = `${basename(path)}.`;
    for (const name of readdirSync(dirname(path))) {
      if (!name.startsWith(prefix) || !/\.[0-9a-f]{16}$/.test(name)) continue;
      const left = join(dirname(path), name);
      const seen = look(left);
      if (seen && isOver(seen)) removeOver(left, seen);
    }
  }
}

/** False if there is something at the path. @throws the file system's own error. */
function create(path: string, text: string, platform: string): boolean {
  try {
    if (platform !== "win32") symlinkSync(text, path);
    else writeFileSync(path, text, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    // There are file systems without symbolic links.
    if (
      platform === "win32" ||
      !["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"].includes(codeOf(error))
    )
      throw error;
    return create(path, text, "win32");
  }
}

/** Undefined if there is nothing. */
function look(path: string): Sight | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  const text = stats && textOf(path);
  if (!stats || text === undefined) return undefined;
  return {
    identity: `${stats.ino} ${stats.mtimeNs} ${text}`,
    holder: parseHolder(text),
    createdAt: Number(stats.mtimeMs),
  };
}

/** What a lock says; "" for a folder, undefined if there is nothing. */
function textOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
  }
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return isMissing(error) ? undefined : "";
  }
}

function parseHolder(text: string): Holder | undefined {
  const [, id, begun, lasts, machine] = /^(\d+):(\d*):(\d+):[0-9a-f]+:(.*)$/s.exec(text) ?? [];
  if (machine === undefined) return undefined;
  return { id: Number(id), begun: begun || undefined, lasts: Number(lasts), machine };
}

function heldError(path: string, holder: Holder | undefined, waited: number): ConflictError {
  const who = holder
    ? `process ${holder.id} on ${holder.machine.split(" ")[0]}`
    : "another process";
  return new ConflictError(
    `The lock ${path} is held by ${who}: timed out after ${Math.round(waited / 1000)}s.`,
    {
      hint: `Wait for that process to end, and try again. If it is no tokctl, remove the lock: rm '${path}'`,
    },
  );
}
