import { constants, type Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { noFileError, parsePath } from "./paths.ts";
import { createFile, prepareReplacement } from "./replacement.ts";
import type { SecretSink } from "./sink.ts";

/** `file:PATH`: a file that holds the secret and not a byte more. */
export function parse(argument: string): SecretSink {
  const path = parsePath(argument);
  return {
    target: { path },
    async prepare(context) {
      // Without --force the file itself is made, so that nobody else can make it meanwhile.
      const { fill, discard } = context.force
        ? await prepareReplacement(
            path,
            { exists: await isReplaceable(path), mode: 0o600 },
            context,
          )
        : await createFile(path);
      return { discard, deliver: (secret) => fill(Buffer.from(secret.reveal())) };
    },
  };
}

/**
 * Whether there is a file that can be replaced; false if there is none.
 * @throws UsageError for what is no file; EPERM for one that must not change; ELOOP for a link.
 */
async function isReplaceable(path: string): Promise<boolean> {
  // An immutable file can't be opened for writing even by root; a pipe without a reader must not block.
  const flags = constants.O_WRONLY | constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0);
  try {
    const file = await open(path, flags);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw noFileError();
      await requireOwn(path, stats);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return false;
    if (code === "ENXIO" || code === "EISDIR") throw noFileError();
    // Its owner may replace it without write permission.
    if (code !== "EACCES") throw error;
    await requireOwn(path, await stat(path));
    return true;
  }
}

/** @throws EPERM for another user's file in a folder where only owners may replace files, such as /tmp. */
async function requireOwn(path: string, { uid }: Stats): Promise<void> {
  const { uid: self } = userInfo();
  const folder = await stat(dirname(path));
  const isSticky = (folder.mode & 0o1000) !== 0;
  if (isSticky && self > 0 && ![uid, folder.uid].includes(self))
    throw Object.assign(new Error("the file belongs to another user"), { code: "EPERM" });
}
