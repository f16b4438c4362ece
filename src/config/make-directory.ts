import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "./json-file.ts";

/**
 * Makes a folder, and those above it, for nobody else. Node's own recursive way never ends below
 * /proc, where nothing can be made. @throws the file system's own error.
 */
export function makeDirectory(path: string): void {
  const missing = make(path);
  if (!missing) return;
  makeDirectory(dirname(path));
  const stillMissing = make(path);
  if (stillMissing) throw stillMissing;
}

/** @returns the error of a folder that there is no folder for. */
function make(path: string): unknown {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have been quicker.
    if (codeOf(error) === "ENOENT") return error;
    if (codeOf(error) !== "EEXIST") throw error;
  }
  return undefined;
}
