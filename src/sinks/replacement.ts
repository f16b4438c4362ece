import { constants, type Stats } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SinkContext } from "./sink.ts";

/** A file beside another, with room on the disk, that is to take its place. */
export interface Replacement {
  /** Gives it the owner and the mode of another. */
  copyOwnership(stats: Stats): Promise<void>;
  /** Writes the content and puts it in place. @throws the file system's own error */
  fill(content: Buffer): Promise<void>;
  /** Removes what was prepared. */
  discard(): Promise<void>;
}

/** More bytes than any secret is long. */
const margin = 4096;

/** A file that can't be replaced: a mount point, or in a folder that others own. */
const unreplaceable = ["EBUSY", "EPERM", "EACCES", "EXDEV"];
/** A folder in which no file can be made. */
const unwritable = ["EACCES", "EPERM", "EROFS"];

/**
 * Makes a new file of mode 0600 with room for `size` bytes and a secret, so that a full disk shows
 * while nothing is lost. @throws the file system's own error; EEXIST if the file is there.
 */
export async function createFile(path: string, size = 0): Promise<Replacement> {
  const file = await open(path, "wx", 0o600);
  const discard = async () => {
    // There are folders in which files can be made, but not removed: no secret is left in it.
    const flags = constants.O_WRONLY | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);
    await open(path, flags).then(
      (left) => left.close(),
      () => {},
    );
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
    async copyOwnership({ uid, gid, mode }) {
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

/** The file that is to be replaced. */
interface Replaced {
  readonly exists: boolean;
  /** Bytes that the new content has besides the secret. */
  readonly size?: number;
  /** The mode that it gets where it is written itself; without it, it keeps its own. */
  readonly mode?: number;
}

/**
 * Prepares to replace a file, or to make it, by a new one beside it. Where that is not possible (a
 * bind mount, a folder that may not be written) the file itself is written, which must be there.
 */
export async function prepareReplacement(
  path: string,
  { exists, size = 0, mode }: Replaced,
  { randomBytes }: Pick<SinkContext, "randomBytes">,
): Promise<Replacement> {
  const beside = join(dirname(path), `.tokctl-${Buffer.from(randomBytes(8)).toString("hex")}`);
  const fresh = await createFile(beside, size).catch((error: NodeJS.ErrnoException) => {
    if (exists && unwritable.includes(error.code ?? "")) return undefined;
    throw error;
  });
  if (!fresh)
    return {
      discard: async () => {},
      copyOwnership: async () => {},
      fill: (content) => overwrite(path, content, mode),
    };
  return {
    ...fresh,
    async fill(content) {
      await fresh.fill(content);
      try {
        await rename(beside, path);
      } catch (error) {
        if (!unreplaceable.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
        await overwrite(path, content, mode);
        await fresh.discard().catch(() => {});
      }
    },
  };
}

/** Writes into a file, not through a link. What it held comes back if that fails. */
async function overwrite(path: string, content: Buffer, mode?: number): Promise<void> {
  const file = await open(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  try {
    if (mode !== undefined) await file.chmod(mode);
    const old = await file.readFile();
    try {
      await write(file, content);
    } catch (error) {
      await write(file, old).catch(() => {});
      throw error;
    }
  } finally {
    await file.close();
  }
}

async function write(file: FileHandle, content: Buffer): Promise<void> {
  await file.write(content, 0, content.length, 0);
  await file.truncate(content.length);
  await file.sync();
}
