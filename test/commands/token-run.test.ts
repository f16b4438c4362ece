import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import type { ChildOptions, Fetch, Host } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createVictim } from "../support/lost-answers.ts";

const role = "-r ai_training_read";

const options: Readonly<Record<string, string>> = {
  "ovh-ai": role,
  "ovh-cloud": `${role} --region GRA`,
  "ovh-serving": "-r model-evaluation --resource iris",
  osmo: "-r osmo-user",
};
const lineOf = (api: string) => `token run ${options[api]}`;

/** The arguments of one program run. */
interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: ChildOptions;
}

/** Returns a signed-in home and a program that records how it was run. */
function createRunner(api = "ovh-ai") {
  const home = createVictim(api);
  const runs: ProgramRun[] = [];
  const returning =
    (code: number, during: (run: ProgramRun) => unknown = () => {}): Host["run"] =>
    async (program, args, options) => {
      const run = { program, args, options };
      runs.push(run);
      await during(run);
      return code;
    };
  /** Resolves when the program has started. The program never ends. */
  const runKilled = (line: string, options = {}) =>
    new Promise<void>((resolve) => {
      const runProgram = returning(0, () => new Promise(() => resolve()));
      void home.run(line, { process: { id: 7, machine: "here" }, runProgram, ...options });
    });
  return { ...home, runs, returning, runKilled };
}

/** A server on which no token can be deleted. */
const refusingDelete =
  (request: Fetch): Fetch =>
  async (url, init) =>
    init.method === "DELETE"
      ? { status: 503, headers: new Headers(), body: null }
      : request(url, init);

test("runs a program with a new token, and deletes it afterwards", async () => {
  const { run, names, returning, runs, environment } = createRunner();
  let during: readonly string[] = [];
  let owner = "";
  const runProgram = returning(0, async ({ options }) => {
    during = await names();
    const env = { ...environment, TOKCTL_APP_TOKEN: options.env["TOKEN"] };
    owner = (await run("whoami -q", { env })).stdout.trim();
  });
  const outcome = await run(`token run ${role} -l group=A -- make test -j -- x`, { runProgram });
  expect(outcome).toMatchObject({ code: 0, stdout: "" });
  expect(runs).toMatchObject([{ program: "make", args: ["test", "-j", "--", "x"] }]);
  expect(during).toEqual([expect.stringMatching(/^run-[0-9a-f]{8}$/)]);
  expect(owner).toBe(during[0]);
  expect(await names()).toEqual([]);
});

test("passes the environment on, with one variable more", async () => {
  const { run, returning, runs, env } = createRunner();
  const own = { ...env, KEPT: "kept" };
  await run(`token run ${role} --env CI_TOKEN -- make`, { runProgram: returning(0), env: own });
  const [child] = runs;
  expect(child?.options.env).toMatchObject(own);
  expect(child?.options.env["CI_TOKEN"]).toHaveLength(64);
  expect(child?.options.env).not.toHaveProperty("TOKEN");
  expect(child?.options.prepareHome).toBeUndefined();
});

test("does not pass on the credential of an option", async () => {
  const { run, returning, runs, env, bootstrap } = createRunner();
  const { TOKCTL_APP_TOKEN: _, ...without } = env;
  const words = ["token", "run", "-r", "ai_training_read", "--app-token-file", "-", "--", "make"];
  const options = { runProgram: returning(0), env: without, stdin: bootstrap };
  expect(await run(words, options)).toMatchObject({ code: 0 });
  expect(Object.values(runs[0]?.options.env ?? {})).not.toContain(bootstrap);
});

test.each([1, 7, 137, 143])("returns the exit code %i of the program", async (code) => {
  const { run, returning, names } = createRunner();
  const outcome = await run(`token run ${role} -- make`, { runProgram: returning(code) });
  expect(outcome.code).toBe(code);
  expect(await names()).toEqual([]);
});

test("prints the token's name, and nothing with -q", async () => {
  const { run, returning, runs } = createRunner();
  const runProgram = returning(0);
  const { stderr } = await run(`token run mine ${role} -- make`, { runProgram });
  expect(stderr.match(/"mine" \(/g)).toHaveLength(2);
  const quiet = await run(`token run ${role} -q -- make`, { runProgram });
  expect(quiet).toEqual({ code: 0, stdout: "", stderr: "" });
  for (const { options } of runs) expect(stderr).not.toContain(options.env["TOKEN"]);
});

test("the journal has no secret while the program runs", async () => {
  const { run, returning, path, journal } = createRunner();
  let text = "";
  let secret = "";
  const runProgram = returning(0, ({ options }) => {
    const folder = path(".local/state/tokctl/journal");
    text = readdirSync(folder)
      .map((file) => readFileSync(`${folder}/${file}`, "utf8"))
      .join();
    secret = options.env["TOKEN"] ?? "";
  });
  await run(`token run ${role} -- make`, { runProgram });
  expect(text).toContain('"create"');
  expect(secret).toHaveLength(64);
  expect(text).not.toContain(secret);
  expect(journal()).toEqual([]);
});

test("a provider without names gets none", async () => {
  const { run, returning, runs, json } = createRunner("ovh-serving");
  const runProgram = returning(0, async () => expect(await json("token list")).toHaveLength(1));
  expect(await run(`${lineOf("ovh-serving")} -- make`, { runProgram })).toMatchObject({ code: 0 });
  expect(runs).toHaveLength(1);
  expect(await json("token list")).toEqual([]);
});

describe("a destination", () => {
  test("receives the secret in place of the variable", async () => {
    const { run, returning, runs, path, read } = createRunner();
    const to = `--to file:${path("secret")}`;
    const options = { runProgram: returning(0) };
    expect(await run(`token run ${role} ${to} -- make`, options)).toMatchObject({ code: 0 });
    expect(read("secret")).toMatch(/^\S{64}\n?$/);
    expect(runs[0]?.options.env).not.toHaveProperty("TOKEN");
    await run(`token run ${role} ${to} --force --env TOKEN -- make`, options);
    expect(read("secret").trim()).toBe(runs[1]?.options.env["TOKEN"]);
  });

  test("that fails prevents the run, and the token is deleted", async () => {
    const { run, returning, runs, names, journal } = createRunner();
    const words = ["token", "run", ...role.split(" "), "--to", "command:exit 1", "--", "make"];
    const outcome = await run(words, { runProgram: returning(0) });
    expect(outcome.code).toBe(9);
    expect(errorOf(outcome).code).toBe("partial");
    expect(runs).toEqual([]);
    expect(await names()).toEqual([]);
    expect(journal()).toEqual([]);
  });
});

test.each([
  ["ovh-ai", `token run ${role}`],
  ["ovh-ai", `token run ${role} --`],
  ["ovh-ai", `token run ${role} make`],
  ["ovh-ai", `token run ci make ${role} -- make`],
  ["ovh-ai", "token run -- make"],
  ["ovh-ai", "token run -r nosuch -- make"],
  ["ovh-ai", `token run ${role} --env 1=2 -- make`],
  ["ovh-ai", `token run ${role} --force -- make`],
  ["ovh-ai", `token run ${role} --to file:/nosuch/file -- make`],
  ["ovh-ai", `token run ${role} -e 1d -- make`],
  ["ovh-ai", `token run ${role} -- `],
  ["osmo", "token run -r osmo-user -l group=A -- make"],
  ["ovh-serving", "token run ci -r model-evaluation -- make"],
])("%s: `%s` is exit 2 before a request", async (api, line) => {
  const { run, returning, runs, requests } = createRunner(api);
  const outcome = await run(line, { runProgram: returning(0) });
  expect(outcome).toMatchObject({ code: 2, stdout: "" });
  expect(errorOf(outcome).code).toBe("usage");
  expect(runs).toEqual([]);
  expect(requests).toEqual([]);
});

test("a suggestion adds options before the program", async () => {
  const { run } = createRunner();
  const { stderr } = await run("token run -- make");
  expect(stderr).toContain("tokctl token run -r ai_training_read -- make");
});

test("a program that does not exist is exit 2 before a request", async () => {
  const { run, requests } = createRunner();
  const outcome = await run(`token run ${role} -- nosuch`, { hasProgram: () => false });
  expect(outcome.code).toBe(2);
  expect(errorOf(outcome).message).toContain('"nosuch"');
  expect(requests).toEqual([]);
});

test("a program that can't be started leaves no token", async () => {
  const { run, names, journal } = createRunner();
  const runProgram = async () => {
    throw new UsageError('Cannot start "make" (ENOEXEC).', { hint: "Check it." });
  };
  expect((await run(`token run ${role} -- make`, { runProgram })).code).toBe(2);
  expect(await names()).toEqual([]);
  expect(journal()).toEqual([]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
])("%s while the token is created prevents the run", async (signal, code) => {
  const { run, returning, runs, sandbox, names, journal } = createRunner();
  const interrupt = new AbortController();
  const fetch: Fetch = async (url, init) => {
    const reply = await sandbox.request(url, init);
    if (init.method === "POST") interrupt.abort(signal);
    return reply;
  };
  const options = { fetch, interrupt: interrupt.signal, runProgram: returning(0) };
  expect((await run(`token run ${role} -- make`, options)).code).toBe(code);
  expect(runs).toEqual([]);
  expect(await names()).toEqual([]);
  expect(journal()).toEqual([]);
});

test("an interrupt during the run does not prevent the deletion", async () => {
  const { run, returning, names } = createRunner();
  const interrupt = new AbortController();
  const runProgram = returning(130, () => interrupt.abort("SIGINT"));
  const options = { interrupt: interrupt.signal, runProgram };
  expect((await run(`token run ${role} -- make`, options)).code).toBe(130);
  expect(await names()).toEqual([]);
});

test("a token that the program deleted is no failure", async () => {
  const { run, returning, journal } = createRunner();
  const runProgram = returning(0, () => run("token delete mine"));
  expect((await run(`token run mine ${role} -- make`, { runProgram })).code).toBe(0);
  expect(journal()).toEqual([]);
});

test("runs nest", async () => {
  const { run, returning, names } = createRunner();
  const seen: (readonly string[])[] = [];
  const inner = returning(3, async () => void seen.push(await names()));
  const runProgram: Host["run"] = async () =>
    (await run(`token run inner ${role} -- make`, { runProgram: inner })).code;
  expect((await run(`token run outer ${role} -- tokctl`, { runProgram })).code).toBe(3);
  expect(seen.map((each) => each.toSorted())).toEqual([["inner", "outer"]]);
  expect(await names()).toEqual([]);
});

describe("if the token can't be deleted", () => {
  const line = `token run mine ${role} -- make`;

  test.each([
    [0, 9],
    [7, 7],
  ])("a program that ends with %i makes it exit %i", async (ended, code) => {
    const { run, returning, names, sandbox } = createRunner();
    const fetch = refusingDelete(sandbox.request);
    const outcome = await run(line, { runProgram: returning(ended), fetch });
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toMatch(/tokctl token delete [-\da-f]{36}/);
    expect(await names()).toEqual(["mine"]);
  });

  test("its error is `partial`, also with -q, and recover deletes it", async () => {
    const { run, returning, names, sandbox, json, journal } = createRunner();
    const fetch = refusingDelete(sandbox.request);
    const outcome = await run(`-q ${line}`, { runProgram: returning(0), fetch });
    expect(errorOf(outcome).code).toBe("partial");
    expect(await json("recover --dry-run")).toMatchObject([{ name: "mine", planned: "revoked" }]);
    expect(await names()).toEqual(["mine"]);
    expect(await json("recover")).toMatchObject([{ name: "mine", outcome: "revoked" }]);
    expect(await names()).toEqual([]);
    expect(journal()).toEqual([]);
  });

  test("the failure is printed with -q if the program failed too", async () => {
    const { run, returning, sandbox } = createRunner();
    const fetch = refusingDelete(sandbox.request);
    const { stderr } = await run(`-q ${line}`, { runProgram: returning(1), fetch });
    expect(stderr).toContain("tokctl token delete");
  });
});

test("a lost response to the create leaves no token, and the program does not run", async () => {
  const { run, returning, runs, losing, names, journal } = createRunner();
  const outcome = await run(`token run ${role} -- make`, {
    fetch: losing(),
    runProgram: returning(0),
  });
  expect(outcome.code).toBe(8);
  expect(runs).toEqual([]);
  expect(await names()).toEqual([]);
  expect(journal()).toEqual([]);
});

describe("tokctl recover", () => {
  test.each(["ovh-ai", "osmo", "ovh-cloud", "ovh-serving"])(
    "deletes the token of a killed run of %s",
    async (api) => {
      const { runKilled, json, journal } = createRunner(api);
      await runKilled(`${lineOf(api)} -- make`);
      expect(await json("token list")).toHaveLength(1);
      expect(await json("recover --dry-run")).toMatchObject([{ planned: "revoked" }]);
      expect(await json("recover")).toMatchObject([{ outcome: "revoked", token: null }]);
      expect(await json("token list")).toEqual([]);
      expect(journal()).toEqual([]);
    },
  );

  test("deletes the token of a run that was killed during the create", async () => {
    const { runHalf, json, names } = createRunner();
    await runHalf(`token run ${role} -- make`);
    expect(await names()).toHaveLength(1);
    expect(await json("recover")).toMatchObject([{ outcome: "revoked" }]);
    expect(await names()).toEqual([]);
  });

  test("does not touch the token of a running process", async () => {
    const { runKilled, run, names } = createRunner();
    await runKilled(`token run mine ${role} -- make`);
    expect(await run("recover", { isRunning: () => true })).toMatchObject({ code: 0, stdout: "" });
    expect(await names()).toEqual(["mine"]);
  });

  test("does not touch the token of a process that runs for hours on another machine", async () => {
    const { runKilled, run, names, advance } = createRunner();
    const beats = new Map<number, () => void>();
    const every: Host["every"] = (milliseconds, call) => {
      beats.set(milliseconds, call);
      return () => void beats.delete(milliseconds);
    };
    const process = { id: 7, machine: "there" };
    await runKilled(`token run mine ${role} -- make`, { process, every });
    expect([...beats.keys()]).toEqual([60_000]);
    advance(3 * 3_600_000);
    for (const beat of beats.values()) beat();
    expect(await run("recover")).toMatchObject({ code: 0, stdout: "" });
    expect(await names()).toEqual(["mine"]);
    advance(16 * 60_000);
    expect((await run("recover")).stdout).toMatch(/^Revoked token "mine"/);
    expect(await names()).toEqual([]);
  });

  test("keeps a token of the same name that was created later", async () => {
    const { runKilled, run, json, names, advance } = createRunner("osmo");
    await runKilled("token run mine -r osmo-user -- make");
    await run("token delete mine");
    advance(1000);
    await run("token create mine -r osmo-user");
    expect(await json("recover")).toMatchObject([{ name: "mine", outcome: "kept" }]);
    expect(await names()).toEqual(["mine"]);
  });

  test("closes the entry of a token that does not exist any more", async () => {
    const { runKilled, run, json, journal } = createRunner();
    await runKilled(`token run mine ${role} -- make`);
    await run("token delete mine");
    expect(await json("recover")).toMatchObject([{ outcome: "gone" }]);
    expect(journal()).toEqual([]);
  });

  test("renews the token of a killed run with --on-lost renew", async () => {
    const { runKilled, run, json } = createRunner();
    await runKilled(`token run mine ${role} -- make`);
    const [recovered] = await json("recover --on-lost renew");
    expect(recovered).toMatchObject({ outcome: "renewed" });
    expect(await run(`whoami -q --app-token ${recovered.token}`)).toMatchObject({
      stdout: "mine\n",
    });
  });

  test("lists the entry of a running process", async () => {
    const { runKilled, json } = createRunner();
    await runKilled(`token run mine ${role} -- make`);
    expect(await json("recover --list")).toMatchObject([{ name: "mine", state: "delivering" }]);
  });
});

test("the token of a running program is not mistaken for that of a lost create", async () => {
  const { runKilled, run, losing, json } = createRunner("ovh-serving");
  await runKilled(`${lineOf("ovh-serving")} -- make`);
  const isRunning = () => true;
  const [kept] = await json("token list");
  const outcome = await run(lineOf("ovh-serving").replace("run", "create"), {
    fetch: losing(),
    isRunning,
  });
  expect(outcome.code).toBe(8);
  expect(await json("token list")).toEqual([kept]);
});

test("a later create of the same name is recovered although a run used the name", async () => {
  const { run, returning, losing, names } = createRunner("osmo");
  await run("token run mine -r osmo-user -- make", { runProgram: returning(0) });
  expect((await run("token create mine -r osmo-user", { fetch: losing() })).code).toBe(8);
  expect(await names()).toEqual([]);
});

test("the completion cache does not offer the token", async () => {
  const { run, returning, path } = createRunner();
  await run(`token run mine ${role} -- make`, { runProgram: returning(0) });
  const cache = path(".cache/tokctl");
  const files = existsSync(cache) ? readdirSync(cache, { recursive: true }) : [];
  for (const file of files.filter((name) => String(name).endsWith(".json")))
    expect(readFileSync(`${cache}/${file}`, "utf8")).not.toContain('"mine"');
});
