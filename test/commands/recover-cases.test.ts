import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { NotConnectedError } from "../../src/http/errors/network-fault.ts";
import { createVictim } from "../support/lost-answers.ts";

const create = "token create ci -r ai_training_read";
const killed = { process: { id: 7, machine: "here" } };
const seconds = 1000;

type Victim = ReturnType<typeof createVictim>;

/** Runs a line until it writes the secret to stdout, and stops there. */
const deliverHalf = ({ run }: Victim, line: string) =>
  new Promise<void>((resolve) => {
    const stdout = { write: () => new Promise<void>(() => resolve()) };
    void run(line, { stdout, ...killed });
  });

const works = async ({ run }: Victim, secret: string) =>
  (await run(`whoami --app-token ${secret.trim()}`)).code === 0;

/** Runs a line whose response is lost, as if the process was killed. */
const loseHalf = ({ runHalf }: Victim, line: string) => runHalf(line);

describe("a process that was killed while it wrote the secret", () => {
  test.each(["create", "renew"])(
    "of %s is one result, besides other pending operations",
    async (verb) => {
      const victim = createVictim();
      const { run, json, deaf, advance, names } = victim;
      await run("token create other -r ai_training_read", { fetch: deaf, ...killed });
      if (verb === "renew") await run(create);
      await deliverHalf(victim, verb === "renew" ? "token renew ci" : create);
      advance(120 * seconds);
      const { code, stdout } = await run("recover -o json");
      expect(code).toBe(10);
      expect(JSON.parse(stdout)).toMatchObject([
        {
          action: verb,
          name: "ci",
          state: "delivering",
          outcome: null,
          candidates: [{ name: "ci" }],
        },
        { name: "other", outcome: "undone" },
      ]);
      const [{ token }] = await json("recover ci --on-lost renew");
      expect(await works(victim, token)).toBe(true);
      expect(await names()).toEqual(["ci"]);
      expect(await json("recover")).toEqual([]);
    },
  );

  test("keeps its token if the request of an equal create was lost meanwhile", async () => {
    const victim = createVictim();
    const { run, advance, deaf, names } = victim;
    const meanwhile: Fetch = async (url, init) => {
      if (init.method === "POST" && url.endsWith("/token")) await deliverHalf(victim, create);
      return deaf(url, init);
    };
    const { code } = await run(create, { fetch: meanwhile, process: { id: 8, machine: "here" } });
    expect(code).toBe(10);
    advance(120 * seconds);
    const { stdout } = await run("recover -o json");
    expect(JSON.parse(stdout)).toMatchObject([
      { state: "delivering", outcome: null },
      { state: "lost", outcome: "undone" },
    ]);
    expect(await names()).toEqual(["ci"]);
  });
});

describe("several operations on one token", () => {
  test("are one result: one renewal, one secret", async () => {
    const victim = createVictim();
    const { run, json, advance, requests, journal } = victim;
    await run(create);
    for (let i = 0; i < 3; i++) {
      advance(60 * seconds);
      await loseHalf(victim, "token renew ci");
    }
    expect(journal()).toHaveLength(3);
    advance(60 * seconds);
    const sent = requests.length;
    const recovered = await json("recover");
    expect(recovered).toMatchObject([{ action: "renew", name: "ci", outcome: "renewed" }]);
    const renewals = requests.slice(sent).filter(({ url }) => url.endsWith("/renew"));
    expect(renewals).toHaveLength(1);
    expect(await works(victim, recovered[0].token)).toBe(true);
    expect(journal()).toEqual([]);
  });

  test("are settled by a later successful renewal", async () => {
    const victim = createVictim();
    const { run, json, advance, deaf, losing, journal } = victim;
    await run(create);
    await run("token renew ci --on-lost keep", { fetch: losing() });
    await run("token renew ci", { fetch: deaf, ...killed });
    await loseHalf(victim, "token renew ci");
    advance(60 * seconds);
    const { stdout } = await run("token renew ci");
    advance(60 * seconds);
    expect(await json("recover")).toMatchObject([{ outcome: "kept", token: null }]);
    expect(await works(victim, stdout)).toBe(true);
    expect(journal()).toEqual([]);
  });

  test("that are identical creates are one result, and each token is revoked", async () => {
    const victim = createVictim();
    const { json, advance, names, journal } = victim;
    for (let i = 0; i < 2; i++) {
      await loseHalf(victim, create);
      advance(60 * seconds);
    }
    expect(await names()).toEqual(["ci", "ci"]);
    expect(await json("recover")).toMatchObject([{ outcome: "revoked" }]);
    expect(await names()).toEqual([]);
    expect(journal()).toEqual([]);
  });
});

describe("another client's token", () => {
  test.each([1, 5, 20])("created %i s after the create is kept, and listed", async (later) => {
    const victim = createVictim();
    const { run, json, deaf, advance, elsewhere, journal } = victim;
    await run(create, { fetch: deaf, ...killed, sleep: () => {} });
    advance(later * seconds);
    const other = await json(create, { env: elsewhere });
    for (const wait of [0, 60, 3600]) {
      advance(wait * seconds);
      const { code, stdout } = await run("recover -o json");
      expect(code).toBe(10);
      expect(JSON.parse(stdout)).toMatchObject([
        { outcome: null, candidates: [{ id: other.id, version: 1 }] },
      ]);
    }
    expect(await works(victim, other.token)).toBe(true);
    expect((await run(`recover --on-lost revoke -o json`)).code).toBe(10);
    expect(await works(victim, other.token)).toBe(true);
    expect(journal()).toHaveLength(1);
    expect(await json("recover --on-lost keep")).toMatchObject([{ outcome: "forgotten" }]);
    expect(await works(victim, other.token)).toBe(true);
    expect(journal()).toEqual([]);
  });

  test("is kept if --candidate names ours", async () => {
    const victim = createVictim();
    const { run, json, elsewhere, names } = victim;
    await loseHalf(victim, create);
    const other = await json(create, { env: elsewhere });
    const { stdout } = await run("recover -o json");
    const [{ entry, candidates }] = JSON.parse(stdout);
    const ours = candidates.find(({ id }: { id: string }) => id !== other.id);
    expect((await run(`recover ${entry} --candidate ${other.id.slice(1)}`)).code).toBe(10);
    const [recovered] = await json(`recover ${entry} --candidate ${ours.id} --on-lost renew`);
    expect(recovered).toMatchObject({ id: ours.id, outcome: "renewed" });
    expect(await works(victim, recovered.token)).toBe(true);
    expect(await works(victim, other.token)).toBe(true);
    expect(await names()).toHaveLength(2);
  });

  test("that was renewed after our request is not renewed again", async () => {
    const victim = createVictim();
    const { run, deaf, advance, elsewhere } = victim;
    await run(create);
    await run("token renew ci", { fetch: deaf, ...killed, sleep: () => {} });
    advance(5 * seconds);
    const { stdout } = await run("token renew ci", { env: elsewhere });
    for (const wait of [0, 60]) {
      advance(wait * seconds);
      expect((await run("recover")).code).toBe(10);
    }
    expect(await works(victim, stdout)).toBe(true);
  });

  test("is kept if another client creates tokens with the same name", async () => {
    const victim = createVictim();
    const { run, elsewhere, names } = victim;
    await run(create, { env: elsewhere });
    await loseHalf(victim, create);
    expect((await run("recover")).code).toBe(10);
    expect(await names()).toEqual(["ci", "ci"]);
  });
});

describe("a pending operation", () => {
  test("is listed without a request, and selected by entry or name", async () => {
    const victim = createVictim();
    const { json, run, requests, names, advance } = victim;
    await loseHalf(victim, create);
    advance(seconds);
    await loseHalf(victim, "token create cd -r ai_training_read");
    const sent = requests.length;
    const list = await json("recover --list");
    expect(requests).toHaveLength(sent);
    expect(list).toMatchObject([
      { action: "create", name: "ci", state: "lost", provider: "ovh-ai", outcome: null },
      { name: "cd" },
    ]);
    for (const format of ["text", "description", "yaml"])
      expect(await run(`recover --list -o ${format}`)).toMatchObject({ code: 0 });
    expect((await run("recover nothing-like-it")).code).toBe(3);
    expect(await json(`recover ${list[0].entry}`)).toMatchObject([{ name: "ci" }]);
    expect(await names()).toEqual(["cd"]);
    expect(await json("recover cd --on-lost keep")).toMatchObject([{ outcome: "forgotten" }]);
    expect(await names()).toEqual(["cd"]);
    expect(await json("recover --list")).toEqual([]);
  });

  test("is not changed by --dry-run", async () => {
    const victim = createVictim();
    const { json, requests, journal } = victim;
    await loseHalf(victim, create);
    const before = journal();
    const sent = requests.length;
    expect(await json("recover --dry-run")).toMatchObject([
      { name: "ci", outcome: null, planned: "revoked", token: null },
    ]);
    expect(new Set(requests.slice(sent).map(({ method }) => method))).toEqual(new Set(["GET"]));
    expect(journal()).toEqual(before);
  });

  test("is mentioned only to its own account", async () => {
    const victim = createVictim();
    const { run, env } = victim;
    await loseHalf(victim, create);
    const own = await run("token create cd -r ai_training_read");
    expect(own.stderr).toContain("tokctl recover");
    const asOther = { env: { ...env, TOKCTL_APP_TOKEN: own.stdout.trim() } };
    const others = await run("token create ce -r ai_training_read", asOther);
    expect(others.stderr).not.toContain("tokctl recover");
  });

  test("can be removed after its profile was removed", async () => {
    const victim = createVictim();
    const { run, json, login, runHalf, journal } = victim;
    const env = Object.fromEntries(
      ["TOKCTL_PROVIDER", "TOKCTL_URL", "TOKCTL_APP_TOKEN"].map((name) => [name, undefined]),
    );
    await login("-p work");
    await runHalf(`${create} -p work`, { env });
    await run("profile remove work --yes", { env });
    expect((await run("recover", { env })).code).toBe(10);
    expect(await json("recover --on-lost keep", { env })).toMatchObject([{ outcome: "forgotten" }]);
    expect(journal()).toEqual([]);
  });

  test("is not reported as undone after an interrupted recovery and an older lost request", async () => {
    const victim = createVictim();
    const { run, runHalf, deaf, advance } = victim;
    await run(create);
    const renew = "token renew ci -y";
    const process = { id: 8, machine: "here" };
    expect((await run(renew, { fetch: deaf, process: { id: 6, machine: "here" } })).code).toBe(10);
    advance(60_000);
    await runHalf(renew);
    advance(60_000);
    const isRunning = () => false;
    expect((await run("recover", { fetch: deaf, process, isRunning })).code).toBe(10);
    advance(60_000);
    const { code, stdout } = await run("recover -q", {
      process: { id: 9, machine: "here" },
      isRunning,
    });
    expect(code).toBe(0);
    expect(await works(victim, stdout)).toBe(true);
    expect(victim.journal()).toEqual([]);
  });

  test("is recovered by one process only", async () => {
    const victim = createVictim();
    const { run, runHalf, requests, sandbox, names } = victim;
    await runHalf(create);
    const isRunning = ({ id }: { id: number }) => id !== 7;
    let other: Awaited<ReturnType<typeof run>> | undefined;
    const { code } = await run("recover", {
      isRunning,
      process: { id: 8, machine: "here" },
      fetch: async (url, init) => {
        other ??= await run("recover", {
          isRunning,
          process: { id: 9, machine: "here" },
          fetch: sandbox.request,
        });
        return sandbox.request(url, init);
      },
    });
    expect(code).toBe(0);
    expect(other).toMatchObject({ code: 0, stdout: "" });
    expect(requests.filter(({ method }) => method === "DELETE")).toHaveLength(1);
    expect(await names()).toEqual([]);
  });
});

describe.skipIf(process.platform === "win32")("the journal directory", () => {
  test("is refused if others can write to it", async () => {
    const victim = createVictim();
    const { run, path, names } = victim;
    await loseHalf(victim, create);
    chmodSync(path(".local/state/tokctl/journal"), 0o777);
    expect((await run("recover")).code).toBe(2);
    expect(await names()).toEqual(["ci"]);
    chmodSync(path(".local/state/tokctl/journal"), 0o700);
    expect((await run("recover")).code).toBe(0);
  });

  test("is cleaned of temporary files of killed processes", async () => {
    const victim = createVictim();
    const { run, path, runHalf } = victim;
    await runHalf(create);
    const folder = path(".local/state/tokctl/journal");
    writeFileSync(`${folder}/x.json.7-00ff.tmp`, "{");
    await run("recover");
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  });
});

test("a create that was never sent leaves no journal entry", async () => {
  const { run, sandbox, journal } = createVictim();
  const { code } = await run(`${create} --retries 0`, {
    fetch: async (url, init) => {
      if (init.method === "POST") throw new NotConnectedError(new Error("refused"));
      return sandbox.request(url, init);
    },
  });
  expect(code).toBe(8);
  expect(journal()).toEqual([]);
});

test("--candidate settles one of several identical creates", async () => {
  const victim = createVictim();
  const { run, json, advance, elsewhere, names } = victim;
  await run(create, { env: elsewhere });
  for (let i = 0; i < 2; i++) {
    await loseHalf(victim, create);
    advance(60 * seconds);
  }
  const { stdout } = await run("recover -o json");
  const [{ entry, candidates }] = JSON.parse(stdout);
  expect(candidates).toHaveLength(2);
  await json(`recover ${entry} --candidate ${candidates[0].id} --on-lost revoke`);
  expect(await names()).toHaveLength(2);
  expect(await json("recover --list")).toMatchObject([{ name: "ci", state: "lost" }]);
  await json(`recover --candidate ${candidates[1].id}`);
  expect(await names()).toHaveLength(1);
  expect(await json("recover --list")).toEqual([]);
});
