import { readdirSync, readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { descendants } from "../../src/cli/command-tree.ts";
import { errorCodes } from "../../src/cli/error-explanations.ts";
import { variables } from "../../src/cli/help/environment.ts";
import { helpTopics } from "../../src/cli/help/layout.ts";
import { loadProgram } from "../../src/cli/program.ts";
import { commandList } from "../../src/commands/index.ts";
import { profileKeys } from "../../src/core/profile.ts";
import { exitCodes } from "../../src/errors.ts";
import { createNodeHost } from "../../src/host/node-host.ts";
import { providers } from "../../src/providers/index.ts";
import { createWorld } from "../support/world.ts";

const src = new URL("../../src/", import.meta.url);
const { run, json } = createWorld();
const pageOf = async (name: string) => (await run(`help ${name}`)).stdout;

test("help lists the topics, and each has a page", async () => {
  const { stdout } = await run("help");
  for (const { name } of helpTopics) {
    expect(stdout).toMatch(new RegExp(`^Help topics: .*\\b${name}\\b`, "ms"));
    expect(await run(`help ${name}`)).toMatchObject({ code: 0, stderr: "" });
    expect(await pageOf(name.replace("-", " "))).toBe(await pageOf(name));
  }
});

test("headings are bold at a terminal only", async () => {
  const bold = (text: string) => `\x1b[1m${text}\x1b[22m`;
  for (const [line, headings] of [
    ["token create --help", ["Usage:", "Options:", "Global options (tokctl help options):"]],
    ["help scopes", ["OVHcloud AI (ovh-ai):"]],
  ] as const) {
    const styled = (await run(line, { stdout: { isTTY: true, columns: 80 } })).stdout;
    for (const heading of headings) expect(styled).toContain(`\n${bold(heading)}`);
    const unstyled = await run(line, { stdout: { columns: 80 } });
    expect(stripVTControlCharacters(styled)).toBe(unstyled.stdout);
    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }])
      expect(await run(line, { env, stdout: { isTTY: true, columns: 80 } })).toEqual(unstyled);
  }
});

test("help topics fit a narrow terminal", async () => {
  for (const columns of [20, 30, 40, 60, 80, 100])
    for (const { name } of helpTopics) {
      const { code, stdout } = await run(`help ${name}`, { stdout: { columns } });
      expect(code).toBe(0);
      if (columns >= 40) expect(tooLong(stdout, columns)).toEqual([]);
    }
});

test("the help of a command fits a narrow terminal, except for usage and examples", async () => {
  const lines = ["", "token create", "token renew", "token list", "login", "recover", "app run"];
  for (const columns of [40, 60, 80, 100])
    for (const line of lines) {
      const { stdout } = await run(`${line} --help`, { stdout: { columns } });
      const body = stdout.replace(/^Usage: .*/m, "").replaceAll(/^ {2}[#$] .*/gm, "");
      expect(tooLong(body, columns)).toEqual([]);
    }
});

test("help at a terminal of width 0 is the same as without a terminal", async () => {
  for (const line of ["token create --help", "--help", "help environment"])
    expect((await run(line, { stdout: { columns: 0 } })).stdout).toBe((await run(line)).stdout);
});

/** Lines that do not fit, but for a word that is too long by itself. */
const tooLong = (text: string, columns: number) =>
  text.split("\n").filter((line) => line.length > columns && / /.test(line.trim()));

test("help exit-codes lists every exit code", async () => {
  const page = await pageOf("exit-codes");
  for (const [code, number] of Object.entries(exitCodes))
    expect(page).toMatch(new RegExp(`^ +${number} +${code} `, "m"));
});

describe("help environment", () => {
  const described = Object.values(variables).flatMap((section) => Object.keys(section));
  const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.ts$/.test(path) && !/^(sandbox|commands.help)/.test(path))
    .map((path) => readFileSync(new URL(path, src), "utf8"));
  const code = sources.join("\n");

  test("lists every variable that tokctl reads", () => {
    const read = new Set(
      [
        ...code.matchAll(
          /\b(?:TOKCTL|OVH|OSMO(?!_ERROR)|XDG|NODE(?!_OPTIONS)|GITHUB|FORCE|NO|CLICOLOR)_[A-Z_]+\b/g,
        ),
      ].map(([name]) => name),
    );
    for (const name of read) expect([name, described.includes(name)]).toEqual([name, true]);
  });

  test("lists no other variable", () => {
    // An endpoint stands in files only.
    const ofSettings = profileKeys
      .filter((key) => key !== "endpoint")
      .map((key) => `TOKCTL_${key.replaceAll(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`);
    for (const name of ofSettings) expect(described).toContain(name);
    for (const name of described.filter((each) => !ofSettings.includes(each)))
      expect([name, new RegExp(`\\b${name}\\b`).test(code)]).toEqual([name, true]);
  });

  test("prints every variable", async () => {
    const page = await pageOf("environment");
    for (const name of described) expect(page).toContain(`  ${name} `);
  });
});

test("help scopes lists every provider's roles", async () => {
  const page = await pageOf("scopes");
  for (const { id, roles } of providers) {
    expect(page).toContain(`(${id}):`);
    for (const { name, replacedBy } of roles)
      if (replacedBy === undefined) expect(page).toContain(`-r ${name} `);
  }
});

describe("explain", () => {
  test.each(errorCodes)("%s by code and by exit code, as text and as JSON", async (code) => {
    const world = createWorld();
    const { stdout } = await world.run(`explain ${code}`, { env: { TOKCTL_PROVIDER: "" } });
    expect(stdout).toMatch(new RegExp(`\\b${code}\\b.*\\b${exitCodes[code]}\\b`));
    expect((await world.run(`explain ${exitCodes[code]}`)).stdout).toBe(stdout);
    const explained = await json(`explain ${code}`);
    expect(explained).toMatchObject({ code, exitCode: exitCodes[code] });
    for (const line of [explained.meaning, ...explained.causes, ...explained.remedies])
      expect(stdout).toContain(line);
    expect(world.requests).toEqual([]);
  });
});

describe("a help page", () => {
  test("names the providers that support an option", async () => {
    const { stdout } = await run("token create --help");
    expect(stdout).toMatch(/--resource <pattern>[^[]*\[ovh-serving\]/);
    expect(stdout).toMatch(/--label-selector <name=value>[^[]*\[ovh-ai, ovh-cloud\]/);
    expect(stdout).toMatch(/--if-exists <action>[^[]*\[not ovh-serving\]/);
  });

  test.each([
    ["flag", "--provider osmo token create --help", {}],
    ["environment variable", "help token create", { TOKCTL_PROVIDER: "osmo" }],
  ])("starts with the examples of the provider selected by %s", async (_, line, env) => {
    const { stdout } = await run(line, { env: { TOKCTL_PROVIDER: "", ...env } });
    expect(/^ {2}\$ (.*)$/m.exec(stdout)?.[1]).toContain("osmo-user");
  });

  test("is shown with a broken configuration", async () => {
    const env = { TOKCTL_PROFILE: "no such profile", TOKCTL_PROVIDER: "nope" };
    expect(await run("token create --help", { env })).toMatchObject({ code: 0, stderr: "" });
  });

  test("has at most 50 lines at 80 columns, apart from the providers of an option", async () => {
    for (const line of ["", "token", "token create", "token renew", "token list", "login"]) {
      const { stdout } = await run(`${line} --help`, { stdout: { columns: 80 } });
      const common = stdout.replaceAll(/\s+\[(?:not )?[a-z][-a-z]*(?:,\s+[a-z][-a-z]*)*\]$/gm, "");
      expect(common.split("\n").length).toBeLessThanOrEqual(50);
    }
  });
});

test("descriptions of commands, options and arguments have a uniform style", async () => {
  const { root } = await loadProgram(createNodeHost(process), commandList);
  for (const command of [root, ...descendants(root)])
    for (const { description } of [
      { description: command.description() },
      ...command.options,
      ...command.registeredArguments,
    ].filter(({ description }) => description !== ""))
      expect(description).toMatch(/^[A-Z].*[^.]$/);
});

test.each(["creat --help", "token creat -h"])(
  "help of an unknown command is an error: %s",
  async (line) => {
    expect(await run(line)).toMatchObject({ code: 2, stdout: "" });
  },
);

test.each(["--help", "token --help", "help", "token", "sandbox --help", "token create ci --help"])(
  "help of a known command is printed: tokctl %s",
  async (line) => {
    expect(await run(line)).toMatchObject({ code: 0, stderr: "" });
  },
);
