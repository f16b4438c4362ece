import { describe, expect, test } from "vitest";
import type { Token } from "../../src/core/token.ts";
import { errorOf } from "../support/error-of.ts";
import { createPlaces } from "../support/places.ts";
import { createTerminal } from "../support/terminal.ts";
import { createWorld, type World } from "../support/world.ts";

const day = 86_400_000;

/** The options of a new token by API. The clock of a world starts on 2026-11-23. */
const specs = {
  "ovh-ai": "-r ai_training_read -l group=A",
  "ovh-cloud": "-r ai_training_read -l group=A --region GRA",
} as const;
const apis = Object.keys(specs) as (keyof typeof specs)[];

const methodsOf = ({ requests }: World) => requests.map(({ method }) => method);

const namesIn = async (world: World): Promise<readonly (string | null)[]> =>
  (await world.json("token list --sort name")).map(({ name }: Token) => name);

/** Returns a world with a token of 10 days. */
async function createExpiring(api: keyof typeof specs, name = "ci") {
  const world = createWorld(api);
  const created = await world.json(`token create ${name} ${specs[api]} -e 10d --soft-expiry`);
  world.requests.length = 0;
  return { world, created, spec: specs[api] };
}

describe.each(apis)("a token of %s with a soft expiry", (api) => {
  test("has the date in its name, and a derived expiry that a client enforces", async () => {
    const { world, created } = await createExpiring(api);
    const expected = {
      name: "ci.expires-2026-12-04",
      labelSelector: "group=A",
      expiresAt: "2026-12-04T00:00:00Z",
      expiryEnforcedBy: "client",
      status: "active",
    };
    expect(created).toMatchObject(expected);
    expect(await world.json("token get ci")).toMatchObject(expected);
    expect(await world.json(`token get ${expected.name}`)).toMatchObject({ id: created.id });
    await world.run(`token create plain ${specs[api]}`);
    expect(await world.json("token get plain")).toMatchObject({
      expiresAt: null,
      expiryEnforcedBy: null,
      status: "active",
    });
  });

  test("is shown with its status and date; without such a token, the list has no such columns", async () => {
    const world = createWorld(api);
    await world.run(`token create plain ${specs[api]}`);
    expect((await world.run("token list")).stdout).not.toMatch(/STATUS|EXPIRES/);
    await world.run(`token create ci ${specs[api]} -e 10d --soft-expiry`);
    const statusOf = async () =>
      / (\w+) +2026-12-04 \(soft\)/.exec((await world.run("token list")).stdout)?.[1];
    expect(await statusOf()).toBe("active");
    expect((await world.run("token get ci")).stdout).toMatch(/Expires at: +2026-12-04 \(soft\)\n/);
    world.advance(4 * day);
    expect(await statusOf()).toBe("expiring");
    world.advance(7 * day);
    expect(await statusOf()).toBe("expired");
  });

  test("is found by the filters and the sort key of the expiry", async () => {
    const { world } = await createExpiring(api);
    await world.run(`token create later ${specs[api]} -e 2027-01-31 --soft-expiry`);
    await world.run(`token create plain ${specs[api]}`);
    const listed = async (line: string) =>
      (await world.json(`token list ${line}`)).map(({ name }: Token) => name?.split(".")[0]);
    expect(await listed("--expiring-within 14d")).toEqual(["ci"]);
    expect((await world.run("token list --expiring-within 14d --exit-code")).code).toBe(11);
    expect(await listed("--sort -expires")).toEqual(["later", "ci", "plain"]);
    expect(await listed("--name ci")).toEqual(["ci"]);
    expect(await listed("--name *.expires-2027-*")).toEqual(["later"]);
    world.advance(20 * day);
    expect(await listed("--status expired")).toEqual(["ci"]);
    expect(await listed("--status active")).toEqual(["later", "plain"]);
    expect(await listed("--expiring-within 14d")).toEqual([]);
  });

  test("is deleted by token delete --expired, once it has expired", async () => {
    const { world, created } = await createExpiring(api);
    await world.run(`token create plain ${specs[api]}`);
    expect(await world.json("token delete --expired -y")).toEqual([]);
    world.advance(11 * day);
    world.requests.length = 0;
    expect(await world.json("token delete --expired --dry-run")).toMatchObject([
      { id: created.id, status: "expired" },
    ]);
    expect(methodsOf(world)).not.toContain("DELETE");
    expect(await world.json("token delete --expired -y")).toEqual([
      { id: created.id, name: "ci.expires-2026-12-04", deleted: true },
    ]);
    expect(await namesIn(world)).toEqual(["plain"]);
  });

  test("is found by its name without the date; several tokens of that name are ambiguous", async () => {
    const { world, spec } = await createExpiring(api);
    await world.run(`token create ci ${spec}`);
    world.requests.length = 0;
    for (const line of ["get ci", "renew ci -y", "delete ci -y", "roles ci"]) {
      const outcome = await world.run(`token ${line}`);
      expect([line, outcome.code, errorOf(outcome).code]).toEqual([line, 6, "conflict"]);
    }
    expect(new Set(methodsOf(world))).toEqual(new Set(["GET"]));
    expect((await world.run("token delete ci.expires-2026-12-04 -y")).code).toBe(0);
    expect((await world.run("token delete ci -y")).code).toBe(0);
    expect(await namesIn(world)).toEqual([]);
  });

  test("keeps its expiry in a renewal without -e, until it has expired", async () => {
    const { world, created } = await createExpiring(api);
    const renewed = await world.json("token renew ci -y");
    expect(renewed).toMatchObject({ id: created.id, name: created.name, version: 2 });
    world.advance(11 * day);
    const outcome = await world.run("token renew ci -y");
    expect([outcome.code, errorOf(outcome).code]).toEqual([2, "usage"]);
    expect(await world.json("token get ci")).toMatchObject({ version: 2 });
  });

  test("is replaced by a token with the same scope to change its expiry", async () => {
    const { world, created } = await createExpiring(api);
    const extended = await world.json("token renew ci -e 2027-01-31 --soft-expiry -y");
    expect(extended).toMatchObject({
      name: "ci.expires-2027-01-31",
      roles: created.roles,
      labelSelector: "group=A",
      region: created.region,
    });
    expect(extended.id).not.toBe(created.id);
    expect(methodsOf(world).at(-1)).toBe("DELETE");
    expect(await namesIn(world)).toEqual(["ci.expires-2027-01-31"]);
    expect((await world.run("token renew ci -e 2027-01-31 --soft-expiry -y")).code).toBe(0);
    expect(await world.json("token get ci")).toMatchObject({ id: extended.id, version: 2 });
  });

  test("gets an expiry afterwards, and a new one after it has expired", async () => {
    const world = createWorld(api);
    await world.run(`token create ci ${specs[api]}`);
    expect((await world.run("token renew ci -e 5d --soft-expiry -y")).code).toBe(0);
    world.advance(30 * day);
    expect((await world.run("token renew ci -e 5d --soft-expiry -y")).code).toBe(0);
    expect(await namesIn(world)).toEqual(["ci.expires-2026-12-29"]);
  });

  test("is kept if the secret of its successor is not delivered", async () => {
    const { world, created } = await createExpiring(api);
    const line = "token renew ci -e 60d --soft-expiry -y --to command:false";
    expect((await world.run(line)).code).toBe(9);
    expect(await world.json("token list")).toMatchObject([{ id: created.id, version: 1 }]);
  });

  test("is replaced in a selection", async () => {
    const { world, spec } = await createExpiring(api);
    await world.run(`token create other ${spec} -e 12d --soft-expiry`);
    await world.run(`token create later ${spec} -e 90d --soft-expiry`);
    const line = "token renew --expiring-within 14d -e 30d --soft-expiry";
    expect(await world.json(`${line} --dry-run`)).toHaveLength(2);
    expect((await world.run(line)).code).toBe(2);
    const renewed = await world.json(`${line} -y`);
    expect(renewed.map(({ name }: Token) => name)).toEqual([
      "ci.expires-2026-12-24",
      "other.expires-2026-12-24",
    ]);
    expect(await namesIn(world)).toEqual([
      "ci.expires-2026-12-24",
      "later.expires-2027-02-22",
      "other.expires-2026-12-24",
    ]);
  });

  test("is one token for --if-exists, whatever its date", async () => {
    const { world, created, spec } = await createExpiring(api);
    const create = (more: string) =>
      world.run(`token create ci ${spec} --if-exists ${more} -o json`);
    expect((await create("fail -e 10d --soft-expiry")).code).toBe(6);
    expect((await create("fail")).code).toBe(6);
    const same = JSON.parse((await create("renew -e 10d --soft-expiry")).stdout);
    expect(same).toMatchObject({ id: created.id, version: 2 });
    expect(JSON.parse((await create("renew")).stdout)).toMatchObject({ id: created.id });
    expect((await create("renew -e 60d --soft-expiry")).code).toBe(0);
    expect(await namesIn(world)).toEqual(["ci.expires-2027-01-23"]);
    expect((await create("replace")).code).toBe(0);
    expect(await namesIn(world)).toEqual(["ci"]);
  });

  test("is in exports", async () => {
    const { world } = await createExpiring(api);
    const exported = async (format: string) => (await world.run(`token export ${format}`)).stdout;
    expect(await exported("ics")).toContain("DTSTART;VALUE=DATE:20261204");
    expect(await exported("prometheus")).toMatch(
      new RegExp(
        `tokctl_token_expiry_timestamp_seconds\\{.*\\} ${Date.parse("2026-12-04") / 1000}\n`,
      ),
    );
    expect(await exported("csv")).toContain(",2026-12-04T00:00:00Z,client,active,");
  });

  test("is ended after a run that was killed by token delete --expired", async () => {
    const world = createWorld(api);
    const line = `token run job ${specs[api]} -e 1d --soft-expiry -- sh`;
    let during: readonly (string | null)[] = [];
    const runProgram = async () => {
      during = await namesIn(world);
      return 0;
    };
    expect((await world.run(line, { runProgram })).code).toBe(0);
    expect(during).toEqual(["job.expires-2026-11-25"]);
    expect(await namesIn(world)).toEqual([]);
  });

  test.each([
    "token create ci -r read -e 30d",
    "token create ci -r read --soft-expiry",
    "token create ci -r read -e 2026-11-23 --soft-expiry",
    "token create ci.expires-2026-99-99 -r read -e 30d --soft-expiry",
    "token renew ci -e 30d -y",
    "token renew ci --soft-expiry -y",
    "token renew --all -e 30d -y",
    "token run -r read -e 1d -- true",
    "token delete --expired --status active -y",
    "token delete --expired --expiring-within 3d -y",
    "token delete --expired ci -y",
  ])("%s is refused before anything is sent", async (line) => {
    const world = createWorld(api);
    const outcome = await world.run(`${line} -o json`);
    expect([outcome.code, outcome.stdout, errorOf(outcome).code]).toEqual([2, "", "usage"]);
    expect(world.requests).toEqual([]);
  });

  test.each([
    "x.expires-2026-99-99",
    ".expires-2026-12-01",
    "a.expires-2026-12-01.expires-2026-12-02",
  ])("%s is a plain name", async (name) => {
    const world = createWorld(api);
    await world.run(`token create ${name} ${specs[api]}`);
    world.advance(365 * day);
    expect(await world.json("token delete --expired -y")).toEqual([]);
    expect(await world.json(`token get ${name}`)).toMatchObject({ name, expiresAt: null });
    expect((await world.run("token get a")).code).toBe(3);
  });
});

describe("APIs without soft expiry", () => {
  test.each([
    ["osmo", "token create ci -r osmo-user -e 30d --soft-expiry"],
    ["osmo", "token renew ci -e 30d --soft-expiry"],
    ["ovh-serving", "token create -r model-evaluation --resource * -e 30d --soft-expiry"],
    ["ovh-serving", "token delete --expired -y"],
  ])("%s refuses `%s` before anything is sent", async (api, line) => {
    const world = createWorld(api);
    const outcome = await world.run(line);
    expect([outcome.code, errorOf(outcome).code]).toEqual([2, "usage"]);
    expect(world.requests).toEqual([]);
  });

  test("a date in the name of an OSMO token means nothing", async () => {
    const world = createWorld("osmo");
    const name = "ci.expires-2026-12-01";
    const created = await world.run(`token create ${name} -r osmo-user -e 60d`);
    if (created.code === 2) return;
    expect(await world.json(`token get ${name}`)).toMatchObject({
      expiresAt: "2027-01-23T00:00:00Z",
      expiryEnforcedBy: "server",
    });
    expect((await world.run("token get ci")).code).toBe(3);
  });

  test("token delete --expired deletes expired OSMO tokens", async () => {
    const world = createWorld("osmo");
    await world.run("token create ci -r osmo-user -e 3d");
    world.advance(5 * day);
    expect(await world.json("token delete --expired -y")).toMatchObject([
      { name: "ci", deleted: true },
    ]);
  });
});

describe("the credential in use", () => {
  test("shows its soft expiry in whoami and check, and is never replaced or deleted by a selection", async () => {
    const world = createWorld();
    const mine = await world.json("token create mine -r operator -e 10d --soft-expiry");
    const env = { TOKCTL_APP_TOKEN: mine.token };
    const expiry = { expiresAt: "2026-12-04T00:00:00Z", expiryEnforcedBy: "client" };
    expect(await world.json("whoami", { env })).toMatchObject({ tokenName: mine.name, ...expiry });
    expect(await world.json(["token", "check", "--app-token", mine.token])).toMatchObject(expiry);
    const renewed = await world.run("token renew mine -e 30d --soft-expiry -y", { env });
    expect([renewed.code, errorOf(renewed).code]).toEqual([6, "conflict"]);
    world.advance(11 * day);
    expect(await world.json("token delete --expired -y", { env })).toEqual([]);
    expect(await world.json("token list", { env })).toMatchObject([{ id: mine.id, version: 1 }]);
  });
});

test("reach finds a token by its name without the date", async () => {
  const { world } = await createExpiring("ovh-ai");
  expect(await world.json("token reach ci")).toMatchObject({ matching: 1 });
});

test("a destination has the new secret before the old token is deleted", async () => {
  const places = createPlaces("ovh-ai");
  await places.run("token create ci -r ai_training_read -e 10d --soft-expiry");
  const to = ["--to", `file:${places.at("secret")}`, "--force"];
  const renew = ["token", "renew", "ci", "-e", "60d", "--soft-expiry", "-y", ...to];
  expect((await places.run(renew)).code).toBe(0);
  expect(await places.owner(places.read("secret"))).toBe("ci.expires-2027-01-23");
});

test("a question says that a new token replaces the old one", async () => {
  const { world, created } = await createExpiring("ovh-ai");
  const terminal = createTerminal([/\[y\/N\]/, "n\r"]);
  const { code, stderr } = await world.run("token renew ci -e 60d --soft-expiry", terminal);
  expect(code).toBe(130);
  expect(stderr).toContain("replaced");
  expect(await world.json("token list")).toMatchObject([{ id: created.id }]);
});
