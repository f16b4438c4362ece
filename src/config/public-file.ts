import { lstatSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "../errors.ts";
import { replaceFile } from "./atomic-file.ts";
import { isMissingFile, toFileError } from "./file-errors.ts";

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
