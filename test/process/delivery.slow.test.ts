import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { runShell, runTokctl } from "../support/spawn.ts";
import { testWith } from "../support/tools.ts";
import { useWorkplaces, type Workplace } from "../support/workplace.ts";

const workplaceOf = useWorkplaces();
let { sandbox, surroundings, env } = {} as Workplace;

beforeEach(() => {
  ({ sandbox, surroundings, env } = workplaceOf());
});

const at = (name: string) => join(surroundings.folder, name);
const read = (name: string) => readFileSync(at(name), "utf8");
const create = (name: string) => `tokctl token create ${name} -r ai_training_read`;
const exists = async (name: string) =>
  (await runTokctl(["token", "get", name], { env })).code === 0;

test.each([
  ["a closed stdout", ">&-"],
  ["a full device", ">/dev/full"],
])("%s is detected before a token is created or renewed", async (_, redirection) => {
  const id = await sandbox.add("old");
  const created = await runShell(`${create("closed")} ${redirection}`, { env });
  expect(created).toMatchObject({ code: 2, stdout: "" });
  expect(await exists("closed")).toBe(false);
  const renewed = await runShell(`tokctl token renew ${id} -o json ${redirection}`, { env });
  expect(renewed.code).toBe(2);
  expect(JSON.parse(renewed.stderr).error.code).toBe("usage");
  expect(await sandbox.version(id)).toBe(1);
});

/** Writes a file with space for `bytes` more bytes for a command in `limited`. */
const almostFull = (bytes: number) => writeFileSync(at("out"), "x".repeat(1024 - bytes));
const limited = (line: string) =>
  runShell('exec bash -c "$SCRIPT"', { env: { ...env, SCRIPT: `ulimit -f 1; ${line}` } });

test("a secret that is only partly written counts as not written", async () => {
  almostFull(10);
  const created = await limited(`${create("cut")} >>'${at("out")}'`);
  expect(created).toMatchObject({ code: 9 });
  expect(await exists("cut")).toBe(false);
  almostFull(10);
  const listed = await limited(`tokctl token roles >>'${at("out")}'`);
  expect(listed.code).toBe(1);
});

test("a closed stdout does not affect other destinations", async () => {
  const { code } = await runShell(`${create("other")} --to file:${at("secret")} >&-`, { env });
  expect(code).toBe(0);
  expect(read("secret")).not.toBe("");
});

test("a runner that can't mask the secret gets none", async () => {
  writeFileSync(at("runner"), "");
  const { code } = await runShell(`${create("masked")} --to github-env:SECRET >&-`, {
    env: { ...env, GITHUB_ACTIONS: "true", GITHUB_ENV: at("runner") },
  });
  expect(code).toBe(2);
  expect(await exists("masked")).toBe(false);
});

/** Runs a command with a closed pipe as stdout, and returns its exit code. */
async function runUnread(line: string): Promise<number> {
  const script = `exec 3> >(exit 0); wait $!; ${line} >&3; echo $? >'${at("code")}'`;
  await runShell(`exec bash -c "$SCRIPT"`, { env: { ...env, SCRIPT: script } });
  return Number(read("code"));
}

test("a new token is deleted if its secret is not read from the pipe", async () => {
  expect(await runUnread(create("unread"))).toBe(9);
  expect(await exists("unread")).toBe(false);
});

test("a renewed token is kept if its secret is not read from the pipe", async () => {
  const id = await sandbox.add("kept");
  expect(await runUnread(`tokctl token renew ${id}`)).toBe(10);
  expect(await sandbox.version(id)).toBe(2);
});

test("a command ends when its program ends, even if background processes continue", async () => {
  const line = `cat >'${at("secret")}'; sleep 300 & echo $! >'${at("left")}'`;
  const { code } = await runTokctl(
    ["token", "create", "fresh", "-r", "ai_training_read", "--to", `command:${line}`],
    { env },
  );
  process.kill(Number(read("left")));
  expect(code).toBe(0);
});

test("a command gets no credential of tokctl, and its command line is not printed", async () => {
  const password = "hunter2-of-another-system";
  const line = `env >'${at("env")}'; cat >/dev/null; test ${password} = ${password}`;
  const args = ["token", "create", "fresh", "-r", "ai_training_read", "-o", "json"];
  const platforms = { OVH_CONSUMER_KEY: password, OVH_CLIENT_SECRET: password };
  const { code, stdout, stderr } = await runTokctl([...args, "--to", `command:${line}`], {
    env: { ...env, ...platforms, OVH_APPLICATION_SECRET: password, OVH_ACCESS_TOKEN: password },
  });
  expect(code).toBe(0);
  expect(read("env")).not.toContain(password);
  expect(read("env")).toContain("TOKCTL_URL=");
  expect(read("env")).not.toContain("TOKCTL_APP_TOKEN");
  expect(stdout + stderr).not.toContain(password);
  const failed = await runTokctl([...args, "--to", `command:${line}; false`], { env });
  expect(failed.code).toBe(9);
  expect(failed.stdout + failed.stderr).not.toContain(password);
});

/** Root can write anywhere, unless it drops that capability. */
const asOrdinaryUser =
  process.getuid?.() === 0 ? "setpriv --bounding-set=-dac_override,-dac_read_search " : "";

testWith("setpriv")("a file that can't be replaced is overwritten in place", async () => {
  mkdirSync(at("folder"));
  writeFileSync(at("folder/.env"), "A=1\n", { mode: 0o644 });
  writeFileSync(at("folder/secret"), "old", { mode: 0o644 });
  chmodSync(at("folder"), 0o555);
  const to = `--to env-file:${at("folder/.env")}#B --force --to file:${at("folder/secret")}`;
  const { code } = await runShell(`${asOrdinaryUser}${create("ordinary")} ${to}`, { env });
  chmodSync(at("folder"), 0o755);
  expect(code).toBe(0);
  const secret = read("folder/secret");
  expect(read("folder/.env")).toMatch(/^A=1\n# tokctl B .*\nB=/);
  expect(existsSync(at("folder/secret.tokctl.json"))).toBe(false);
  expect(read("folder/.env")).toContain(secret);
  expect(statSync(at("folder/secret")).mode & 0o777).toBe(0o600);
  expect(statSync(at("folder/.env")).mode & 0o777).toBe(0o644);
});

test("a file that can't be replaced or overwritten is exit 2, and no token is created", async () => {
  mkdirSync(at("folder"));
  chmodSync(at("folder"), 0o555);
  const { code } = await runShell(
    `${asOrdinaryUser}${create("refused")} --to file:${at("folder/new")}`,
    {
      env,
    },
  );
  chmodSync(at("folder"), 0o755);
  expect(code).toBe(2);
  expect(await exists("refused")).toBe(false);
});

const mayMount = () => {
  try {
    execFileSync("unshare", ["-m", "true"], { stdio: "ignore" });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
};

test.runIf(mayMount())("a bind mount is overwritten in place", async () => {
  for (const name of ["outside", "mounted"]) writeFileSync(at(name), "A=1\n");
  const mount = `mount --bind '${at("outside")}' '${at("mounted")}'`;
  const { code } = await runShell(
    `unshare -m sh -c "${mount} && ${create("mounted")} --to env-file:${at("mounted")}#B"`,
    { env },
  );
  expect(code).toBe(0);
  expect(read("outside")).toMatch(/^A=1\n# tokctl B .*\nB=/);
});

test.runIf(mayMount())("a profile and a credential can be bind mounts", async () => {
  const own = { ...env, TOKCTL_CONFIG_DIR: at("config") };
  const files = [at("config/profiles/box.json"), at("config/credentials/box.json")];
  const made = await runShell("tokctl token create box -r ai_training_operator -q", { env: own });
  const stdin = made.stdout.trim();
  const login = 'tokctl login ovh-ai "$TOKCTL_URL" -p box --app-token-file - -q';
  expect((await runShell(login, { env: own, stdin })).code).toBe(0);
  const mounts = files.map((path, index) => {
    writeFileSync(at(`outside${index}`), readFileSync(path), { mode: 0o600 });
    return `mount --bind ${at(`outside${index}`)} ${path}`;
  });
  const change = "tokctl profile set -p box namespace other && tokctl token renew box -p box -q -y";
  const { code, stdout } = await runShell(
    `unshare -m sh -c "${mounts.join(" && ")} && ${change}"`,
    { env: own },
  );
  expect(code).toBe(0);
  expect(JSON.parse(read("outside0")).namespace).toBe("other");
  expect(read("outside1")).toContain(stdout.trim().split("\n").at(-1));
  expect(statSync(at("outside1")).mode & 0o777).toBe(0o600);
  expect(readdirSync(at("config/credentials"))).toEqual(["box.json"]);
});

test("a sign-in that can't be stored leaves the profile unchanged", async () => {
  const own = { ...env, TOKCTL_CONFIG_DIR: at("kept") };
  const made = await runShell("tokctl token create op -r ai_training_operator -q", { env: own });
  const stdin = made.stdout.trim();
  mkdirSync(at("kept/profiles"), { recursive: true, mode: 0o700 });
  const old = JSON.stringify({ provider: "ovh-cloud", url: "https://a.example/1.0", project: "p" });
  writeFileSync(at("kept/profiles/lab.json"), old);
  const login = 'tokctl login ovh-ai "$TOKCTL_URL" -p lab --replace --app-token-file - -q';
  const full = { ...own, SCRIPT: `ulimit -f 0; ${login}` };
  expect((await runShell('exec bash -c "$SCRIPT"', { env: full, stdin })).code).toBe(2);
  expect(read("kept/profiles/lab.json")).toBe(old);
  expect((await runShell(login, { env: own, stdin })).code).toBe(0);
  expect(JSON.parse(read("kept/profiles/lab.json"))).not.toHaveProperty("project");
});

test("several processes can add their secrets to the same file concurrently", async () => {
  writeFileSync(at(".env"), "KEEP=1\n");
  const names = Array.from({ length: 6 }, (_, i) => `K${i}`);
  const runs = await Promise.all(
    names.map((name) => runShell(`${create(name)} --to env-file:${at(".env")}#${name}`, { env })),
  );
  expect(runs.map(({ code }) => code)).toEqual(names.map(() => 0));
  const keys = read(".env").match(/^\w+(?==)/gm);
  expect(keys?.sort()).toEqual([...names, "KEEP"].sort());
});
