import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Host } from "../host/host.ts";
import { findStateDirectory } from "./directories.ts";
import { codeOf, isMissing } from "./json-file.ts";
import { type LockHost, withLock } from "./lock.ts";

/** Milliseconds that reading and writing a small file take at most. */
const lasts = 5000;

/**
 * Runs `work` on somebody's file while no other process of the same user runs its own on it. The lock is in the
 * state folder, for the file's own may not be writable; where there is none, `work` runs all the same.
 */
export async function withFileLock<T>(
  path: string,
  host: LockHost & Pick<Host, "env">,
  work: () => Promise<T>,
): Promise<T> {
  const state = findStateDirectory(host);
  if (state === undefined) return work();
  let isRunning = false;
  const run = () => {
    isRunning = true;
    return work();
  };
  try {
    const file = join(await realpath(dirname(path)), basename(path));
    const name = createHash("sha256").update(file).digest("hex").slice(0, 32);
    return await withLock(join(state, "locks", name), host, lasts, run);
  } catch (error) {
    const isUnlockable = isMissing(error) || unwritable.includes(codeOf(error));
    if (isRunning || !isUnlockable) throw error;
    return work();
  }
}

/** What says that no lock can be made. */
const unwritable: readonly string[] = ["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"];
