import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "vitest";

/** The path of a program that is on the PATH. */
export const findProgram = (name: string): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/**
 * A test that needs something which may not be installed. Left out where it is missing, which is
 * said; in CI it fails there instead, unless it is `rare`.
 */
export function testWith(tool: string, isThere: boolean, { rare = false } = {}) {
  const skipped = !isThere && (rare || !process.env["CI"]);
  if (skipped) process.stderr.write(`Tests with ${tool} are skipped: it is not installed.\n`);
  return test.skipIf(skipped);
}
