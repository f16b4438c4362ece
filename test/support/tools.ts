import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type TestFunction, type TestOptions, test } from "vitest";

/** The path of a program that is on the PATH. */
export const findProgram = (name: string): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** What bash loads to complete anything. */
export const bashCompletion = "/usr/share/bash-completion/bash_completion";

/** Tools that are found in another way than on the PATH. */
const elsewhere: ReadonlyMap<string, () => string | undefined> = new Map([
  ["chromium", () => process.env["CHROMIUM_PATH"] || findProgram("chromium")],
  ["bash-completion", () => [bashCompletion].find((path) => existsSync(path))],
]);

/** The path of a tool, or undefined where it is not installed. */
export const findTool = (name: string): string | undefined =>
  (elsewhere.get(name) ?? (() => findProgram(name)))();

/** Tools for which no package is at hand in CI. */
const rare = new Set(["pwsh"]);

interface TestDefinition {
  (name: string, run: TestFunction): void;
  (name: string, options: TestOptions, run: TestFunction): void;
}

/**
 * Defines tests that need these tools. Where one is missing they are skipped, and the reporter says
 * so at the end; where `CI` is set they fail.
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
