import { existsSync, mkdtempSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "../errors.ts";
import { codeOf } from "./json-file.ts";

/**
 * Checks that the configuration folder can be written, by a folder that is made and removed in the
 * nearest one that exists: permissions alone do not tell whether a file system takes anything.
 * @throws UsageError if it can't be written.
 */
export function checkWritable(folder: string): void {
  const existing = nearestExisting(folder);
  try {
    rmdirSync(mkdtempSync(join(existing, ".tokctl-check-")));
  } catch (error) {
    throw new UsageError(`Nothing can be written to ${existing} (${codeOf(error)}).`, {
      hint: `Profiles are kept in ${folder}. Check its permissions, or set TOKCTL_CONFIG_DIR to a folder of your own.`,
      cause: error,
    });
  }
}

function nearestExisting(path: string): string {
  const parent = dirname(path);
  return parent === path || existsSync(path) ? path : nearestExisting(parent);
}
