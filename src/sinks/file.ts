import { constants, type Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { stageNewFile } from "../config/atomic-file.ts";
import { systemCodeOf } from "../core/system-errors.ts";
import { notRegularFileError, parsePath, secretBytes, stageFile } from "./secret-file.ts";
import type { SecretSink } from "./sink.ts";

/** `file:PATH`: a file that contains exactly the secret. */
export function parse(argument: string): SecretSink {
  const path = parsePath(argument);
  return {
    target: { path },
    async prepare(context) {
      if (context.force) await checkReplaceable(path);
      // Without --force, the file itself is created now, so that no other process can create it
      // first.
      const staged = context.force
        ? stageFile(path, { overwriteMode: 0o600 }, context)
        : stageNewFile(path, { reserve: secretBytes });
      return {
        discard: async () => staged.discard(),
        deliver: async (secret) => staged.commit(secret.reveal()),
      };
    },
  };
}

/**
 * Checks that a file, if it exists, may be replaced.
 * @throws UsageError if it is not a regular file; EPERM if it is immutable or another user's; ELOOP
 * for a symbolic link.
 */
async function checkReplaceable(path: string): Promise<void> {
  // Even root can't open an immutable file for writing. A pipe without a reader must not block.
  const flags = constants.O_WRONLY | constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0);
  try {
    const file = await open(path, flags);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw notRegularFileError();
      await requireOwn(path, stats);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === "ENOENT") return;
    if (code === "ENXIO" || code === "EISDIR") throw notRegularFileError();
    // Its owner may replace it without write permission.
    if (code !== "EACCES") throw error;
    await requireOwn(path, await stat(path));
  }
}

/**
 * Checks the owner of a file.
 * @throws EPERM for another user's file in a directory with the sticky bit, such as /tmp.
 */
async function requireOwn(path: string, { uid }: Stats): Promise<void> {
  const { uid: self } = userInfo();
  const folder = await stat(dirname(path));
  const isSticky = (folder.mode & 0o1000) !== 0;
  if (isSticky && self > 0 && ![uid, folder.uid].includes(self))
    throw Object.assign(new Error("the file belongs to another user"), { code: "EPERM" });
}
