import { dirname, join } from "node:path";
import { type StagedFile, stageReplacement } from "../config/atomic-file.ts";
import { toHex } from "../core/text.ts";
import type { SinkContext } from "./sink.ts";

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
