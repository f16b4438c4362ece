import {
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { quoteWord } from "../core/quoting.ts";
import { isMissingFile, systemCodeOf, toFileError } from "../core/system-errors.ts";
import { UsageError } from "../errors.ts";
import { createWholeFile, replaceFile, requireRegularFile, stageNewFile } from "./atomic-file.ts";
import { makeDirectory } from "./directories.ts";

/**
 * Reads a file that only its owner can read; undefined if it does not exist.
 * @throws UsageError if others can read it, or it is a symbolic link.
 */
export function readPrivateFile(path: string, platform: string): string | undefined {
  const file = readUnlinked(path);
  // On Windows the mode has no permissions.
  if (file && platform !== "win32" && (file.mode & 0o077) !== 0)
    throw new UsageError(`${path} contains a credential, and other users can read it.`, {
      hint: `Renew the credential if they may have read it, and run: chmod 600 ${quoteWord(path)}`,
    });
  return file?.text;
}

/**
 * Flags to follow no symbolic link, and not to wait for the other end of a pipe. Windows has no
 * such flags.
 */
const nonBlocking = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Reads a file and its mode through one descriptor, so that the file can't be exchanged between the
 * two.
 * @returns undefined if the file does not exist.
 * @throws UsageError for a symbolic link, or a file that can't be read.
 */
export function readUnlinked(
  path: string,
): { readonly text: string; readonly mode: number } | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | nonBlocking);
    requireRegularFile(file);
    return { text: readFileSync(file, "utf8"), mode: fstatSync(file).mode };
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    if (systemCodeOf(error) === "ELOOP") throw linkError(path);
    throw toFileError(error, path, "read");
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * Writes a file atomically that only its owner can read.
 * @param mark distinguishes the temporary file from those of other writers.
 * @throws UsageError if it can't be written, or is a symbolic link.
 */
export function writePrivateFile(path: string, text: string, mark: string): void {
  write(path, () =>
    replaceFile(path, text, { temporary: temporaryPath(path, mark), overwriteMode: 0o600 }),
  );
}

/**
 * Creates a file that only its owner can read.
 * @returns false if it exists. Of several concurrent writers, exactly one gets true.
 * @throws UsageError if it can't be written.
 */
export function createPrivateFile(path: string, text: string, mark: string): boolean {
  return write(path, () => createWholeFile(path, text, temporaryPath(path, mark)));
}

/**
 * Appends a line to a file that only its owner can read, and creates it if necessary.
 * @param time the modification time to set.
 * @throws UsageError if it can't be written, or is a symbolic link.
 */
export function appendPrivateFile(path: string, line: string, time: Date): void {
  write(path, () => {
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | nonBlocking;
    const file = openSync(path, flags, 0o600);
    try {
      requireRegularFile(file);
      writeFileSync(file, line);
      futimesSync(file, time, time);
    } finally {
      closeSync(file);
    }
  });
}

/** Bytes to reserve for a credential; larger than any credential. */
const reservedBytes = 65_536;

/**
 * Reserves disk space for the replacement of a file, so that a full disk is detected early. Call it
 * while holding the file's lock: it removes temporary files of other writers.
 * @returns a function that frees the space, to be called just before the replacement.
 * @throws UsageError if there is no space.
 */
export function reserveSpace(path: string, mark: string): () => void {
  return write(path, () => {
    removeTemporaries(path);
    return stageNewFile(temporaryPath(path, mark), { reserve: reservedBytes }).discard;
  });
}

/** Runs a write. Creates the directory of the file if necessary. */
function write<T>(path: string, work: () => T): T {
  try {
    makeDirectory(dirname(path));
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw linkError(path);
    return work();
  } catch (error) {
    throw toFileError(error, path, "write");
  }
}

/**
 * Removes a file and its temporary files. For a symbolic link, removes only the link.
 * @returns false if the file did not exist.
 * @throws UsageError if it can't be removed.
 */
export function removePrivateFile(path: string): boolean {
  try {
    removeTemporaries(path);
    rmSync(path);
    return true;
  } catch (error) {
    if (isMissingFile(error)) return false;
    throw toFileError(error, path, "remove");
  }
}

const temporaryPath = (path: string, mark: string): string => `${path}.${mark}.tmp`;

/** Removes the temporary files that killed processes left, which may contain a secret. */
function removeTemporaries(path: string): void {
  const folder = dirname(path);
  for (const file of readdirSync(folder))
    if (file.startsWith(`${basename(path)}.`) && file.endsWith(".tmp"))
      rmSync(join(folder, file), { force: true });
}

/** Returns whether a path exists, including a broken symbolic link. @throws UsageError if that can't be determined. */
export function pathExists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    if (isMissingFile(error)) return false;
    throw toFileError(error, path, "read");
  }
}

const linkError = (path: string) =>
  new UsageError(`${path} is a symbolic link; tokctl stores no credential there.`, {
    hint: `Remove the link: rm ${quoteWord(path)}`,
  });
