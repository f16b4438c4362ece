import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { serveGateway } from "../support/gateway.ts";
import {
  type Environment,
  openTerminal,
  runShell,
  runTokctl,
  serveSandbox,
  startTokctl,
} from "../support/spawn.ts";
import { useWorkplaces, type Workplace } from "../support/workplace.ts";

const workplaceOf = useWorkplaces();
let { sandbox, surroundings, env } = {} as Workplace;

beforeEach(() => {
  ({ sandbox, surroundings, env } = workplaceOf());
});

const run = ["token", "run", "mine", "-r", "read", "--"];
const runScript = (script: string) => [...run, "sh", "-c", script];

/** A script that ends only by a signal, at any moment. */
const wait = "echo started; while :; do sleep 0.05; done";

/** Names of the existing tokens, those of earlier tests included. */
async function namesIn(own: Environment = env): Promise<readonly string[]> {
  const { stdout } = await runTokctl(["token", "list", "-o", "json"], { env: own });
  return (JSON.parse(stdout) as { readonly name: string }[]).map(({ name }) => name);
}

test.each([
  ["exit 0", 0],
  ["exit 7", 7],
  ["kill -TERM $$", 143],
  ["kill -KILL $$", 137],
])("a program that ends with `%s` makes it exit %i and leaves no token", async (script, code) => {
  const outcome = await runTokctl(runScript(script), { env });
  expect(outcome).toMatchObject({ code, signal: null, stdout: "" });
  expect(await namesIn()).toEqual([]);
});

test("the program has its stdin, stdout and stderr, and a secret that works", async () => {
  const script = 'cat; echo error >&2; TOKCTL_APP_TOKEN="$TOKEN" tokctl whoami -q';
  const outcome = await runTokctl(["-q", ...runScript(script)], { env, stdin: "input\n" });
  expect(outcome).toMatchObject({ code: 0, stdout: "input\nmine\n", stderr: "error\n" });
});

test("no command line of any process has the secret", async () => {
  const lines = join(surroundings.folder, "lines");
  const script = `cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' >'${lines}'; printf %s "$TOKEN"`;
  const { code, stdout, stderr } = await runTokctl(runScript(script), { env });
  expect(code).toBe(0);
  expect(stdout).toHaveLength(64);
  expect(stderr).not.toContain(stdout);
  const text = readFileSync(lines, "utf8");
  expect(text).toContain("token run mine");
  expect(text).not.toContain(stdout);
});

test("runs nest", async () => {
  const inner = "tokctl token run inner -r read --env INNER -- sh -c";
  const script = `${inner} 'tokctl token list -o json; test "$INNER" != "$TOKEN" && exit 4'`;
  const { code, stdout } = await runTokctl(runScript(script), { env });
  expect(code).toBe(4);
  const names = JSON.parse(stdout).map(({ name }: { readonly name: string }) => name);
  expect(names.toSorted()).toEqual(["inner", "mine"]);
  expect(await namesIn()).toEqual([]);
});

describe("at a terminal", () => {
  test.each([
    ["ends a program", wait, 130],
    ["is handled by a program", `trap "exit 5" INT; ${wait}`, 5],
  ])("^C %s, and the token is deleted", async (_, script, code) => {
    const line = `tokctl ${run.join(" ")} sh -c "$SCRIPT"`;
    const terminal = openTerminal(line, { env: { ...env, SCRIPT: script } });
    await terminal.screen.until(/started/);
    terminal.type("\x03");
    expect((await terminal.ended).code).toBe(code);
    expect(await namesIn()).toEqual([]);
  });

  test("several ^C don't prevent the deletion", async () => {
    const line = `tokctl ${run.join(" ")} sh -c "$SCRIPT"`;
    const terminal = openTerminal(line, { env: { ...env, SCRIPT: wait } });
    await terminal.screen.until(/started/);
    terminal.type("\x03\x03\x03");
    expect((await terminal.ended).code).toBe(130);
    expect(await namesIn()).toEqual([]);
  });
});

describe.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s", (signal) => {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

  test("ends the program, and the token is deleted", async () => {
    const child = startTokctl(runScript(wait), { env });
    await child.stdout.until(/started/);
    child.kill(signal);
    expect((await child.ended).code).toBe(codes[signal]);
    expect(await namesIn()).toEqual([]);
  });

  test("is handled by the program", async () => {
    const script = `trap "exit 3" ${signal.slice(3)}; ${wait}`;
    const child = startTokctl(runScript(script), { env });
    await child.stdout.until(/started/);
    child.kill(signal);
    expect((await child.ended).code).toBe(3);
    expect(await namesIn()).toEqual([]);
  });
});

test("signals during the deletion don't prevent it", async () => {
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  let proceed = () => {};
  const held = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  const own = await serveSandbox(async ({ method }) => {
    if (method !== "DELETE") return;
    reach();
    await held;
  });
  onTestFinished(own.close);
  const child = startTokctl(runScript("exit 6"), { env: { ...env, ...own.env } });
  await reached;
  for (const signal of ["SIGTERM", "SIGTERM", "SIGINT", "SIGHUP"] as const) child.kill(signal);
  proceed();
  expect((await child.ended).code).toBe(6);
  expect(await namesIn({ ...env, ...own.env })).toEqual([]);
});

test("recover deletes the token of a killed run, and none of a running one", async () => {
  const child = startTokctl(runScript("echo started $$; exec sleep 60"), { env });
  const [, pid] = await child.stdout.until(/started (\d+)/);
  onTestFinished(() => void process.kill(Number(pid), "SIGKILL"));
  const early = await runTokctl(["recover"], { env });
  expect(early).toMatchObject({ code: 0, stdout: "" });
  expect(await namesIn()).toEqual(["mine"]);
  child.kill("SIGKILL");
  const recovered = await runTokctl(["recover", "-o", "json"], { env });
  expect(recovered.code).toBe(0);
  expect(JSON.parse(recovered.stdout)).toMatchObject([{ name: "mine", outcome: "revoked" }]);
  expect(await namesIn()).toEqual([]);
});

describe("a program that can't be started", () => {
  test.each([
    ["does not exist", "no-such-program", undefined],
    ["is a folder", "./folder-of-tests/..", undefined],
    ["is not executable", "./plain", 0o600],
  ])("because it %s is exit 2 before the create", async (_, program, mode) => {
    const cwd = surroundings.folder;
    if (mode !== undefined) writeFileSync(join(cwd, program), "#!/bin/sh\n", { mode });
    const { url } = await serveGateway(sandbox.url, "refused");
    const outcome = await runTokctl([...run, program], { env: { ...env, TOKCTL_URL: url }, cwd });
    expect(outcome.code).toBe(2);
    expect(errorOf(outcome)).toMatchObject({
      code: "usage",
      message: expect.stringContaining(program),
    });
  });

  test("because its interpreter is missing is exit 2, and the token is deleted", async () => {
    const program = join(surroundings.folder, "broken");
    writeFileSync(program, "#!/no/such/interpreter\n", { mode: 0o755 });
    const outcome = await runTokctl([...run, program], { env });
    expect(outcome.code).toBe(2);
    expect(errorOf(outcome).code).toBe("usage");
    expect(await namesIn()).toEqual([]);
  });
});

test("a refused deletion is exit 9, and recover deletes the token", async () => {
  let isRefusing = true;
  const { url } = await serveGateway(
    sandbox.url,
    "refused",
    ({ method }) => isRefusing && method === "DELETE",
  );
  const own = { ...env, TOKCTL_URL: url, TOKCTL_RETRIES: "0" };
  const outcome = await runTokctl(runScript("exit 0"), { env: own });
  expect(outcome.code).toBe(9);
  expect(errorOf(outcome).code).toBe("partial");
  expect((await runTokctl(runScript("exit 7"), { env: own })).code).toBe(7);
  expect(await namesIn()).toEqual(["mine", "mine"]);
  expect((await runTokctl(["recover"], { env: own })).code).toBe(10);
  isRefusing = false;
  expect((await runTokctl(["recover"], { env: own })).code).toBe(0);
  expect(await namesIn()).toEqual([]);
});

test("a lost response to the create leaves no token", async () => {
  const { url } = await serveGateway(sandbox.url, "cut");
  const ran = join(surroundings.folder, "ran");
  const own = { ...env, TOKCTL_URL: url };
  expect((await runTokctl(runScript(`touch '${ran}'`), { env: own })).code).toBe(8);
  expect(await namesIn()).toEqual([]);
  expect((await runShell(`test ! -e '${ran}'`, { env })).code).toBe(0);
});

test("SIGTERM during the create leaves no token", async () => {
  const { url, reached } = await serveGateway(sandbox.url, "silent");
  const child = startTokctl(runScript("exit 0"), { env: { ...env, TOKCTL_URL: url } });
  await reached;
  child.kill("SIGTERM");
  expect((await child.ended).code).toBe(143);
  expect(await namesIn()).toEqual([]);
});
