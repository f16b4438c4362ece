import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import type { Invocation } from "../src/cli/command.ts";
import { Secret } from "../src/core/secret.ts";
import { UsageError } from "../src/errors.ts";
import type { SinkContext } from "../src/sinks/sink.ts";
import { define, examples } from "./support/sample-command.ts";
import { parse } from "./support/sample-sink.ts";

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

test("the sample destination of CONTRIBUTING.md is the one that is compiled", () => {
  const guide = readFileSync("CONTRIBUTING.md", "utf8");
  const sample = readFileSync("test/support/sample-sink.ts", "utf8");
  const inFolder = sample.replaceAll('"../../src/sinks/', '"./').replaceAll('"../../src/', '"../');
  expect(guide).toContain(`\`\`\`ts\n${inFolder}\`\`\``);
});

test("the sample destination stages, writes and discards a file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tokctl-sample-"));
  const path = join(folder, "token.json");
  const context = { force: false } as SinkContext;
  const prepare = () => parse(path).prepare(context);
  await (await prepare()).discard();
  expect(existsSync(path)).toBe(false);
  await (await prepare()).deliver(new Secret("s3cret"), { id: "1" });
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ token: "s3cret" });
  await expect(prepare()).rejects.toMatchObject({ code: "EEXIST" });
  expect(() => parse("token.txt")).toThrow(UsageError);
  rmSync(folder, { recursive: true });
});
