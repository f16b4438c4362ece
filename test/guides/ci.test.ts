import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, onTestFinished, test } from "vitest";
import { readGitlabReport, runGithubJob, type Step } from "../support/jobs.ts";
import {
  createSurroundings,
  type Environment,
  program,
  runShell,
  serveSandbox,
} from "../support/spawn.ts";

// The examples of docs/guide/ci.md, against the sandbox.
const guide = readFileSync(new URL("../../docs/guide/ci.md", import.meta.url), "utf8");
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))].map(
    ([, text]) => text ?? "",
  );

const [github = "", gitlab = ""] = blocks("yaml");
const [renewOrCreate = "", forOneCommand = "", forOneRun = "", findExpiring = ""] = blocks("sh");

/**
 * Returns a checkout with a `deploy.sh` that prints the token. Unless `isInstalled` is set, the job
 * must run `npm install -g tokctl` first.
 */
async function createCheckout({ isInstalled = false } = {}) {
  const [surroundings, sandbox] = await Promise.all([createSurroundings(), serveSandbox()]);
  onTestFinished(async () => {
    await sandbox.close();
    await surroundings.remove();
  });
  const bin = join(surroundings.folder, "bin");
  if (!isInstalled) {
    rmSync(join(bin, "tokctl"));
    const install = `[ "$*" = "install -g tokctl" ] && ln -s '${program}' '${bin}/tokctl'`;
    writeFileSync(join(bin, "npm"), `#!/bin/sh\n${install}\n`, { mode: 0o755 });
  }
  const cwd = join(surroundings.folder, "checkout");
  mkdirSync(cwd);
  writeFileSync(
    join(cwd, "deploy.sh"),
    '#!/bin/sh\nTOKCTL_APP_TOKEN=$DEPLOY_TOKEN tokctl whoami -q\necho "deployed with $DEPLOY_TOKEN"\n',
    { mode: 0o755 },
  );
  const read = (name: string) => readFileSync(join(cwd, name), "utf8");
  return { cwd, sandbox, env: { ...surroundings.env, CI: "true" } satisfies Environment, read };
}

interface Job {
  readonly env: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface GitlabJob {
  readonly script: readonly string[];
  readonly artifacts?: { readonly reports: { readonly dotenv: string } };
}

describe("the CI guide's job", () => {
  test("for GitHub Actions passes on a token that its log never shows", async () => {
    const { cwd, env, sandbox } = await createCheckout();
    await sandbox.add("deploy");
    const { jobs } = load(github) as { readonly jobs: { readonly deploy: Job } };
    const place = Object.fromEntries(
      Object.entries(jobs.deploy.env).map(([name]) => [name, sandbox.env[name]]),
    );
    expect(Object.keys(place).sort()).toEqual(Object.keys(sandbox.env).sort());
    const { code, log, variables, masks } = await runGithubJob(jobs.deploy.steps, {
      cwd,
      env: { ...env, ...place },
    });
    const secret = variables["DEPLOY_TOKEN"] ?? "";
    expect(code).toBe(0);
    expect(masks).toEqual([secret]);
    expect(log).not.toContain(secret);
    expect(log).toMatch(/^deploy\ndeployed with \*\*\*$/m);
  });

  test("for GitLab passes on a token by a report", async () => {
    const { cwd, env, sandbox } = await createCheckout();
    await sandbox.add("deploy");
    const { renew, deploy } = load(gitlab) as Readonly<Record<"renew" | "deploy", GitlabJob>>;
    const first = await runShell(renew.script.join("\n"), { cwd, env: { ...env, ...sandbox.env } });
    const variables = readGitlabReport(join(cwd, renew.artifacts?.reports.dotenv ?? ""));
    const second = await runShell(deploy.script.join("\n"), {
      cwd,
      env: { ...env, ...sandbox.env, ...variables },
    });
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.stdout + first.stderr).not.toContain(variables["DEPLOY_TOKEN"]);
    expect(second.stdout).toMatch(/^deploy\n/);
  });

  test("creates the token the first time and renews it later", async () => {
    const { cwd, env, read, sandbox } = await createCheckout({ isInstalled: true });
    const run = () =>
      runShell(`set -eu\n${renewOrCreate}`, { cwd, env: { ...env, ...sandbox.env } });
    const first = await run();
    const made = read(".env");
    const second = await run();
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.stdout).toMatch(/"deploy"/);
    expect(second.stdout).toMatch(/"deploy"/);
    expect(made).toMatch(/^# tokctl DEPLOY_TOKEN id=.*\nDEPLOY_TOKEN=\S+\n$/);
    expect(read(".env")).toMatch(/^# tokctl DEPLOY_TOKEN id=.*\nDEPLOY_TOKEN=\S+\n$/);
    expect(read(".env")).not.toBe(made);
  });

  test("runs one command with a temporary token", async () => {
    const { cwd, env, sandbox } = await createCheckout({ isInstalled: true });
    const own = { cwd, env: { ...env, ...sandbox.env } };
    const { code, stdout } = await runShell(`set -eu\n${forOneCommand}`, own);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^run-[0-9a-f]{8}\ndeployed with \S{64}\n$/);
    const after = await runShell("tokctl token list -q", own);
    expect(after).toMatchObject({ code: 0, stdout: "" });
  });

  test("creates a token for several commands and deletes it at the end", async () => {
    const { cwd, env, sandbox } = await createCheckout({ isInstalled: true });
    const script = `set -eu\n${forOneRun}TOKCTL_APP_TOKEN=$token tokctl whoami -q`;
    const inRun = await runShell(script, { cwd, env: { ...env, ...sandbox.env, RUN: "7" } });
    expect(inRun.code).toBe(0);
    expect(inRun.stdout).toMatch(/^ci-7-\d+-\d+\n/);
    const after = await runShell("tokctl token list -q", { cwd, env: { ...env, ...sandbox.env } });
    expect(after).toMatchObject({ code: 0, stdout: "" });
  });

  test("reports tokens that expire soon", async () => {
    const { cwd, env } = await createCheckout({ isInstalled: true });
    const create =
      "tokctl token set soon -e 3d -q >/dev/null\ntokctl token set later -e 60d -q >/dev/null";
    const { code, stdout, stderr } = await runShell(
      'tokctl sandbox exec --api osmo -- sh -euc "$SCRIPT"',
      { cwd, env: { ...env, SCRIPT: `${create}\n${findExpiring}` } },
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: "soon\n" });
    expect(stderr).toContain("renew the tokens above");
  });
});
