import { mkdir, readdir, readFile, watch, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openShell, type ShellName, shellTools } from "../support/shell.ts";
import {
  type Environment,
  runShell,
  runTokctl,
  type ServedSandbox,
  type Surroundings,
  serveSandbox,
} from "../support/spawn.ts";
import { testWith } from "../support/tools.ts";
import { useWorkplace } from "../support/workplace.ts";

const workplaceOf = useWorkplace();
let sandbox: ServedSandbox;
let surroundings: Surroundings;
let env: Environment;

beforeAll(async () => {
  ({ sandbox, surroundings } = workplaceOf());
  const folder = (name: string) => join(surroundings.folder, name);
  env = {
    ...surroundings.env,
    ...sandbox.env,
    TOKCTL_CONFIG_DIR: folder("config"),
    TOKCTL_CACHE_DIR: folder("cache"),
    TOKCTL_COMPLETE_OFFLINE: "1",
  };
});

describe.each<ShellName>(["bash", "zsh", "fish"])("%s", (name) => {
  const shellTest = testWith(...shellTools(name));

  shellTest("offers tokens with descriptions without a server", async () => {
    const gone = await serveSandbox();
    const there = { ...env, ...gone.env };
    await gone.add("alpha");
    // No id begins with it: ids are hexadecimal.
    await gone.add("zeta");
    await runTokctl(["token", "list"], { env: there });
    await gone.close();
    const shell = await openShell(name, there);
    shell.type("tokctl token delete \t\t");
    // The shell decides the layout of the row.
    await shell.screen.until(/alpha[^\n]*ai_training_read/);
    await shell.expectWords("tokctl token delete ze\t", ["tokctl", "token", "delete", "zeta"]);
  });

  shellTest("completes a name with special characters as one word", async () => {
    const odd = `${name} $(id) 'x' "y" \\ & !`;
    const id = await sandbox.add(odd);
    await sandbox.add(`${name}-other`);
    await runTokctl(["token", "list"], { env });
    const shell = await openShell(name, env);
    shell.type(`tokctl token delete -y ${name}\\ \t\r`);
    await shell.screen.until(/Deleted /);
    expect(await sandbox.version(id)).toBeUndefined();
    expect((await runTokctl(["token", "list"], { env })).stdout).toContain(`${name}-other`);
  });

  shellTest("completes commands, choices and files", async () => {
    const shell = await openShell(name, env);
    await mkdir(join(shell.home, "folder"));
    await writeFile(join(shell.home, "folder", "my secret"), "");
    const expectLine = (keys: string, ...words: string[]) =>
      shell.expectWords(`tokctl ${keys}`, ["tokctl", ...words]);
    await expectLine("tok\tlis\t--so\tcre\t", "token", "list", "--sort", "created");
    await expectLine("--provider=os\twho\t", "--provider=osmo", "whoami");
    await expectLine("--app-token-file fold\tmy\t", "--app-token-file", "folder/my secret");
    await expectLine("--app-token-file=folder/m\t", "--app-token-file=folder/my secret");
    // fish does not print the expansion of a variable in a word.
    if (name === "fish") return;
    const there = join(shell.home, "folder", "my secret");
    await expectLine("--app-token-file ~/folder/m\t", "--app-token-file", there);
    await expectLine("--app-token-file $HOME/folder/m\t", "--app-token-file", there);
  });
});

testWith(...shellTools("bash"))(
  "bash prints one candidate a row if the terminal width is not known",
  async () => {
    const shell = await openShell("bash", env);
    shell.type("shopt -u checkwinsize; unset COLUMNS; stty cols 240; echo unset\r");
    await shell.screen.until(/unset\r/);
    shell.type("tokctl token \t\t");
    await shell.screen.until(/\ncreate {2}\S[^\n]*\r\nrun {5}\S[^\n]*\r\n/);
  },
);

describe("pwsh", () => {
  testWith("pwsh")("completes a token name with special characters", async () => {
    await sandbox.add("power $shell");
    await runTokctl(["token", "list"], { env });
    const line = "tokctl token delete power";
    const { stdout, stderr } = await runShell(
      `pwsh -NoProfile -Command "tokctl completion powershell | Out-String | Invoke-Expression
        (TabExpansion2 '${line}' ${line.length}).CompletionMatches | ForEach-Object CompletionText"`,
      { env },
    );
    expect({ stdout, stderr }).toEqual({ stdout: "'power $shell'\n", stderr: "" });
  });
});

test("completion loads neither the program nor its dependencies", async () => {
  const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
  const text = await readFile(join(dist, "complete.cjs"), "utf8");
  const loaded = [...text.matchAll(/\([`"](node:[\w/]+)[`"]\)/g)].map(([, id]) => id);
  expect([...new Set(loaded)].sort()).toEqual(["node:crypto", "node:fs", "node:path"]);
  expect(text).not.toMatch(/\brequire\([`"]\.|\bimport\(/);
});

test.each([
  ["__complete"],
  ["__complete", "tcsh", "x"],
  ["__complete", "bash"],
  ["__complete", "bash", "9", "x", "", "\"'$("],
  ["__complete", "powershell", "!"],
  ["__complete", "fish", "-p", "../x", "token", "delete", ""],
])("completion prints nothing on stderr: %s %s %s", async (...args) => {
  expect(await runTokctl(args, { env: { ...env, TOKCTL_PROVIDER: "nope" } })).toMatchObject({
    code: 0,
    stderr: "",
  });
});

test("an outdated list of tokens is refreshed in the background", async () => {
  const config = join(surroundings.folder, "fresh-config");
  const cache = join(surroundings.folder, "fresh-cache");
  const place = {
    ...env,
    TOKCTL_CONFIG_DIR: config,
    TOKCTL_CACHE_DIR: cache,
    TOKCTL_COMPLETE_OFFLINE: undefined,
  };
  await sandbox.add("from-afar");
  await mkdir(join(cache, "tokens"), { recursive: true });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const changes = watch(join(cache, "tokens"), { signal: stop.signal });
  const tab = ["__complete", "fish", "token", "get", "from"];
  expect((await runTokctl(tab, { env: place })).stdout).toBe("words\n");
  for await (const { filename } of changes) if (filename?.endsWith(".json")) break;
  expect((await runTokctl(tab, { env: place })).stdout).toContain("from-afar\tai_training_read");
  expect(
    (await readdir(join(cache, "tokens"))).filter((name) => name.endsWith(".refresh")),
  ).toHaveLength(1);
});
