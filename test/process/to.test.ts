import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { runGithubJob } from "../support/jobs.ts";
import { openTerminal, runShell, runTokctl, startTokctl } from "../support/spawn.ts";
import { useWorkplaces, type Workplace } from "../support/workplace.ts";

const workplaceOf = useWorkplaces();
let { sandbox, surroundings, env } = {} as Workplace;

beforeEach(() => {
  ({ sandbox, surroundings, env } = workplaceOf());
});

const at = (name: string) => join(surroundings.folder, name);
const read = (name: string) => readFileSync(at(name), "utf8");

/** Every file below a folder. */
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

/** Returns the name of the token with a secret, or "" if the secret is invalid. */
async function ownerOf(secret: string): Promise<string> {
  const { stdout } = await runTokctl(["whoami", "-q"], {
    env: { ...env, TOKCTL_APP_TOKEN: secret },
  });
  return stdout.trim();
}

test("a renewed secret is masked, then written to the runner's file and nowhere else", async () => {
  await sandbox.add("deploy");
  const { code, log, variables, masks, files } = await runGithubJob(
    [{ run: "tokctl token renew deploy --to github-env:DEPLOY_TOKEN -y --debug" }],
    { env, cwd: surroundings.folder },
  );
  const secret = variables["DEPLOY_TOKEN"] ?? "";
  expect(code).toBe(0);
  expect(await ownerOf(secret)).toBe("deploy");
  expect(masks).toEqual([secret]);
  expect(log).not.toContain("***");
  expect(log).not.toContain(secret);
  const holders = filesIn(surroundings.folder).filter((path) =>
    readFileSync(path, "latin1").includes(secret),
  );
  expect(holders).toEqual(files);
});

test("a command gets the secret on stdin, not in its arguments or environment", async () => {
  const seen = ["self", "$$", "$PPID"].map((pid) => `/proc/${pid}/cmdline /proc/${pid}/environ`);
  const line = `cat >'${at("token")}'; cat ${seen.join(" ")} >'${at("seen")}'`;
  const { code } = await runTokctl(
    ["token", "create", "ci", "-r", "ai_training_read", "--to", `command:${line}`],
    { env },
  );
  expect(code).toBe(0);
  expect(await ownerOf(read("token"))).toBe("ci");
  expect(read("seen")).toContain("--to");
  expect(read("seen")).not.toContain(read("token"));
});

test("a full disk is detected before anything is sent", async () => {
  const { code, stderr } = await runShell(
    `trap '' XFSZ; ulimit -f 0; tokctl token create unmade -r ai_training_read --to file:${at("token")}`,
    { env },
  );
  expect(code).toBe(2);
  expect(stderr).toContain("EFBIG");
  expect(await runTokctl(["token", "get", "unmade"], { env })).toMatchObject({ code: 3 });
  expect(filesIn(surroundings.folder)).not.toContain(at("token"));
});

test("a disk that fills up keeps no part of a secret", async () => {
  writeFileSync(at("runner"), `A=${"1".repeat(497)}\n`);
  const { code, stderr } = await runShell(
    "trap '' XFSZ; ulimit -f 1; tokctl token create half -r ai_training_read --to github-env:B",
    { env: { ...env, GITHUB_ACTIONS: "true", GITHUB_ENV: at("runner") } },
  );
  expect(code).toBe(9);
  expect(stderr).toContain("EFBIG");
  expect(read("runner")).toMatch(/^A=1+\n$/);
});

describe("a command that hangs", () => {
  const hangs = () => {
    execFileSync("mkfifo", [at("hangs")]);
    return `command:echo >'${at("hangs")}'; exec sleep 1000`;
  };

  test("is ended by SIGTERM, and the new token is deleted", async () => {
    const running = startTokctl(
      ["token", "create", "hung", "-r", "ai_training_read", "--to", hangs()],
      { env },
    );
    await readFile(at("hangs"));
    running.kill("SIGTERM");
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 143, stdout: "" });
    expect(errorOf({ stderr }).code).toBe("terminated");
    expect(stderr).not.toContain("tokctl recover");
    expect(await runTokctl(["token", "get", "hung"], { env })).toMatchObject({ code: 3 });
  });

  test("is ended by ^C at a terminal, which then shows the secret", async () => {
    const script = `tokctl token create kept -r ai_training_read --to "$PLACE" 2>&1 >'${at("out")}'`;
    const terminal = openTerminal(script, { env: { ...env, PLACE: hangs() }, columns: 200 });
    await readFile(at("hangs"));
    terminal.type("\x03");
    const { code, screen } = await terminal.ended;
    const [, secret = ""] = /\s([A-Za-z0-9+/]{64})\s/.exec(screen) ?? [];
    expect(code).toBe(130);
    expect(await ownerOf(secret)).toBe("kept");
    expect(read("out")).toBe("");
  });
});

test("a declined renewal leaves no file behind", async () => {
  const id = await sandbox.add("asked");
  writeFileSync(at(".env"), "A=1\n");
  const before = filesIn(surroundings.folder);
  const to = `--to file:${at("token")} --to env-file:${at(".env")}#TOKEN`;
  const terminal = openTerminal(`tokctl token renew ${id} ${to}`, { env });
  await terminal.screen.until(/\[y\/N\]/);
  terminal.type("\r");
  expect((await terminal.ended).code).toBe(130);
  expect(filesIn(surroundings.folder)).toEqual(before);
  expect(await sandbox.version(id)).toBe(1);
});
