import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { beforeAll, describe, expect, test } from "vitest";
import { descendants, isNamed, lineage, pathOf } from "../../src/cli/command-tree.ts";
import { loadProgram } from "../../src/cli/program.ts";
import { effectOf, isDestructive } from "../../src/cli/program-command.ts";
import { findIntendedCommands } from "../../src/cli/suggestions/commands.ts";
import { commandList } from "../../src/commands/index.ts";
import { createNodeHost } from "../../src/host/node-host.ts";
import { createHome } from "../support/home.ts";
import { createWorld } from "../support/world.ts";

let root: CommandUnknownOpts;
beforeAll(async () => {
  ({ root } = await loadProgram(createNodeHost(process), commandList));
});

/** The command lines that an error suggests, without `tokctl`. */
const suggested = (stderr: string): readonly string[] =>
  stderr
    .split("\n")
    .flatMap((line) => /^(?:hint: | {6})(?:Did you mean: | {2})tokctl (.*)$/.exec(line)?.[1] ?? []);

const letters = "aeirstlnm-";

/** Each way to miss one key of a word: left out, doubled, another, swapped with the next. */
const typosOf = (word: string): readonly string[] =>
  Array.from(word).flatMap((letter, i) => {
    const [before, after] = [word.slice(0, i), word.slice(i + 1)];
    return [
      before + after,
      before + letter + letter + after,
      before + after.slice(0, 1) + letter + after.slice(1),
      ...Array.from(letters, (other) => before + other + after),
    ].filter((typo) => typo !== word && typo !== "");
  });

/** Every command with every typo of its names that is not a name itself. */
const allTypos = () =>
  descendants(root).flatMap((command) => {
    const path = lineage(command)
      .slice(1)
      .map((each) => each.name());
    const isName = (word: string) =>
      (command.parent ?? root).commands.some((each) => isNamed(each, word)) || word.startsWith("-");
    return command.commands.length > 0
      ? []
      : [command.name(), ...command.aliases()]
          .flatMap(typosOf)
          .flatMap((typo) => (isName(typo) ? [] : { command, path, typo }));
  });

describe("a suggested line", () => {
  test("names a command with the same effect, for every typo of every command", () => {
    const wrong: string[] = [];
    let count = 0;
    for (const { command, path, typo } of allTypos()) {
      const words = [...path.slice(0, -1), typo, "ci-9"].map((value, index) => ({ value, index }));
      for (const { command: meant, correction } of findIntendedCommands(
        command.parent ?? root,
        words,
      )) {
        count++;
        const isWhole = !correction.has(path.length);
        if (effectOf(meant) !== effectOf(command) || !isWhole)
          wrong.push(`${words.map(({ value }) => value).join(" ")}: ${pathOf(meant)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(500);
  });

  test("keeps every argument, and parses", async () => {
    const world = createWorld();
    const wrong: string[] = [];
    const isSample = (_: unknown, i: number) => i % 41 === 0;
    for (const { path, typo } of allTypos().filter(isSample)) {
      const words = [...path.slice(0, -1), typo, "ci-9", "--timeout", "9s"];
      for (const line of suggested((await world.run(words)).stderr)) {
        const again = await world.run([...line.split(" "), "--provider", "nosuch"]);
        if (!line.endsWith(" ci-9 --timeout 9s") || /\btokctl .*--help\b/.test(again.stderr))
          wrong.push(`${words.join(" ")}: ${line}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(world.requests).toEqual([]);
  });

  test.each([
    "token update ci",
    "token edit ci",
    "token rename ci x",
    "token reset ci",
    "token replace ci",
    "token stop ci",
    "profile rename a b",
    "app open x",
    "app kill x",
    "token list --filter x",
    "token list ci",
    "token delete ci --version-x",
    "update ci",
    "app logout x",
  ])("is not printed for `%s`", async (line) => {
    const home = createHome();
    await home.login("-p work");
    const { code, stderr } = await home.run(line);
    expect(code).toBe(2);
    expect(suggested(stderr)).toEqual([]);
  });

  test("adds no name to an empty one", async () => {
    const { code, stderr } = await createWorld().run(["token", "create", "", "-r", "read"]);
    expect(code).toBe(2);
    expect(suggested(stderr)).toEqual([]);
  });

  test.each([
    ["token lsit", "token list"],
    ["token shwo ci", "token get ci"],
    ["token dleete ci -y", "token delete ci -y"],
    ["token list --retry 3", "token list --retries 3"],
    ["login osmo 127.0.0.1:8080", "login osmo http://127.0.0.1:8080"],
    ["login osmo osmo.example.com", "login osmo https://osmo.example.com"],
    ["token delete ci --force", "token delete ci --yes"],
    ["ovhai token list", "token list"],
  ])("for `%s` is `%s`", async (line, meant) => {
    expect(suggested((await createHome().run(line)).stderr)).toEqual([meant]);
  });

  test("does not mention commands of another kind that have the option", async () => {
    const { code, stderr } = await createWorld().run("token roles --name ci");
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/\brun\b/);
  });

  test("is not printed for an unknown token, profile or provider of a destructive command", async () => {
    const home = createHome();
    await home.login("-p work");
    for (const name of ["ci-42", "nightly"])
      await home.json(["token", "create", name, "-r", "read"]);
    for (const line of [
      "token delete ci-9 -y",
      "token delete ci-9",
      "token delete nigthly",
      "token renew nigthly --yes",
      "token delete nightly -p wrok",
      "token renew nightly --provider ovhai",
      "profile remove wrok",
      "app delete helo-a -y",
      "app stop helo-a",
    ]) {
      const { code, stderr } = await home.run(line);
      expect([line, [2, 3]]).toEqual([line, expect.arrayContaining([code])]);
      expect([line, suggested(stderr)]).toEqual([line, []]);
    }
    expect(await home.json("token list")).toHaveLength(2);
    const { stderr } = await home.run("token delete nigthly");
    expect(stderr).toContain('"nightly"');
  });

  test("has a kind for every command", () => {
    const destructive = descendants(root).filter(isDestructive);
    expect(destructive.map((each) => each.name())).toEqual(
      expect.arrayContaining(["renew", "delete", "remove", "logout", "stop"]),
    );
  });
});
