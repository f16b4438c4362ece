import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../errors.ts";
import { codeOf, isMissing, toFileError } from "./json-file.ts";
import { makeFolder } from "./make-folder.ts";

/**
 * The text of a file that nobody else can read; undefined if there is none.
 * @throws UsageError for one that others can read, or a link.
 */
export function readPrivately(path: string, platform: string): string | undefined {
  const file = readUnlinked(path);
  // On Windows the mode says nothing about who may read.
  if (file && platform !== "win32" && (file.mode & 0o077) !== 0)
    throw new UsageError(`${path} holds a credential that others on this machine can read.`, {
      hint: `Renew the credential if they may have, and run: chmod 600 '${path}'`,
    });
  return file?.text;
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
    // There is no such flag on Windows.
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
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
 * `mark` tells it from those of other writers.
 */
export function writePrivately(path: string, text: string, mark: string): void {
  const fresh = `${path}.${mark}.tmp`;
  let left = false;
  try {
    makeFolder(dirname(path));
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw linkError(path);
    const file = openSync(fresh, "wx", 0o600);
    left = true;
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
  } catch (error) {
    if (left) rmSync(fresh, { force: true });
    throw toFileError(error, path, "written");
  }
}

/** Removes a file, of a link only the link. False if there was none. */
export function removePrivately(path: string): boolean {
  const folder = dirname(path);
  try {
    // What a killed process left half done holds a secret too.
    for (const file of readdirSync(folder))
      if (file.startsWith(`${basename(path)}.`) && file.endsWith(".tmp"))
        rmSync(join(folder, file), { force: true });
    rmSync(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw toFileError(error, path, "removed");
  }
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
