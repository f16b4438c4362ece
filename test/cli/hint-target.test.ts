import { expect, test } from "vitest";
import { addTargetToHint } from "../../src/cli/hint-target.ts";
import { loadProgram } from "../../src/cli/program.ts";
import { commandList } from "../../src/commands/index.ts";
import type { TargetOptions } from "../../src/core/target-options.ts";
import { UsageError } from "../../src/errors.ts";
import { createNodeHost } from "../../src/host/node-host.ts";

const { root, invocation } = await loadProgram(createNodeHost(process), commandList);
const addTarget = (error: UsageError, target: TargetOptions) =>
  addTargetToHint(error, target, root, invocation);

const target = { user: "alice@example.com", url: "https://osmo.example.com", provider: "osmo" };
const targetOptions = " --provider osmo --url https://osmo.example.com";

test.each([
  [
    "tokctl token renew ci makes another",
    `tokctl token renew -u alice@example.com${targetOptions} ci makes another`,
  ],
  ["See tokctl token list.", `See tokctl token list -u alice@example.com${targetOptions}.`],
  ["tokctl token delete x -u bob", `tokctl token delete${targetOptions} x -u bob`],
  ["tokctl token renew x -p work", "tokctl token renew -u alice@example.com x -p work"],
  ["tokctl whoami shows it", `tokctl whoami${targetOptions} shows it`],
  ["tokctl app list", `tokctl app list${targetOptions}`],
  ["tokctl token reach ci", `tokctl token reach${targetOptions} ci`],
  ["tokctl app set-label x", `tokctl app set-label${targetOptions} x`],
  ["tokctl recover, tokctl login osmo, tokctl help scopes", undefined],
  ["tokctl token --help", undefined],
])("adds the target to the command in %j", async (hint, expected) => {
  const error = new UsageError("x", { hint: ["first", hint] });
  const result = await addTarget(error, target);
  if (expected === undefined) expect(result).toBe(error);
  else expect(result).toMatchObject({ code: "usage", hint: ["first", expected] });
});

test("adds both the profile and the URL", async () => {
  const error = new UsageError("x", { hint: "tokctl token list" });
  const both = { profile: "my work", url: "https://a.example.com", userHeader: "bob" };
  expect((await addTarget(error, both)).hint).toEqual([
    "tokctl token list -p 'my work' --url https://a.example.com --user-header bob",
  ]);
  expect(await addTarget(error, {})).toBe(error);
});

test("adds the target to every token command, with -u if it has that option", async () => {
  const commands = root.commands.find((each) => each.name() === "token")?.commands ?? [];
  for (const command of commands) {
    const hint = `tokctl token ${command.name()}`;
    const error = await addTarget(new UsageError("x", { hint }), target);
    const owner = command.options.some(({ short }) => short === "-u") ? ` -u ${target.user}` : "";
    expect(error.hint).toEqual([`${hint}${owner}${targetOptions}`]);
  }
});
