import { statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createFamily, firstTokens } from "../support/family.ts";
import { createHome } from "../support/home.ts";
import type { RunOptions } from "../support/outcome.ts";

const day = 86_400_000;
const minute = 60_000;

test("a token without names can't be rotated, and no request is sent", async () => {
  const { run, requests, environment: env } = createHome("ovh-serving");
  const line = "token rotate ci -r model-evaluation --now --to env-file:.env#CI";
  expect(errorOf(await run(line, { env }))).toMatchObject({ code: "usage" });
  expect(requests).toEqual([]);
});

test.each([
  ["no destination", "token rotate ci -r read --now"],
  ["no schedule", "token rotate ci -r read --to env-file:.env#CI"],
  ["the name of a generation", "token rotate ci-r2 -r read --now --to env-file:.env#CI"],
  ["a destination without a record", "token rotate ci -r read --now --to command:cat"],
  ["no role for the first token", "token rotate ci --now --to env-file:.env#CI"],
  ["an invalid check URL", "token rotate ci -r read --now --to env-file:.env#CI --check-url x"],
])("%s is exit 2, and creates nothing", async (_, line) => {
  const { run, requests, environment: env } = createHome();
  expect(await run(line, { env })).toMatchObject({ code: 2 });
  expect(requests.filter(({ method }) => method !== "GET")).toEqual([]);
});

describe("rotates whatever --every is", () => {
  test("if the token was deleted", async () => {
    const { rotate, run, env } = createFamily();
    const { current } = await rotate();
    await run(`token delete ${current.id} -y`, { env });
    expect(await rotate()).toMatchObject({ created: { name: "ci-r2", reason: "missing" } });
  });

  test("if the token expires soon, or has expired", async () => {
    const { rotate, advance } = createFamily("osmo");
    await rotate("--every 1y");
    advance(70 * day);
    expect((await rotate("--every 1y")).created).toBeNull();
    advance(5 * day);
    expect(await rotate("--every 1y")).toMatchObject({ created: { reason: "expiring" } });
    advance(91 * day);
    expect(await rotate("--every 1y")).toMatchObject({ created: { reason: "expired" } });
  });

  test("if a soft expiry is near, which the successor inherits", async () => {
    const { rotate, run, names, advance, env, destination } = createFamily();
    await rotate("--every 1y -e 30d --soft-expiry");
    advance(27 * day);
    const { created } = await rotate("--every 1y");
    expect(created).toMatchObject({ name: "ci-r2.expires-2027-01-20", reason: "expiring" });
    advance(2 * day);
    const line = `token rotate ci --every 1y --to ${destination}`;
    expect((await run(line, { env })).stdout).toContain("deleted");
    expect(await names()).not.toContain("ci-r1.expires-2026-12-24");
  });

  test("with --now", async () => {
    const { rotate } = createFamily();
    await rotate();
    expect(await rotate("--now")).toMatchObject({ created: { name: "ci-r2", reason: "forced" } });
  });

  test("if a destination is new, so that all have the same token", async () => {
    const { rotate, path, consumer } = createFamily();
    await rotate();
    const { created, delivered } = await rotate(`--every 30d --to env-file:${path("second")}#CI`);
    expect(created).toMatchObject({ name: "ci-r2", reason: "incomplete" });
    expect(delivered).toHaveLength(2);
    expect([await consumer(), await consumer("second")]).toEqual(["ci-r2", "ci-r2"]);
  });
});

test("--dry-run prints what the next run does, and changes nothing", async () => {
  const { rotate, requests, advance, names, read } = createFamily();
  await rotate();
  advance(30 * day);
  const before = { names: await names(), file: read(".env"), sent: requests.length };
  const plan = await rotate("--every 30d --dry-run");
  expect(plan).toMatchObject({
    dryRun: true,
    current: { name: "ci-r1" },
    created: { id: null, name: "ci-r2", reason: "age" },
    delivered: [{ delivered: false }],
  });
  expect({ names: await names(), file: read(".env") }).toMatchObject({
    names: before.names,
    file: before.file,
  });
  expect(requests.slice(before.sent).filter(({ method }) => method !== "GET")).toEqual([]);
  const { created, kept } = await rotate();
  expect({ name: created.name, kept }).toEqual({ name: plan.created.name, kept: plan.kept });
});

describe("a token of the name without a number", () => {
  test("is kept, and --adopt replaces it", async () => {
    const { rotate, run, names, env, advance } = createFamily();
    await run(`token create ci ${firstTokens["ovh-ai"]}`, { env });
    expect(await rotate()).toMatchObject({
      created: { name: "ci-r1" },
      kept: [{ name: "ci", reason: "unrecorded" }],
    });
    advance(2 * day);
    expect((await rotate()).kept).toMatchObject([{ name: "ci", reason: "unrecorded" }]);
    expect((await rotate("--every 30d --adopt")).deleted).toMatchObject([{ name: "ci" }]);
    expect(await names()).not.toContain("ci");
  });

  test("is adopted once: later runs without --adopt delete it after the overlap", async () => {
    const { rotate, run, names, env, advance } = createFamily();
    await run(`token create ci ${firstTokens["ovh-ai"]}`, { env });
    const { created, kept } = await rotate("--every 30d --adopt");
    expect(created.name).toBe("ci-r2");
    expect(kept).toMatchObject([{ name: "ci", reason: "overlap" }]);
    advance(2 * day);
    expect((await rotate()).deleted).toMatchObject([{ name: "ci" }]);
    expect(await names()).toContain("ci-r2");
  });

  test("that a destination records is generation 1", async () => {
    const { rotate, run, env, destination, advance } = createFamily();
    await run(`token create ci ${firstTokens["ovh-ai"]} --to ${destination}`, { env });
    expect(await rotate()).toMatchObject({ current: { name: "ci" }, created: null });
    advance(30 * day);
    expect((await rotate()).created.name).toBe("ci-r2");
    advance(2 * day);
    expect((await rotate()).deleted).toMatchObject([{ name: "ci" }]);
  });
});

describe("exit 6, and nothing is changed:", () => {
  test("another scope is requested", async () => {
    const { rotate, run, env, names, destination } = createFamily();
    await rotate();
    const before = await names();
    const line = `token rotate ci -r ai_training_operator --now --to ${destination}`;
    expect(await run(line, { env })).toMatchObject({ code: 6 });
    expect(await names()).toEqual(before);
  });

  test("the generations have different scopes", async () => {
    const { rotate, tryRotate, run, env } = createFamily();
    await rotate();
    await run("token create ci-r7 -r ai_training_operator", { env });
    expect(errorOf(await tryRotate("--now"))).toMatchObject({ code: "conflict" });
  });

  test("the destination has a token of another name", async () => {
    const { run, env, destination, tryRotate } = createFamily();
    await run(`token create other ${firstTokens["ovh-ai"]} --to ${destination}`, { env });
    expect(await tryRotate()).toMatchObject({ code: 6 });
  });
});

describe("a run that can't rotate changes nothing:", () => {
  test.each([
    ["the sign-in is gone", { env: { TOKCTL_APP_TOKEN: "wrong" } }, 4],
    ["the API can't be reached", { fetch: unreachable() }, 8],
  ])("%s", async (_, options, code) => {
    const { rotate, tryRotate, names, read } = createFamily();
    await rotate();
    const before = { names: await names(), file: read(".env") };
    expect(await tryRotate("--now --retries 0", options)).toMatchObject({ code });
    expect({ names: await names(), file: read(".env") }).toEqual(before);
  });

  test("a destination is not writable", async () => {
    const { rotate, tryRotate, names, path } = createFamily();
    await rotate();
    const before = await names();
    const second = `env-file:${path("missing")}/.env#CI`;
    expect(await tryRotate(`--now --to ${second}`)).toMatchObject({ code: 2 });
    expect(await names()).toEqual(before);
  });
});

describe("--check", () => {
  test("gets the new secret, which it can use", async () => {
    const { rotate, path, read, consumer } = createFamily();
    await rotate(["--now", "--check", `printf %s "$TOKEN" > ${path("seen")}`]);
    expect(read("seen")).not.toBe("");
    expect(read(".env")).toContain(read("seen"));
    expect(await consumer()).toBe("ci-r1");
  });

  test("that fails deletes the successor, and the consumer keeps its token", async () => {
    const { rotate, tryRotate, names, read, consumer } = createFamily();
    await rotate();
    const before = { names: await names(), file: read(".env") };
    expect(await tryRotate("--now --check false")).toMatchObject({ code: 9 });
    expect({ names: await names(), file: read(".env") }).toEqual(before);
    expect(await consumer()).toBe("ci-r1");
  });

  test("--check-url sends the new secret", async () => {
    const { rotate, tryRotate, origin, consumer } = createFamily();
    await rotate(`--now --check-url ${origin}/v1/me`);
    expect(await consumer()).toBe("ci-r1");
    expect(await tryRotate(`--now --check-url ${origin}/v1/nosuch`)).toMatchObject({ code: 9 });
    expect(await consumer()).toBe("ci-r1");
  });
});

describe("a failed delivery", () => {
  test("to all destinations deletes the successor", async () => {
    const { run, env, path, names } = createFamily();
    const before = await names();
    const line = `token rotate ci -r read --now --to command:false --state ${path("state.json")}`;
    expect(await run(line, { env })).toMatchObject({ code: 9 });
    expect(await names()).toEqual(before);
  });

  test("to one destination keeps the tokens of both, and the next run heals", async () => {
    const { rotate, tryRotate, names, path, write, consumer, advance } = createFamily();
    const state = path("state.json");
    const words = ["--every", "30d", "--to", `command:test -e ${path("flag")}`, "--state", state];
    const { code, stdout } = await tryRotate(words);
    expect(code).toBe(9);
    expect(JSON.parse(stdout)).toMatchObject({
      current: { name: "ci-r1" },
      created: { name: "ci-r1" },
      delivered: [{ delivered: true }, { delivered: false, error: { code: "partial" } }],
    });
    expect(await consumer()).toBe("ci-r1");

    write("flag", "");
    advance(minute);
    expect(await rotate(words)).toMatchObject({
      created: { name: "ci-r2", reason: "incomplete" },
      delivered: [{ delivered: true }, { delivered: true }],
      kept: [{ name: "ci-r1", reason: "overlap" }],
    });
    advance(2 * day);
    expect(await rotate(words)).toMatchObject({ created: null, deleted: [{ name: "ci-r1" }] });
    expect(await names()).toContain("ci-r2");
  });
});

test("the state file has no secret, and only its owner can read it", async () => {
  const { rotate, path, read, advance } = createFamily();
  const words = ["--every", "30d", "--to", `command:cat > ${path("copy")}`];
  const { created } = await rotate([...words, "--state", path("state.json")]);
  expect(read(".env")).toContain(read("copy"));
  expect(read("state.json")).toContain(created.id);
  expect(read("state.json")).not.toContain(read("copy"));
  expect(statSync(path("state.json")).mode & 0o777).toBe(0o600);
  advance(day);
  expect((await rotate([...words, "--state", path("state.json")])).created).toBeNull();
});

test("a file of an earlier run is replaced, another one only with --force", async () => {
  const { run, json, env, path, write, read } = createFamily();
  const line = `token rotate ci -r read --now --to file:${path("token")}`;
  write("token", "something else");
  expect(await run(line, { env })).toMatchObject({ code: 2 });
  await json(`${line} --force`, { env });
  const first = read("token");
  await json(line, { env });
  expect(read("token")).not.toBe(first);
});

describe("the credential in use", () => {
  /** Signs in with a token of the family. */
  async function createOwnToken() {
    const family = createFamily();
    const { path, run, bootstrap, url, destination } = family;
    const env = { TOKCTL_STATE_DIR: path("state") };
    const line = `token rotate ci -r ai_training_operator --to ${destination}`;
    await run(`login ovh-ai ${url} --app-token-file - -p admin`, { stdin: bootstrap, env });
    await run(`${line} --now -p admin`, { env });
    const [, secret = ""] = /^CI='?([^'\n]*)/m.exec(family.read(".env")) ?? [];
    await run(`login ovh-ai ${url} --app-token-file - -p own`, { stdin: secret, env });
    return { ...family, env, line };
  }

  test("is stored in the profile after its rotation, and the old one is kept until then", async () => {
    const { json, run, line, env, advance } = await createOwnToken();
    const { created, deleted } = await json(`${line} --now --overlap 0s -p own`, { env });
    expect({ name: created.name, deleted }).toEqual({ name: "ci-r2", deleted: [] });
    expect((await run("whoami -q -p own", { env })).stdout).toContain("ci-r2");
    advance(minute);
    const next = await json(`${line} --every 30d --overlap 0s -p own`, { env });
    expect(next.deleted).toMatchObject([{ name: "ci-r1" }]);
  });
});

describe("an interrupted run", () => {
  /** Returns a fetch that never responds after a request that changes tokens, as if the run was killed. */
  const killedAfter = (method: string, send: Fetch, killed: () => void): Fetch => {
    return async (url, init) => {
      const reply = await send(url, init);
      if (init.method !== method) return reply;
      killed();
      return new Promise(() => {});
    };
  };

  async function kill(family: ReturnType<typeof createFamily>, more: RunOptions = {}) {
    await new Promise<void>((resolve) => {
      const fetch = killedAfter("POST", family.sandbox.request, resolve);
      const process = { id: 99, machine: "here" };
      void family.tryRotate("--every 30d", { ...more, fetch, process });
    });
  }

  test("on this machine is finished by the next run", async () => {
    const family = createFamily();
    await family.rotate();
    family.advance(30 * day);
    await kill(family);
    expect(await family.names()).toContain("ci-r2");
    family.advance(minute);
    const { created, deleted } = await family.rotate();
    expect(deleted).toMatchObject([{ name: "ci-r2" }]);
    expect(created.name).toMatch(/^ci-r[23]$/);
    expect(await family.consumer()).toBe(created.name);
    expect(await family.json("recover --list", { env: family.env })).toEqual([]);
  });

  test("on another machine is finished after 15 minutes", async () => {
    const family = createFamily();
    await family.rotate();
    family.advance(30 * day);
    await kill(family, { env: { TOKCTL_STATE_DIR: family.path("other") } });
    family.advance(minute);
    const { created, kept } = await family.rotate();
    expect(created).toBeNull();
    expect(kept).toMatchObject([{ name: "ci-r2", reason: "undelivered" }]);
    family.advance(15 * minute);
    const healed = await family.rotate();
    expect(healed.deleted).toMatchObject([{ name: "ci-r2" }]);
    expect(healed.created.name).toBe("ci-r3");
  });
});

test("a create with a lost response is left to a later run, since another machine may create the same", async () => {
  const { rotate, tryRotate, sandbox, names, advance, consumer, json, env } = createFamily();
  await rotate();
  advance(30 * day);
  const fetch: Fetch = async (url, init) => {
    const reply = await sandbox.request(url, init);
    if (init.method === "POST") throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
    return reply;
  };
  const outcome = await tryRotate("--every 30d", { fetch });
  expect(outcome).toMatchObject({ code: 10 });
  expect(errorOf(outcome).hint).toContain("Run the same command again");
  expect(await names()).toContain("ci-r2");
  expect(await consumer()).toBe("ci-r1");
  expect((await rotate()).deleted).toEqual([]);
  advance(minute);
  expect((await rotate()).deleted).toMatchObject([{ name: "ci-r2" }]);
  expect(await json("recover --list", { env })).toEqual([]);
});

test("of two runs that create the same generation, one deletes its own", async () => {
  const { rotate, sandbox, names, path, advance, consumer } = createFamily();
  await rotate();
  advance(30 * day);
  let other: ReturnType<typeof rotate> | undefined;
  const fetch: Fetch = async (url, init) => {
    // The other machine runs between the list and the create of this one.
    if (init.method === "POST" && !other) {
      other = rotate("--every 30d", { env: { TOKCTL_STATE_DIR: path("other") } });
      await other;
    }
    return sandbox.request(url, init);
  };
  const { created, deleted } = await rotate("--every 30d", { fetch });
  expect({ created, deleted }).toEqual({ created: null, deleted: [] });
  expect((await other)?.created.name).toBe("ci-r2");
  expect((await names()).filter((name) => name.startsWith("ci-r"))).toEqual(["ci-r1", "ci-r2"]);
  expect(await consumer()).toBe("ci-r2");
});

function unreachable(): Fetch {
  return async () => {
    throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  };
}
