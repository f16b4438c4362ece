import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { codeOf } from "./json-file.ts";

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
