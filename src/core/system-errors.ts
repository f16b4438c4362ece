import { CliError, UsageError } from "../errors.ts";

/**
 * Converts the error of a deleted current directory, which Node needs for relative paths, to a
 * UsageError; undefined for any other error.
 */
export const toLostDirectory = (thrown: unknown): UsageError | undefined =>
  thrown instanceof Error && "syscall" in thrown && thrown.syscall === "uv_cwd"
    ? new UsageError("The current directory does not exist: it was deleted or moved.", {
        hint: "Change to a directory that exists: cd",
      })
    : undefined;

/** Returns the code of a system error, such as `ENOENT`; "" for any other value. */
export const systemCodeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

const systemErrors: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EEXIST: "file exists",
  EIO: "input/output error",
  EISDIR: "is a directory",
  ENAMETOOLONG: "file name too long",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
};

/** Returns the text of a system error with its code: `permission denied (EACCES)`. */
export function describeSystemError(code: string): string {
  const text = Object.hasOwn(systemErrors, code) ? systemErrors[code] : undefined;
  return text === undefined ? code : `${text} (${code})`;
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
