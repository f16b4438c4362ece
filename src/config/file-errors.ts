import { describeSystemError, systemCodeOf } from "../core/system-errors.ts";
import { CliError, UsageError } from "../errors.ts";

/**
 * The error for a file of tokctl with invalid content. It contains only the path and the position,
 * because the content may be a secret.
 */
export class BrokenFileError extends UsageError {
  override name = "BrokenFileError";
  readonly path: string;
  constructor(path: string, reason: string) {
    super(`${path} is not valid: ${reason}.`, {
      hint: "Fix the file, or run tokctl login to rename it and create a new one.",
    });
    this.path = path;
  }
}

/** Returns whether an error of the file system means that the file does not exist. */
export const isMissingFile = (error: unknown): boolean =>
  ["ENOENT", "ENOTDIR"].includes(systemCodeOf(error));

/** Converts a file system's error to a UsageError that names the file. Other values are returned unchanged. */
export const toFileError = (
  error: unknown,
  path: string,
  verb: "read" | "write" | "remove",
): unknown =>
  systemCodeOf(error) === "" || error instanceof CliError
    ? error
    : new UsageError(`Cannot ${verb} ${path}: ${describeSystemError(systemCodeOf(error))}.`, {
        hint: isDiskFull(error)
          ? "Free some space on that disk, or raise your quota or file size limit."
          : "Check the permissions of the file and of its directory.",
        cause: error,
      });

const isDiskFull = (error: unknown): boolean =>
  ["ENOSPC", "EDQUOT", "EFBIG"].includes(systemCodeOf(error));
