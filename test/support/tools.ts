import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type TestFunction, type TestOptions, test } from "vitest";

/** Returns the path of a program on the PATH. */
export const findProgram = (name: string): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** Path of the bash-completion library. */
export const bashCompletion = "/usr/share/bash-completion/bash_completion";

/** Lookups of tools that are not on the PATH. */
const elsewhere: ReadonlyMap<string, () => string | undefined> = new Map([
  ["chromium", () => process.env["CHROMIUM_PATH"] || findProgram("chromium")],
  ["bash-completion", () => [bashCompletion].find((path) => existsSync(path))],
]);

/** Returns the path of a tool, or undefined if it is not installed. */
export const findTool = (name: string): string | undefined =>
  (elsewhere.get(name) ?? (() => findProgram(name)))();

/** Tools that CI can't install. */
const rare = new Set(["gcloud", "pwsh"]);

interface TestDefinition {
  (name: string, run: TestFunction): void;
  (name: string, options: TestOptions, run: TestFunction): void;
}

/**
 * Defines tests that need these tools. If a tool is missing, the tests are skipped and the reporter
 * lists them; if `CI` is set, they fail.
 */
export function testWith(...tools: readonly string[]): TestDefinition {
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  if (missing.length === 0) return test;
  const reason = `${missing.join(" and ")} not installed`;
  const fails = process.env["CI"] && !missing.some((tool) => rare.has(tool));
  return (name: string) =>
    test(name, ({ skip }) => {
      if (fails) throw new Error(reason);
      skip(reason);
    });
}
