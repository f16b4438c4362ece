import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
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
  test("knows its version", async () => {
    expect(await runTokctl(["--version"], { env })).toMatchObject({
      code: 0,
      stdout: `${manifest.version}\n`,
      stderr: "",
    });
  });

  test("tells in its exit code what went wrong", async () => {
    const [usage, missing] = await Promise.all([
      runTokctl(["tokn"], { env }),
      runTokctl(["token", "get", "no-such-token", "-o", "json"], { env }),
    ]);
    expect(usage).toMatchObject({ code: 2, stdout: "" });
    expect(usage.stderr).toContain("token");
    expect(missing).toMatchObject({ code: 3, stdout: "" });
    expect(JSON.parse(missing.stderr)).toMatchObject({
      error: { code: "not_found", exitCode: 3 },
    });
  });
});

// Bun, which a standalone program brings along, would read both unless it is told not to.
test("files that lie about say neither where to connect nor what to run", async () => {
  const cwd = join(surroundings.folder, "about");
  await mkdir(cwd);
  const settings = Object.entries(sandbox.env).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(cwd, ".env"), settings.join(""));
  await writeFile(join(cwd, "bunfig.toml"), 'preload = ["./preload.js"]\n');
  await writeFile(join(cwd, "preload.js"), 'console.log("run");\n');
  const outcome = await runTokctl(["whoami"], { env: surroundings.env, cwd });
  expect(outcome).toMatchObject({ code: 2, stdout: "" });
  expect(outcome.stderr).toContain("No provider is chosen");
});

describe("a pipe", () => {
  test("that is closed early ends a long list quietly", async () => {
    // More than a pipe holds, or nobody would notice that it is closed.
    for (let i = 0; i < 100; i++) await sandbox.add(`${i}-${"long-".repeat(200)}`);
    expect(
      await runShell('{ tokctl token list; echo "exit code $?" >&2; } | head -1', { env }),
    ).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ID +NAME .*\n$/),
      stderr: "exit code 0\n",
    });
  });

  test("brings a token, where --app-token-file - asks for it", async () => {
    const { TOKCTL_APP_TOKEN: token, ...others } = env;
    expect(
      await runShell(`printf '%s\\n' "$TOKEN" | tokctl --app-token-file - whoami -q`, {
        env: { ...others, TOKEN: token },
      }),
    ).toMatchObject({ code: 0, stdout: "sandbox-operator\n", stderr: "" });
  });

  test("on stdin that says nothing is not waited for", async () => {
    expect(await runTokctl(["whoami", "-q"], { env })).toMatchObject({
      code: 0,
      stdout: "sandbox-operator\n",
    });
  });
});

describe("a stdin that is closed", () => {
  test("is no obstacle", async () => {
    expect(await runShell("tokctl whoami -q <&-", { env })).toMatchObject({
      code: 0,
      stdout: "sandbox-operator\n",
    });
  });

  test("holds no token", async () => {
    const { code, stderr } = await runShell("tokctl --app-token-file - whoami <&-", { env });
    expect(code).toBe(2);
    expect(stderr).toContain("stdin is empty");
  });
});

describe("a home", () => {
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
    ["that is no folder", async () => "/dev/null"],
    ["where nothing can be made", async () => "/proc/none"],
  ])("%s is not needed", async (_, home) => {
    const HOME = await home(surroundings.folder);
    expect(await runTokctl(["whoami", "-q"], { env: { ...env, HOME } })).toMatchObject({
      code: 0,
      stdout: "sandbox-operator\n",
      stderr: "",
    });
  });
});

describe("a signal while a server is awaited", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 143],
  ] as const)(
    "%s ends a create with %i and says that the token may be there",
    async (signal, code) => {
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
        stderr: expect.stringMatching(/is not there by now.*tokctl recover/s),
      });
    },
  );

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
