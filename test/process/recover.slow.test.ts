import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { serveGateway } from "../support/gateway.ts";
import {
  choiceQuestion,
  openTerminal,
  runShell,
  runTokctl,
  startTokctl,
} from "../support/spawn.ts";
import { useWorkplaces, type Workplace } from "../support/workplace.ts";

const workplaceOf = useWorkplaces();
let { sandbox, surroundings, env } = {} as Workplace;

beforeEach(() => {
  ({ sandbox, surroundings, env } = workplaceOf());
});

/** The environment of a gateway that forwards a create, then never responds or closes the connection. */
async function createGateway(fault: "silent" | "cut") {
  const { url, reached } = await serveGateway(sandbox.url, fault);
  return { env: { ...env, TOKCTL_URL: url }, made: reached };
}

const namesOf = async (name: string) => {
  const { stdout } = await runTokctl(["token", "list", "-o", "json"], { env });
  return (JSON.parse(stdout) as { name: string }[]).filter((token) => token.name === name).length;
};

test("tokctl recover revokes the token of a create that was killed", async () => {
  const gateway = await createGateway("silent");
  const creation = startTokctl(["token", "create", "killed", "-r", "read"], gateway);
  await gateway.made;
  creation.kill("SIGKILL");
  await creation.ended;
  expect(await namesOf("killed")).toBe(1);
  const { code, stdout } = await runTokctl(["recover"], gateway);
  expect(stdout).toMatch(/^Revoked token "killed"/);
  expect(code).toBe(0);
  expect(await namesOf("killed")).toBe(0);
});

test("a create that gets SIGTERM revokes its token before it ends", async () => {
  const gateway = await createGateway("silent");
  const creation = startTokctl(["token", "create", "ended", "-r", "read"], gateway);
  await gateway.made;
  creation.kill("SIGTERM");
  const { code, stderr } = await creation.ended;
  expect(code).toBe(143);
  expect(errorOf({ stderr }).code).toBe("terminated");
  expect(stderr).toContain('"ended"');
  expect(await namesOf("ended")).toBe(0);
});

test("at a terminal there is a question for a lost response, and Enter revokes the token", async () => {
  const gateway = await createGateway("cut");
  const terminal = openTerminal("tokctl token create asked -r read", gateway);
  await terminal.screen.until(choiceQuestion);
  terminal.type("\r");
  const { code, screen } = await terminal.ended;
  expect(code).toBe(8);
  expect(errorOf({ stderr: screen }).code).toBe("network");
  expect(await namesOf("asked")).toBe(0);
});

test("at a terminal a secret that can't be written to stdout is shown on the terminal", async () => {
  const unread = "exec 3> >(exit 0); wait $!; tokctl token create shown -r read >&3";
  const terminal = openTerminal('bash -c "$SCRIPT"', { env: { ...env, SCRIPT: unread } });
  const { code, screen } = await terminal.ended;
  expect(code).toBe(9);
  const [, secret = ""] = /^([A-Za-z0-9+/]{64})\r$/m.exec(screen) ?? [];
  const { stdout } = await runTokctl(["whoami", "-q"], {
    env: { ...env, TOKCTL_APP_TOKEN: secret },
  });
  expect(stdout).toBe("shown\n");
});

test("at a terminal ^C ends a create immediately and names tokctl recover", async () => {
  const gateway = await createGateway("silent");
  const terminal = openTerminal("tokctl token create stopped -r read", gateway);
  await gateway.made;
  terminal.type("\x03");
  const { code, screen } = await terminal.ended;
  expect(screen).toContain("tokctl recover");
  expect(code).toBe(130);
  expect(await namesOf("stopped")).toBe(1);
});

test("recover keeps a delivered token if its journal entry could not be updated", async () => {
  const state = join(surroundings.folder, "state");
  mkdirSync(state, { mode: 0o700 });
  writeFileSync(join(state, "delivered.log"), "x".repeat(1024));
  // Without the id of its token the entry is smaller than the limit, with it larger.
  const name = "x".repeat(450);
  const own = { ...env, TOKCTL_STATE_DIR: state };
  const create = `ulimit -f 1; tokctl token create ${name} -r read > "$SECRET"`;
  const secret = join(surroundings.folder, "secret");
  const { code } = await runShell('exec bash -c "$SCRIPT"', {
    env: { ...own, SECRET: secret, SCRIPT: create },
  });
  expect(code).toBe(0);
  expect(readdirSync(join(state, "journal"))).toEqual([]);
  expect((await runTokctl(["recover"], { env: own })).code).toBe(0);
  expect(await namesOf(name)).toBe(1);
});

test("a pipe in place of a file of tokctl does not block", async () => {
  const at = (name: string) => join(surroundings.folder, name);
  for (const name of ["piped", "piped/profiles"]) mkdirSync(at(name), { mode: 0o700 });
  writeFileSync(at("piped/profiles/p.json"), '{"provider":"ovh-ai","url":"http://127.0.0.1:9"}');
  mkdirSync(at("piped/credentials"), { mode: 0o700 });
  const pipes = ["delivered.log", "config.json", "credentials/p.json"];
  execFileSync("mkfifo", ["-m", "600", ...pipes.map((name) => at(`piped/${name}`))]);
  const own = { ...env, TOKCTL_STATE_DIR: at("piped") };
  expect((await runTokctl(["token", "create", "piped", "-r", "read"], { env: own })).code).toBe(0);
  expect(readdirSync(at("piped/journal"))).toEqual([]);
  expect((await runTokctl(["recover"], { env: own })).code).toBe(0);
  const { PATH } = env;
  const elsewhere = { PATH, TOKCTL_CONFIG_DIR: at("piped") };
  const words = ["token", "list", "-o", "json"];
  const { code, stderr } = await runTokctl([...words, "-p", "p"], { env: elsewhere });
  expect({ code, error: JSON.parse(stderr).error.code }).toEqual({ code: 2, error: "usage" });
  expect((await runTokctl(words, { env: elsewhere })).code).toBe(2);
});
