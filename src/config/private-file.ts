import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../errors.ts";
import { makeDirectory } from "./directories.ts";
import { codeOf, isMissing, toFileError } from "./json-file.ts";

/**
 * The text of a file that nobody else can read; undefined if there is none.
 * @throws UsageError for one that others can read, or a link.
 */
export function readPrivateFile(path: string, platform: string): string | undefined {
  const file = readUnlinked(path);
  // On Windows the mode says nothing about who may read.
  if (file && platform !== "win32" && (file.mode & 0o077) !== 0)
    throw new UsageError(`${path} holds a credential that others on this machine can read.`, {
      hint: `Renew the credential if they may have, and run: chmod 600 '${path}'`,
    });
  return file?.text;
}

/** Follows no link and waits for nobody at the other end of a pipe. There are no such flags on Windows. */
const unblocked = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** @throws EINVAL for a pipe or device, from which reading may never end. */
function requireFile(file: number): void {
  if (!fstatSync(file).isFile())
    throw Object.assign(new Error("it is no file"), { code: "EINVAL" });
}

/**
 * A file, whoever may read it, with the mode of the very file that was read, so that nothing can be
 * put in its place in between. @throws UsageError for a link.
 */
export function readUnlinked(
  path: string,
): { readonly text: string; readonly mode: number } | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | unblocked);
    requireFile(file);
    return { text: readFileSync(file, "utf8"), mode: fstatSync(file).mode };
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (codeOf(error) === "ELOOP") throw linkError(path);
    throw toFileError(error, path, "read");
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * Replaces a file at once, by a new one beside it that is on the disk before it takes its name;
 * `mark` tells it from those of other writers. Where none can take its place, a bind mount for
 * example, the file itself is written.
 */
export function writePrivateFile(path: string, text: string, mark: string): void {
  putInPlace(path, text, mark, renameSync, (error) => {
    if (!isUnreplaceable(error) || !isThere(path)) throw error;
    overwrite(path, text);
  });
}

/** More bytes than a credential takes. */
const room = 65_536;

/**
 * Takes room on the disk for a file that is to be replaced, so that a full one shows beforehand. To be
 * called under the lock of the file: what other writers have left is removed.
 * @returns what gives it back, to be called just before. @throws UsageError
 */
export function reserveRoom(path: string, mark: string): () => void {
  const reserve = `${path}.${mark}.tmp`;
  const release = () => rmSync(reserve, { force: true });
  try {
    removeTemporaries(path);
    writeFileSync(reserve, Buffer.alloc(room), { flag: "wx", mode: 0o600, flush: true });
    return release;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") release();
    throw toFileError(error, path, "written");
  }
}

/** Writes a file that must not be there yet. False if there is one: of several writers one wins. */
export function createPrivateFile(path: string, text: string, mark: string): boolean {
  let isFirst = true;
  putInPlace(path, text, mark, (fresh) => {
    try {
      linkSync(fresh, path);
    } catch (error) {
      // There are file systems without hard links.
      if (codeOf(error) !== "EEXIST" && !isThere(path)) return renameSync(fresh, path);
      isFirst = false;
    }
    rmSync(fresh, { force: true });
  });
  return isFirst;
}

function putInPlace(
  path: string,
  text: string,
  mark: string,
  place: (fresh: string, path: string) => void,
  otherwise: (error: unknown) => void = (error) => {
    throw error;
  },
): void {
  const fresh = `${path}.${mark}.tmp`;
  let left = false;
  try {
    makeDirectory(dirname(path));
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw linkError(path);
    try {
      const file = openSync(fresh, "wx", 0o600);
      left = true;
      try {
        writeFileSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      place(fresh, path);
    } catch (error) {
      if (left) rmSync(fresh, { force: true });
      otherwise(error);
    }
    syncFolder(dirname(path));
  } catch (error) {
    throw toFileError(error, path, "written");
  }
}

/** Adds a line to a file that nobody else can read, which is of that time then. */
export function appendPrivateFile(path: string, line: string, time: Date): void {
  try {
    makeDirectory(dirname(path));
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | unblocked;
    const file = openSync(path, flags, 0o600);
    try {
      requireFile(file);
      writeFileSync(file, line);
      futimesSync(file, time, time);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw toFileError(error, path, "written");
  }
}

/** Has the names in a folder written to the disk. Some file systems, and Windows, can't do that. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, constants.O_RDONLY);
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (codeOf(error) === "") throw error;
  }
}

/** Removes a file, of a link only the link. False if there was none. */
export function removePrivateFile(path: string): boolean {
  try {
    removeTemporaries(path);
    rmSync(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw toFileError(error, path, "removed");
  }
}

/** Removes what killed processes left half done of a file, which may hold a secret too. */
function removeTemporaries(path: string): void {
  const folder = dirname(path);
  for (const file of readdirSync(folder))
    if (file.startsWith(`${basename(path)}.`) && file.endsWith(".tmp"))
      rmSync(join(folder, file), { force: true });
}

/** Whether there is a file or a link, good or not. */
export function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw toFileError(error, path, "read");
  }
}

const linkError = (path: string) =>
  new UsageError(`${path} is a symbolic link; a credential is kept in no such file.`, {
    hint: "Remove the link.",
  });

/** What says that a file can't be replaced: a mount point, another user's file, a folder that may not be written. */
const unreplaceable: readonly unknown[] = ["EBUSY", "EXDEV", "EPERM", "EACCES", "EROFS"];

/** Whether a file that can't be replaced for this reason may still be written itself. */
export const isUnreplaceable = (error: unknown): boolean => unreplaceable.includes(codeOf(error));

/**
 * Writes into a file that is there, not through a link, and makes it private. What it held comes back if that fails; half of
 * it may be left only if the machine goes down meanwhile. @throws the file system's own error.
 */
export function overwrite(path: string, text: string): void {
  const file = openSync(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  try {
    // Whatever its mode was, nobody else is to read what it holds now.
    fchmodSync(file, 0o600);
    const old = readFileSync(file);
    try {
      put(file, Buffer.from(text));
    } catch (error) {
      put(file, old);
      throw error;
    }
  } finally {
    closeSync(file);
  }
}

function put(file: number, content: Buffer): void {
  for (let at = 0; at < content.length; )
    at += writeSync(file, content, at, content.length - at, at);
  ftruncateSync(file, content.length);
  fsyncSync(file);
}
