import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Host } from "../host.ts";
import { codeOf } from "./json-file.ts";
import { makeFolder } from "./make-folder.ts";

/** How long another process is waited for, in milliseconds, and how often it is looked for. */
const patience = 5000;
const pause = 20;

/**
 * Does something that only one process may do at a time: a folder can be made only once. Who holds
 * it longer than our patience lasts was killed.
 * @throws the file system's own error if the folder can't be made.
 */
export async function withLock<T>(
  path: string,
  sleep: Host["sleep"],
  work: () => Promise<T>,
  milliseconds = patience,
): Promise<T> {
  makeFolder(dirname(path));
  for (let waited = 0; !take(path) && waited < milliseconds; waited += pause) await sleep(pause);
  try {
    return await work();
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

function take(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return false;
  }
}
