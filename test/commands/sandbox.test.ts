import { describe, expect, test } from "vitest";
import type { Host } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";

describe("an invalid value is exit 2 before anything starts", () => {
  test.each([
    ["--fail", "x"],
    ["--fail", "POST /v1/token"],
    ["--fail", "PSOT /v1/token:503"],
    ["--fail", "POST v1/token:503"],
    ["--fail", "POST /v1/*/renew:503"],
    ["--fail", "* *:503"],
    ["--fail", "POST /v1/token?page=1:503"],
    ["--fail", "POST /v1/token:200"],
    ["--fail", "POST /v1/token:drop"],
    ["--fail", "POST /v1/token:delay=2h"],
    ["--fail", "POST /v1/token:delay=5"],
    ["--fail", "POST /v1/token:503:1.1"],
    ["--fail", "POST /v1/token:503:-1"],
    ["--fail", "POST /v1/token:503:NaN"],
    ["--fail", "POST /v1/token:503:1:1"],
    ["--fail-seed", "-1"],
    ["--fail-seed", "4294967296"],
    ["--tokens", "100001"],
    ["--tokens", "1e3"],
    ["--now", "tomorrow"],
    ["--now", "2027-01-15"],
    ["--now", "2027-01-15T09:00:00"],
    ["--now", "2027-02-30T09:00:00Z"],
    ["--now", "1999-12-31T23:59:59Z"],
    ["--now", "2100-01-01T00:00:00Z"],
    ["--api", "ovh-ai,nope"],
    ["--api", "ovh-ai,"],
  ])("%s %s", async (option, value) => {
    const home = createHome();
    const started: string[] = [];
    const runProgram: Host["run"] = async (program) => started.push(program);
    const outcome = await home.run(["sandbox", "exec", option, value, "--", "true"], {
      runProgram,
    });
    expect(outcome.code).toBe(2);
    const { code, message } = errorOf(outcome);
    expect(code).toBe("usage");
    expect(message).toContain(option === "--api" ? '"' : `"${value}"`);
    expect(started).toEqual([]);
  });
});

describe("exec --api", () => {
  test("at a terminal starts with the accounts of the sandbox on stderr", async () => {
    const home = createHome();
    const runProgram: Host["run"] = async () => 0;
    const run = (isTTY: boolean) =>
      home.run(["sandbox", "exec", "--", "bash"], { runProgram, stderr: { isTTY } });
    expect(await run(false)).toEqual({ code: 0, stdout: "", stderr: "" });
    const { stdout, stderr } = await run(true);
    expect(stdout).toBe("");
    for (const part of ["http://127.0.0.1:", "bash", "ovh-ai", "osmo"])
      expect(stderr).toContain(part);
  });

  /** Runs `sandbox exec`, and command lines instead of its program, with its profiles. */
  async function exec(api: string, lines: readonly string[]) {
    const home = createHome();
    const folder = home.path("sandbox");
    let variables: Readonly<Record<string, string | undefined>> = {};
    const results: unknown[] = [];
    const runProgram: Host["run"] = async (_program, _args, { env, prepareHome }) => {
      await prepareHome?.(folder);
      variables = Object.fromEntries(
        Object.entries(env).filter(([name]) => name.startsWith("TOKCTL_")),
      );
      for (const line of lines)
        results.push(
          await home.json(line, {
            env: { TOKCTL_CONFIG_DIR: folder },
            fetch: (url, init) => fetch(url, init as RequestInit),
          }),
        );
      return 0;
    };
    const outcome = await home.run(["sandbox", "exec", "--api", api, "--", "x"], { runProgram });
    expect(outcome).toEqual({ code: 0, stdout: "", stderr: "" });
    return { variables, results };
  }

  test("with several providers creates a profile for each, the first one current", async () => {
    const { variables, results } = await exec("osmo, ovh-ai,ovh-cloud,ovh-serving,osmo", [
      "profile list",
      "whoami",
      "token list -p ovh-ai",
      "token list -p ovh-cloud",
      "token list -p ovh-serving",
    ]);
    expect(Object.keys(variables)).toEqual(["TOKCTL_SANDBOX_URL"]);
    const [profiles, user, ...lists] = results;
    expect(profiles).toMatchObject([
      { name: "osmo", provider: "osmo", current: true },
      { name: "ovh-ai", provider: "ovh-ai", current: false },
      { name: "ovh-cloud", provider: "ovh-cloud", current: false },
      { name: "ovh-serving", provider: "ovh-serving", current: false },
    ]);
    expect(user).toMatchObject({ provider: "osmo", name: "testuser" });
    expect(lists).toEqual([[], [], []]);
  });

  test("with one provider also sets the variables", async () => {
    const { variables, results } = await exec("osmo", ["profile list"]);
    expect(Object.keys(variables).sort()).toEqual([
      "TOKCTL_APP_TOKEN",
      "TOKCTL_PROVIDER",
      "TOKCTL_SANDBOX_URL",
      "TOKCTL_URL",
    ]);
    expect(results).toMatchObject([[{ name: "osmo", current: true }]]);
  });
});
