import { constants, type Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { type StagedFile, stageNewFile } from "../config/atomic-file.ts";
import { systemCodeOf } from "../core/system-errors.ts";
import { UsageError } from "../errors.ts";
import { openRecordFile, type RecordFile, readRecordFile, recordSuffix } from "./record-file.ts";
import { notRegularFileError, parsePath, secretBytes, stageFile } from "./secret-file.ts";
import type { Delivery, RecordingSink } from "./sink.ts";
import { deliverWithRecord } from "./token-record.ts";

/**
 * `file:PATH`: a file that contains exactly the secret. `PATH.tokctl.json` beside it records the
 * token.
 */
export function parse(argument: string): RecordingSink {
  const path = parsePath(argument);
  if (path.endsWith(recordSuffix))
    throw new UsageError(`names that end with ${recordSuffix} are reserved for records.`, {
      hint: "Choose another path.",
    });
  return {
    target: { path },
    recordedToken: async () => readRecordFile(path),
    async prepare(context) {
      if (context.force) await checkReplaceable(path);
      // Without --force, the file itself is created now, so that no other process can create it
      // first.
      const staged = context.force
        ? stageFile(path, { overwriteMode: 0o600 }, context)
        : stageNewFile(path, { reserve: secretBytes });
      try {
        return toDelivery(staged, openRecordFile(path, context), (work) =>
          context.withFileLock(path, work),
        );
      } catch (error) {
        staged.discard();
        throw error;
      }
    },
  };
}

const toDelivery = (
  staged: StagedFile,
  records: RecordFile | undefined,
  lock: (work: () => Promise<void>) => Promise<void>,
): Delivery => ({
  async discard() {
    staged.discard();
    records?.discard();
  },
  async deliver(secret, record) {
    const write = async () => staged.commit(secret.reveal());
    if (records)
      await lock(() => deliverWithRecord(records, record, write, { isRestorable: true }));
    else await write();
  },
});

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
