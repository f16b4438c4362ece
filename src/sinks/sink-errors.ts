import { describeSystemError, systemCodeOf } from "../core/system-errors.ts";
import { ownValue } from "../core/text.ts";
import { CliError, InterruptedError, UsageError } from "../errors.ts";

/**
 * Converts an error of `prepare` to a UsageError. Returns unexpected exceptions and interruptions
 * unchanged.
 */
export function toUsageError(to: string, error: unknown): unknown {
  const isBug = !(error instanceof CliError) && systemCodeOf(error) === "";
  if (isBug || error instanceof InterruptedError) return error;
  return new UsageError(`--to ${to}: ${messageOf(error)}`, { hint: hintOf(error), cause: error });
}

/** Returns the message of an error, which follows the name of the destination. */
export const messageOf = (error: unknown): string =>
  error instanceof CliError
    ? error.message
    : `cannot write the file: ${systemCodeOf(error) === "ELOOP" ? "it is a symbolic link (ELOOP)" : describeSystemError(systemCodeOf(error) || "a bug in tokctl")}.`;

const missingFolder = "Create the directory first.";
const permissions = "Check the permissions of the file and of its directory.";
const hints: Readonly<Record<string, string>> = {
  EACCES: permissions,
  EEXIST: "Choose another path, or replace the file with --force.",
  EISDIR: "Specify a file in the directory.",
  ELOOP: "Specify the file that the link points to.",
  ENAMETOOLONG: "Choose a shorter path.",
  ENOENT: missingFolder,
  ENOSPC: "Free some space on the disk.",
  ENOTDIR: missingFolder,
  EPERM: permissions,
  EROFS: permissions,
};

/** Returns the next step after an error. */
export const hintOf = (error: unknown) =>
  error instanceof CliError
    ? error.hint
    : (ownValue(hints, systemCodeOf(error)) ?? "Choose another destination.");
