import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isMissingFile, systemCodeOf, toFileError } from "../core/system-errors.ts";
import { UsageError } from "../errors.ts";

/** A file that exists and has no content yet. Call either `commit` or `discard`; after a failed `commit`, `discard`. */
export interface StagedFile {
  /** Sets the owner, group and permissions of another file. @throws the file system's error */
  copyOwnership(stats: Pick<Stats, "uid" | "gid" | "mode">): void;
  /** Writes the content to the disk and moves the file to its path. @throws the file system's error */
  commit(content: string | Buffer): void;
  /** Removes the file. */
  discard(): void;
}

interface StageOptions {
  /** The path of the new file, in the directory of the file that it replaces. */
  readonly temporary: string;
  /** Permissions of the new file, less the umask. Default: 0o600. */
  readonly mode?: number;
  /** Bytes to allocate before there is content, so that a full disk is detected early. */
  readonly reserve?: number;
  /** Permissions to set if the existing file is overwritten instead. Default: unchanged. */
  readonly overwriteMode?: number;
}

/** Error codes for a file that can't be replaced but may be writable, such as a bind mount. */
const unreplaceable: readonly string[] = ["EBUSY", "EXDEV", "EPERM", "EACCES", "EROFS"];

/** Returns whether a file may be overwritten after replacing it failed with this error. */
export const canOverwrite = (error: unknown, path: string): boolean =>
  unreplaceable.includes(systemCodeOf(error)) && existsSync(path);

/** Creates a file that must not exist. @throws the file system's error, such as EEXIST or ENOSPC */
export function stageNewFile(path: string, { mode = 0o600, reserve = 0 } = {}): StagedFile {
  const file = openSync(path, "wx", mode);
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(file);
    isOpen = false;
  };
  const discard = () => {
    close();
    truncateIfPossible(path);
    rmSync(path, { force: true });
  };
  try {
    if (reserve > 0) {
      writeAll(file, Buffer.alloc(reserve));
      fsyncSync(file);
    }
  } catch (error) {
    discard();
    throw error;
  }
  return {
    discard,
    copyOwnership({ uid, gid, mode }) {
      fchownSync(file, uid, gid);
      fchmodSync(file, mode & 0o777);
    },
    commit(content) {
      try {
        replaceContent(file, Buffer.from(content));
      } finally {
        close();
      }
    },
  };
}

/**
 * Prepares the replacement of a file by a new one in the same directory. If the directory or the
 * file does not allow that, `commit` overwrites the existing file.
 * @throws the file system's error if neither is possible.
 */
export function stageReplacement(path: string, options: StageOptions): StagedFile {
  const { temporary, overwriteMode } = options;
  let fresh: StagedFile;
  try {
    fresh = stageNewFile(temporary, options);
  } catch (error) {
    if (!canOverwrite(error, path)) throw error;
    return {
      copyOwnership() {},
      commit: (content) => overwriteFile(path, content, overwriteMode),
      discard() {},
    };
  }
  return {
    ...fresh,
    commit(content) {
      fresh.commit(content);
      try {
        renameSync(temporary, path);
      } catch (error) {
        if (!canOverwrite(error, path)) throw error;
        overwriteFile(path, content, overwriteMode);
        fresh.discard();
      }
      syncFolder(dirname(path));
    },
  };
}

/** Replaces or creates a file in one step: a reader gets the old or the new content. @throws the file system's error */
export function replaceFile(path: string, content: string | Buffer, options: StageOptions): void {
  const staged = stageReplacement(path, options);
  try {
    staged.commit(content);
  } catch (error) {
    staged.discard();
    throw error;
  }
}

/**
 * Creates a file together with its content.
 * @returns false if the file exists: of several writers, one gets true.
 * @throws the file system's error
 */
export function createWholeFile(path: string, content: string, temporary: string): boolean {
  const staged = stageNewFile(temporary);
  try {
    staged.commit(content);
    const isFirst = linkOrRename(temporary, path);
    syncFolder(dirname(path));
    return isFirst;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function linkOrRename(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST" || existsSync(path)) return false;
    // Not every file system has hard links.
    renameSync(temporary, path);
    return true;
  }
}

/**
 * Overwrites an existing file. Does not follow a symbolic link. If that fails, its previous content
 * is restored. A crash of the machine meanwhile can leave the file incomplete.
 * @throws the file system's error
 */
export function overwriteFile(path: string, content: string | Buffer, mode?: number): void {
  const file = openSync(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  try {
    requireRegularFile(file);
    if (mode !== undefined) fchmodSync(file, mode);
    const old = readFileSync(file);
    try {
      replaceContent(file, Buffer.from(content));
    } catch (error) {
      restoreContent(file, old);
      throw error;
    }
  } finally {
    closeSync(file);
  }
}

/** @throws EINVAL for a pipe or a device: reading one may not end. */
export function requireRegularFile(file: number): void {
  if (!fstatSync(file).isFile())
    throw Object.assign(new Error("not a regular file"), { code: "EINVAL" });
}

function restoreContent(file: number, content: Buffer): void {
  try {
    replaceContent(file, content);
  } catch {
    // The first error is the one to report.
  }
}

function replaceContent(file: number, content: Buffer): void {
  writeAll(file, content);
  ftruncateSync(file, content.length);
  fsyncSync(file);
}

/**
 * Writes from the beginning of the file. Repeats partial writes, which happen on an almost full
 * disk.
 */
function writeAll(file: number, content: Buffer): void {
  for (let at = 0; at < content.length; )
    at += writeSync(file, content, at, content.length - at, at);
}

/**
 * Empties a file, because some directories allow creating files but not removing them, and a secret
 * must not remain there.
 */
function truncateIfPossible(path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0)));
  } catch {
    // The file does not exist or can't be opened. The removal that follows reports the error.
  }
}

/** Flushes a directory to the disk. Some file systems, and Windows, don't support that. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, constants.O_RDONLY);
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (systemCodeOf(error) === "") throw error;
  }
}

/**
 * Writes a file without secrets in one step: a reader gets the old or the new text. The file gets mode
 * 0644, less the umask. A symbolic link is followed.
 * @param mark distinguishes the temporary file from those of other writers.
 * @throws UsageError if it can't be written, or is not a regular file.
 */
export function writePublicFile(path: string, text: string, mark: string): void {
  try {
    const target = findTarget(path);
    replaceFile(target, text, { temporary: join(dirname(target), `.tokctl-${mark}`), mode: 0o644 });
  } catch (error) {
    throw toFileError(error, path, "write");
  }
}

/** Returns the path of the file that a link points to, or the path itself. */
function findTarget(path: string): string {
  try {
    const target = realpathSync(path);
    if (lstatSync(target).isFile()) return target;
  } catch (error) {
    if (!isMissingFile(error) || lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
      throw error;
    return path;
  }
  // Replacing a device such as /dev/stdout would break it for other programs.
  throw new UsageError(`${path} is not a regular file.`, {
    hint: "Name a file, or redirect stdout instead.",
  });
}
