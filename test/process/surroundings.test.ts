import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAst } from "rolldown/parseAst";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { program, runShell, runTokctl, standalone } from "../support/spawn.ts";
import { useWorkplace } from "../support/workplace.ts";

const workplaceOf = useWorkplace();

/** The node types of ECMAScript 5. */
const es5 = [
  ...[
    "Program",
    "Hashbang",
    "ExpressionStatement",
    "BlockStatement",
    "IfStatement",
    "ReturnStatement",
  ],
  ...["VariableDeclaration", "VariableDeclarator", "FunctionDeclaration", "FunctionExpression"],
  ...["CallExpression", "MemberExpression", "BinaryExpression", "LogicalExpression"],
  ...["AssignmentExpression", "ArrayExpression", "UnaryExpression", "Identifier", "Literal"],
];

test("bin/tokctl.js can be parsed by the oldest Node, which it then refuses", async () => {
  const code = await readFile("bin/tokctl.js", "utf8");
  const kinds = new Set<string>();
  JSON.stringify(parseAst(code), (_, value) => {
    if (typeof value?.type === "string") kinds.add(value.type);
    if (value?.type === "VariableDeclaration") kinds.add(`${value.kind}`);
    return value;
  });
  expect([...kinds].filter((kind) => ![...es5, "var", "Hashbang"].includes(kind))).toEqual([]);
  // A comma behind the last argument, and what begins with /** or a template, is younger.
  expect(code).not.toMatch(/,\s*\)|`/);
});

/** Runs the program with another version of Node in `process.versions`. */
async function runOn(version: string, words: string) {
  const { surroundings, env } = workplaceOf();
  const preload = join(surroundings.folder, `node-${version}.cjs`);
  const versions = `Object.assign({}, process.versions, { node: ${JSON.stringify(version)} })`;
  await writeFile(preload, `Object.defineProperty(process, "versions", { value: ${versions} });`);
  return runShell(`"${process.execPath}" -r "${preload}" "${program}" ${words}`, { env });
}

test.skipIf(standalone).each([
  ["0.10.48", 2],
  ["8.17.0", 2],
  ["18.20.8", 2],
  ["20.9.0", 2],
  ["20.18.3", 2],
  ["20.19.0", 0],
  ["22.0.0", 0],
  ["100.0.0", 0],
])("on Node %s the exit code is %i", async (version, code) => {
  const outcome = await runOn(version, "--version");
  expect(outcome.code).toBe(code);
  expect(outcome.stderr === "").toBe(code === 0);
  if (code === 0) return;
  expect(outcome.stderr).toContain(version);
  expect(outcome.stderr).toContain(manifest.engines.node.replace(">=", ""));
  // Completion prints no error.
  expect((await runOn(version, "__complete bash tokctl t")).stderr).toBe("");
});

// A standalone program does not start there: its runtime asks for the directory first.
test.skipIf(standalone)(
  "in a deleted directory commands with a relative path are exit 2, and others work",
  async () => {
    const { surroundings, env } = workplaceOf();
    const gone = join(surroundings.folder, "gone");
    const run = async (words: string) => {
      await mkdir(gone);
      const line = `cd "${gone}" && rmdir "${gone}" && tokctl ${words}`;
      const outcome = await runShell(line, { env }).finally(() => rmdir(gone).catch(() => {}));
      expect(outcome.stderr).not.toMatch(/error\[unexpected\]|uv_cwd/);
      return outcome.code;
    };
    for (const line of ["--version", "token list", "doctor", "profile list", "completion bash"])
      expect({ line, code: await run(line) }).toEqual({ line, code: 0 });
    for (const line of [
      "--ca-file x token list",
      "token create x -r read --to file:y",
      "doctor --ca-file x",
    ])
      expect({ line, code: await run(line) }).toEqual({ line, code: 2 });
  },
);

test.each(["/proc/nope", "/dev/null", ""])(
  "if HOME=%j is not writable, each command that writes a file is a usage error",
  async (home) => {
    const { env, sandbox, surroundings } = workplaceOf();
    const file = join(surroundings.folder, "login.yaml");
    await writeFile(file, `url: ${sandbox.url}\ndev_login:\n  username: alice\n`);
    const run = (line: string) =>
      runTokctl(line.split(" "), {
        env: { ...env, HOME: home, XDG_CONFIG_HOME: undefined, XDG_DATA_HOME: undefined },
        stdin: env["TOKCTL_APP_TOKEN"] ?? "",
      });
    for (const line of [
      "completion bash --install",
      "completion zsh --install",
      "completion fish --install",
      `login ovh-ai ${sandbox.url} --app-token-file -`,
      "profile set provider ovh-ai -p x",
      `profile import ${file} -y`,
    ]) {
      const { code, stdout, stderr } = await run(`${line} -o json`);
      expect({ line, code, stdout }).toEqual({ line, code: 2, stdout: "" });
      expect(JSON.parse(stderr.split("\n").at(-2) ?? "")).toMatchObject({
        error: { code: "usage" },
      });
    }
    // What needs no file works.
    expect((await run("token list")).code).toBe(0);
  },
);
