import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createVictim, cut } from "../support/lost-answers.ts";

const create = "token create ci -r ai_training_read";

/** Another user of OSMO. */
async function signOther({ run, env }: Pick<Victim, "run" | "env">) {
  const { stdout } = await run("token create other -r osmo-user -u other-user@example.com");
  return { env: { ...env, TOKCTL_APP_TOKEN: stdout.trim() } };
}
type Victim = ReturnType<typeof createVictim>;

describe("tokctl recover", () => {
  test("does nothing if nothing is pending", async () => {
    const { run, json } = createVictim();
    expect(await run("recover")).toMatchObject({ code: 0, stdout: "" });
    expect(await json("recover")).toEqual([]);
    await run(create);
    expect(await json("recover")).toEqual([]);
  });

  test("revokes the token of a killed create", async () => {
    const { run, runHalf, names, journal } = createVictim();
    await runHalf(create);
    expect(await names()).toEqual(["ci"]);
    const { code, stdout } = await run("recover");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Revoked token "ci" \([-\da-f]{36}\)\.\n$/);
    expect(await names()).toEqual([]);
    expect(journal()).toEqual([]);
  });

  test("renews the token with --on-lost renew", async () => {
    const { run, json, runHalf } = createVictim();
    await runHalf(create);
    const [recovered] = await json("recover --on-lost renew");
    expect(recovered).toMatchObject({ action: "create", name: "ci", outcome: "renewed" });
    expect(await run(`whoami -q --app-token ${recovered.token}`)).toMatchObject({ stdout: "ci\n" });
    expect(await json("recover")).toEqual([]);
  });

  test("prints the new secret alone on its line at a terminal", async () => {
    const { run, runHalf } = createVictim();
    await runHalf(create);
    const { code, stdout, stderr } = await run("recover --on-lost renew", {
      stdout: { isTTY: true, columns: 40 },
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/"ci" \([-\da-f]{36}\)\.\n/);
    expect(stdout).toMatch(/^\S+\n$/);
    expect(await run(`whoami -q --app-token ${stdout.trim()}`)).toMatchObject({ stdout: "ci\n" });
  });

  test("prints several new secrets with the IDs of their tokens at a terminal", async () => {
    const { run, runHalf, json } = createVictim();
    await runHalf(create);
    await runHalf("token create cd -r ai_training_read");
    const { stdout } = await run("recover --on-lost renew", { stdout: { isTTY: true } });
    const shown = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
    const tokens: { id: string; name: string }[] = await json("token list");
    expect(shown).toHaveLength(2);
    for (const [id, secret] of shown) {
      const { name } = await json(`whoami --app-token ${secret}`);
      expect(tokens).toContainEqual(expect.objectContaining({ id, name }));
    }
  });

  test("keeps the token and removes the journal entry with --on-lost keep", async () => {
    const { json, runHalf, names } = createVictim();
    await runHalf(create);
    expect(await json("recover --on-lost keep")).toMatchObject([{ outcome: "forgotten" }]);
    expect(await names()).toEqual(["ci"]);
    expect(await json("recover")).toEqual([]);
  });

  test("reports a create without a token as undone, as soon as that is certain", async () => {
    const { run, json, sandbox, advance, journal } = createVictim();
    const fetch: Fetch = async (url, init) =>
      init.method === "POST" ? cut() : sandbox.request(url, init);
    await run(create, { fetch, process: { id: 7, machine: "here" } });
    const early = await run("recover -o json");
    expect(early.code).toBe(10);
    expect(JSON.parse(early.stdout)).toMatchObject([{ name: "ci", outcome: null }]);
    advance(3 * 60_000);
    expect(await json("recover")).toMatchObject([{ name: "ci", outcome: "undone" }]);
    expect(journal()).toEqual([]);
  });

  test("sends nothing with another account's credential", async () => {
    const { run, json, sandbox, advance, env, requests } = createVictim();
    const fetch: Fetch = async (url, init) =>
      init.method === "POST" ? cut() : sandbox.request(url, init);
    await run(create, { fetch, process: { id: 7, machine: "here" } });
    advance(3 * 60_000);
    const { token } = await json("token create other -r ai_training_operator");
    const sent = requests.length;
    const { code } = await run("recover", { env: { ...env, TOKCTL_APP_TOKEN: token } });
    expect(code).toBe(10);
    expect(requests).toHaveLength(sent);
  });

  test("keeps tokens that another machine may have created", async () => {
    const { run, runHalf, names, elsewhere } = createVictim();
    await runHalf(create);
    await run(create, { env: elsewhere });
    const { code, stderr } = await run("recover");
    expect(code).toBe(10);
    expect(stderr.match(/"ci" \([-\da-f]{36}\)/g)).toHaveLength(2);
    expect(await names()).toEqual(["ci", "ci"]);
  });

  test("keeps the token of a repeated create", async () => {
    const { run, json, deaf, advance, journal } = createVictim();
    await run(create, { fetch: deaf, process: { id: 7, machine: "here" } });
    const secret = (await run(create)).stdout.trim();
    expect((await run("recover --on-lost revoke")).code).toBe(10);
    advance(3 * 60_000);
    expect(await json("recover")).toMatchObject([{ outcome: "undone" }]);
    expect((await run(`whoami --app-token ${secret}`)).code).toBe(0);
    expect(journal()).toEqual([]);
  });

  test.each(["", "--on-lost renew"])(
    "does not renew again after a repeated renew %s",
    async (words) => {
      const { run, json, deaf } = createVictim();
      await run(create);
      await run("token renew ci", { fetch: deaf, process: { id: 7, machine: "here" } });
      const secret = (await run("token renew ci")).stdout.trim();
      expect(await json(`recover ${words}`)).toMatchObject([{ outcome: "kept", token: null }]);
      expect((await run(`whoami --app-token ${secret}`)).code).toBe(0);
      expect(await json("recover")).toEqual([]);
    },
  );

  test("keeps the token that a running process is creating", async () => {
    const { run, runHalf, deaf, names } = createVictim();
    await run(create, { fetch: deaf, process: { id: 7, machine: "here" } });
    await runHalf(create, { process: { id: 8, machine: "here" } });
    const isRunning = ({ id }: { id: number }) => id === 8;
    const { code, stderr } = await run("recover", { isRunning });
    expect(code).toBe(10);
    expect(errorOf({ stderr }).code).toBe("outcome_unknown");
    expect(await names()).toEqual(["ci"]);
  });

  test("prints the new secrets before it is interrupted", async () => {
    const { run, runHalf, sandbox, journal } = createVictim();
    await runHalf(create);
    await runHalf("token create cd -r ai_training_read");
    const stop = new AbortController();
    let isRenewed = false;
    const fetch: Fetch = async (url, init) => {
      if (isRenewed) stop.abort("SIGINT");
      stop.signal.throwIfAborted();
      isRenewed = url.endsWith("/renew");
      return sandbox.request(url, init);
    };
    const { code, stdout } = await run("recover -q --on-lost renew", {
      fetch,
      interrupt: stop.signal,
    });
    expect(code).toBe(130);
    expect((await run(`whoami -q --app-token ${stdout.trim()}`)).stdout).toMatch(/^c[di]\n$/);
    expect(journal()).toHaveLength(1);
  });

  test("keeps a token created later, by the server's clock", async () => {
    const { run, json, sandbox, advance, names } = createVictim();
    const fetch: Fetch = async (url, init) =>
      init.method === "POST" ? cut() : sandbox.request(url, init);
    await run(create, { fetch, process: { id: 7, machine: "here" } });
    advance(3_600_000);
    await run(create);
    expect(await json("recover")).toMatchObject([{ outcome: "undone" }]);
    expect(await names()).toEqual(["ci"]);
  });

  test("does not renew a token renewed later, by the server's clock", async () => {
    const { run, json, deaf, advance, journal, elsewhere } = createVictim();
    await run(create);
    await run("token renew ci", { fetch: deaf, process: { id: 7, machine: "here" } });
    expect(journal()).toHaveLength(1);
    advance(3_600_000);
    const secret = (await run("token renew ci", { env: elsewhere })).stdout.trim();
    expect(await json("recover")).toMatchObject([{ outcome: "undone", token: null }]);
    expect((await run(`whoami --app-token ${secret}`)).code).toBe(0);
  });

  test("keeps a token without a date if the create is long ago", async () => {
    const { run, deaf, advance, names, elsewhere } = createVictim("osmo");
    const line = "token create ci -r osmo-user -u other-user@example.com";
    await run(line, { fetch: deaf, process: { id: 7, machine: "here" } });
    advance(3_600_000);
    await run(line, { env: elsewhere });
    expect((await run("recover --on-lost revoke")).code).toBe(10);
    expect(await run("token list -q -u other-user@example.com")).toMatchObject({
      stdout: expect.stringMatching(/^ci$/m),
    });
    expect(await names()).toEqual([]);
  });

  test.each(["", "--on-lost revoke"])(
    "keeps another account's token with the same name %s",
    async (words) => {
      const { run, runHalf, env, names } = createVictim("osmo");
      const asOther = await signOther({ run, env });
      await runHalf("token create ci -r osmo-user");
      await run("token create ci -r osmo-user", asOther);
      const { code } = await run(`recover ${words}`, asOther);
      expect(code).toBe(10);
      expect((await run("token list -q", asOther)).stdout).toMatch(/^ci$/m);
      expect(await names()).toContain("ci");
    },
  );

  test("restores no token with another account, and stays pending", async () => {
    const { run, json, deleteHalf, env, names } = createVictim("osmo");
    const asOther = await signOther({ run, env });
    await run("token create ci -r osmo-user");
    await deleteHalf("ci");
    expect(await run("recover", asOther)).toMatchObject({ code: 10, stdout: "" });
    expect(await json("recover")).toMatchObject([{ outcome: "restored" }]);
    expect(await names()).toEqual(["ci"]);
  });

  test("does not restore a token with more roles than before", async () => {
    const { run, deleteHalf, names, sandbox, url } = createVictim("osmo");
    await run("token create ci -r osmo-user");
    await sandbox.request(`${url}/api/auth/user/testuser/roles/osmo-user`, {
      method: "DELETE",
      headers: { "x-osmo-user": "testuser" },
    });
    await deleteHalf("ci -r osmo-admin");
    const { code, stderr } = await run("recover");
    expect(code).toBe(10);
    expect(errorOf({ stderr }).code).toBe("outcome_unknown");
    expect(stderr).toContain("tokctl token create ci -r ROLE");
    expect(await names()).toEqual([]);
  });

  test.each([
    ["a running process", { isRunning: () => true }],
    ["this process", { process: { id: 1234, machine: "here" } }],
  ])("ignores operations of %s", async (_, options) => {
    const { run, runHalf, names } = createVictim();
    await runHalf(create, options);
    expect(await run("recover", options)).toMatchObject({ code: 0, stdout: "" });
    expect(await names()).toEqual(["ci"]);
  });

  test("recovers an operation of an earlier process with the same id", async () => {
    const { json, runHalf, names } = createVictim();
    await runHalf(create, { process: { id: 1, machine: "box", startTime: "1000" } });
    const process = { id: 1, machine: "box", startTime: "2000" };
    expect(await json("recover", { process })).toMatchObject([{ outcome: "revoked" }]);
    expect(await names()).toEqual([]);
  });

  test("waits for an operation of another machine", async () => {
    const { run, json, runHalf, advance } = createVictim();
    await runHalf(create, { process: { id: 7, machine: "elsewhere" } });
    expect(await run("recover")).toMatchObject({ code: 0, stdout: "" });
    advance(3_600_000);
    expect(await json("recover")).toMatchObject([{ outcome: "revoked" }]);
  });

  test("keeps a token whose secret may have been delivered", async () => {
    const { run, json, names } = createVictim();
    await new Promise<void>((resolve) => {
      const stdout = { write: () => new Promise<void>(() => resolve()) };
      void run(create, { stdout, process: { id: 7, machine: "here" } });
    });
    const delivering = await run("recover -o json");
    expect(delivering.code).toBe(10);
    expect(JSON.parse(delivering.stdout)).toMatchObject([
      { outcome: null, state: "delivering", candidates: [{ name: "ci" }] },
    ]);
    expect(await names()).toEqual(["ci"]);
    expect(await json("recover --on-lost revoke")).toMatchObject([{ outcome: "revoked" }]);
    expect(await names()).toEqual([]);
  });

  test("renews the token of a killed renew", async () => {
    const { run, json, runHalf } = createVictim();
    await run(create);
    await runHalf("token renew ci");
    const { stdout } = await run("recover -q");
    expect(await run(`whoami -q --app-token ${stdout.trim()}`)).toMatchObject({ stdout: "ci\n" });
    expect(await json("recover")).toEqual([]);
  });

  test("restores an OSMO token that a killed renew deleted", async () => {
    const { run, json, deleteHalf, names } = createVictim("osmo");
    await run("token create ci -r osmo-user -d nightly -e 30d");
    const before = await json("token get ci");
    await deleteHalf("ci");
    expect(await names()).toEqual([]);
    const [restored] = await json("recover");
    expect(restored).toMatchObject({ action: "renew", name: "ci", outcome: "restored" });
    expect(await json("token get ci")).toEqual(before);
    expect(await run(`whoami --app-token ${restored.token}`)).toMatchObject({ code: 0 });
  });

  test("uses the profile of the operation", async () => {
    const { run, json, login, journal, runHalf } = createVictim();
    const none = Object.fromEntries(
      ["TOKCTL_PROVIDER", "TOKCTL_URL", "TOKCTL_APP_TOKEN"].map((name) => [name, undefined]),
    );
    await login("-p work");
    await runHalf(`${create} -p work`, { env: none });
    expect(journal()).toHaveLength(1);
    await login("-p other");
    // Connection options are those of the command line.
    const { stderr } = await run("recover --ca-file missing.pem", { env: none });
    expect(stderr).toContain("missing.pem");
    expect(await json("recover", { env: none })).toMatchObject([{ outcome: "revoked" }]);
  });

  test("writes no secret to the journal", async () => {
    const { runHalf, journal, path, bootstrap } = createVictim();
    await runHalf(create);
    const text = readFileSync(path(`.local/state/tokctl/journal/${journal()[0]}`), "utf8");
    expect(text).not.toContain(bootstrap);
    expect(JSON.parse(text)).toMatchObject({ attempt: { kind: "create", wanted: { name: "ci" } } });
  });

  test("reads journal files of earlier versions", async () => {
    const { json, runHalf, path, journal } = createVictim();
    await runHalf(create);
    const file = path(`.local/state/tokctl/journal/${journal()[0]}`);
    const { process, place } = JSON.parse(readFileSync(file, "utf8"));
    const at = "2026-11-23T12:00:00Z";
    const attempt = {
      kind: "create",
      owner: null,
      sending: { sentAt: at, endedAt: null, offset: { min: 0, max: 999 } },
      wanted: {
        name: "ci",
        roles: ["ai_training_read"],
        labelSelector: null,
        resource: null,
        description: null,
      },
      known: [],
    };
    writeFileSync(file, JSON.stringify({ at, process, place, attempt }));
    expect(await json("recover")).toMatchObject([
      { action: "create", name: "ci", begunAt: at, outcome: "revoked" },
    ]);
    expect(journal()).toEqual([]);
  });

  test("names a broken file, and recovers the rest", async () => {
    const { run, runHalf, path, journal, names } = createVictim();
    await runHalf(create);
    const broken = path(".local/state/tokctl/journal/0.json");
    writeFileSync(broken, '{"at": "secret-looking-text"}');
    const { code, stderr, stdout } = await run("recover");
    expect(code).toBe(10);
    expect(stdout).toMatch(/^Revoked token "ci"/);
    expect(stderr).toContain(broken);
    expect(stderr).not.toContain("secret-looking-text");
    expect(await names()).toEqual([]);
    expect(journal()).toEqual(["0.json"]);
  });
});

test.skipIf(process.platform === "win32")(
  "entries of the journal that are not regular files are ignored",
  async () => {
    const { run, runHalf, path } = createVictim();
    await runHalf(create);
    const folder = path(".local/state/tokctl/journal");
    execFileSync("mkfifo", [`${folder}/pipe.json`]);
    mkdirSync(`${folder}/folder.json`);
    symlinkSync("/dev/zero", `${folder}/link.json`);
    expect(await run("recover")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Revoked token/),
    });
  },
);

test("a create succeeds with a warning if the state directory is not writable", async () => {
  const { run, path, write, env } = createVictim();
  write("file", "");
  const made = await run(create, { env: { ...env, TOKCTL_STATE_DIR: path("file") } });
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S+\n$/) });
  expect(made.stderr).toContain(path("file"));
});
