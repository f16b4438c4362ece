import type { Stats } from "node:fs";
import { open, rm } from "node:fs/promises";

/** A file that was not there before, which only its owner can read. */
export interface FreshFile {
  /** Gives it the owner and the mode of another. */
  resemble(stats: Stats): Promise<void>;
  /** Writes all of it, and sees it onto the disk. */
  fill(content: Buffer): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
}

/** More than any secret is long. */
const margin = 4096;

/**
 * Makes a file, with room on the disk for so many bytes and a secret: so that a full disk is
 * noticed while nothing is lost. @throws the file system's own error; EEXIST if it is there.
 */
export async function createFresh(path: string, size = 0): Promise<FreshFile> {
  const file = await open(path, "wx", 0o600);
  const discard = async () => {
    await file.close().catch(() => {});
    await rm(path, { force: true });
  };
  try {
    await file.write(Buffer.alloc(size + margin), 0, size + margin, 0);
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    discard,
    async resemble({ uid, gid, mode }) {
      await file.chown(uid, gid);
      await file.chmod(mode & 0o777);
    },
    async fill(content) {
      await file.writeFile(content);
      await file.truncate(content.length);
      await file.sync();
      await file.close();
    },
  };
}
