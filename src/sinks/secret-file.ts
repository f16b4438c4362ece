import { dirname, join, resolve } from "node:path";
import { type StagedFile, stageReplacement } from "../config/atomic-file.ts";
import { toHex } from "../core/text.ts";
import { UsageError } from "../errors.ts";
import type { SinkContext } from "./sink.ts";

/** Returns the absolute path of a file. @throws UsageError for `-`, `~/…` and a path that ends in `/` */
export function parsePath(text: string): string {
  if (text === "-")
    throw new UsageError("- is not a file: without --to, the secret goes to stdout.", {
      hint: "Omit --to, or write ./- for a file of that name.",
    });
  if (text.startsWith("~/"))
    throw new UsageError("the shell does not expand this ~.", {
      hint: `Write "$HOME${text.slice(1)}".`,
    });
  if (text.endsWith("/"))
    throw new UsageError("it is a directory.", { hint: "Specify a file in the directory." });
  return resolve(text);
}

/** Returns the error for a directory, a device or a pipe, which must not be replaced by a file. */
export const notRegularFileError = () =>
  new UsageError("it is not a regular file.", { hint: "Name a file, or a path of a new one." });

/** Bytes to reserve for a secret; larger than any secret. */
export const secretBytes = 4096;

/**
 * Prepares to replace or create a file with a secret; see `stageReplacement`.
 * @param size bytes of the other content.
 * @param overwriteMode permissions to set where the file is overwritten. Default: unchanged.
 * @throws the file system's error
 */
export const stageFile = (
  path: string,
  { size = 0, overwriteMode }: { readonly size?: number; readonly overwriteMode?: number },
  { randomBytes }: Pick<SinkContext, "randomBytes">,
): StagedFile =>
  stageReplacement(path, {
    temporary: join(dirname(path), `.tokctl-${toHex(randomBytes(8))}`),
    reserve: size + secretBytes,
    ...(overwriteMode !== undefined && { overwriteMode }),
  });
