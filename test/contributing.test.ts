import { readFileSync } from "node:fs";
import { Command } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import type { Invocation } from "../src/cli/command.ts";
import { define, examples } from "./support/sample-command.ts";

test("the sample command of CONTRIBUTING.md is the one that is compiled", () => {
  const guide = readFileSync("CONTRIBUTING.md", "utf8");
  const sample = readFileSync("test/support/sample-command.ts", "utf8");
  expect(guide).toContain(`\`\`\`ts\n${sample.replaceAll('"../../src/', '"../../')}\`\`\``);
});

test("the sample command defines options and examples", () => {
  const command = new Command("count");
  define(command, {} as Invocation);
  expect(command.options.map(({ long }) => long)).toEqual(["--user"]);
  expect(examples).toHaveLength(1);
});
