import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { errorOf } from "../support/error-of.ts";
import {
  type Environment,
  runShell,
  runTokctl,
  type ServedSandbox,
  type Surroundings,
  serveSilence,
  startTokctl,
} from "../support/spawn.ts";
import { useWorkplace } from "../support/workplace.ts";

const workplaceOf = useWorkplace();
let sandbox: ServedSandbox;
let surroundings: Surroundings;
let env: Environment;

beforeAll(async () => {
  ({ sandbox, surroundings, env } = workplaceOf());
});

describe("the program", () => {
  test("prints its version", async () => {
    expect(await runTokctl(["--version"], { env })).toMatchObject({
      code: 0,
      stdout: `${manifest.version}\n`,
      stderr: "",
    });
  });

  test("has an exit code for each kind of error", async () => {
    const [usage, missing] = await Promise.all([
      runTokctl(["tokn"], { env }),
      runTokctl(["token", "get", "no-such-token", "-o", "json"], { env }),
    ]);
    expect(usage).toMatchObject({ code: 2, stdout: "" });
    expect(errorOf(usage)).toMatchObject({
      code: "usage",
      message: expect.stringContaining("tokn"),
    });
    expect(missing).toMatchObject({ code: 3, stdout: "" });
    expect(JSON.parse(missing.stderr)).toMatchObject({
      error: { code: "not_found", exitCode: 3 },
    });
  });
});

// Bun, which a standalone program contains, would read both unless that is turned off.
test(".env and bunfig.toml in the current directory are not read", async () => {
  const cwd = join(surroundings.folder, "about");
  await mkdir(cwd);
  const settings = Object.entries(sandbox.env).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(cwd, ".env"), settings.join(""));
  await writeFile(join(cwd, "bunfig.toml"), 'preload = ["./preload.js"]\n');
  await writeFile(join(cwd, "preload.js"), 'console.log("run");\n');
  const outcome = await runTokctl(["whoami"], { env: surroundings.env, cwd });
  expect(outcome).toMatchObject({ code: 2, stdout: "" });
  expect(errorOf(outcome).code).toBe("usage");
  expect(outcome.stderr).toContain("TOKCTL_PROVIDER");
});

describe("a pipe", () => {
  test("that is closed early ends a long list without an error", async () => {
    // More than the buffer of a pipe, so that writing to it fails.
    for (let i = 0; i < 100; i++) await sandbox.add(`${i}-${"long-".repeat(200)}`);
    expect(
      await runShell('{ tokctl token list; echo "exit code $?" >&2; } | head -1', { env }),
    ).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ID +NAME .*\n$/),
      stderr: "exit code 0\n",
    });
  });

  test("is read for a token with --app-token-file -", async () => {
    const { TOKCTL_APP_TOKEN: token, ...others } = env;
    expect(
      await runShell(`printf '%s\\n' "$TOKEN" | tokctl --app-token-file - whoami -q`, {
        env: { ...others, TOKEN: token },
      }),
    ).toMatchObject({ code: 0, stdout: "sandbox-operator\n", stderr: "" });
  });

  test("on stdin that sends nothing is not read", async () => {
    expect(await runTokctl(["whoami", "-q"], { env })).toMatchObject({
      code: 0,
      stdout: "sandbox-operator\n",
    });
  });
});

describe("a stdin that is closed", () => {
  test("does not matter without --app-token-file -", async () => {
    expect(await runShell("tokctl whoami -q <&-", { env })).toMatchObject({
      code: 0,
      stdout: "sandbox-operator\n",
    });
  });

  test("is exit 2 with --app-token-file -", async () => {
    const outcome = await runShell("tokctl --app-token-file - whoami <&-", { env });
    expect(outcome.code).toBe(2);
    expect(errorOf(outcome)).toMatchObject({
      code: "usage",
      message: expect.stringContaining("stdin"),
    });
  });
});

describe("a home directory", () => {
  test.each<[string, (folder: string) => Promise<string | undefined>]>([
    ["that is not set", async () => undefined],
    [
      "that can't be written",
      async (folder) => {
        const home = join(folder, "read-only");
        await mkdir(home);
        await chmod(home, 0o500);
        return home;
      },
    ],
    // Not even root can write there.
    ["that is not a directory", async () => "/dev/null"],
    ["where nothing can be created", async () => "/proc/none"],
  ])("%s is not needed", async (_, home) => {
    const HOME = await home(surroundings.folder);
    expect(await runTokctl(["whoami", "-q"], { env: { ...env, HOME } })).toMatchObject({
      code: 0,
      stdout: "sandbox-operator\n",
      stderr: "",
    });
  });
});

describe("a signal during a request", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 143],
  ] as const)("%s ends a create with %i and names tokctl recover", async (signal, code) => {
    const silence = await serveSilence("POST");
    const running = startTokctl(["token", "create", "ci", "-r", "ai_training_read"], {
      env: { ...surroundings.env, ...silence.env },
    });
    await silence.asked;
    running.kill(signal);
    expect(await running.ended).toMatchObject({
      code,
      signal: null,
      stdout: "",
      stderr: expect.stringMatching(/"ci".*tokctl recover/s),
    });
  });

  test("SIGTERM ends a list with 143", async () => {
    const silence = await serveSilence();
    const running = startTokctl(["token", "list", "-o", "json"], {
      env: { ...surroundings.env, ...silence.env },
    });
    await silence.asked;
    running.kill("SIGTERM");
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 143, stdout: "" });
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "terminated", exitCode: 143 } });
  });
});
