import { describe, expect, test } from "vitest";
import type { Outcome } from "../support/outcome.ts";
import { createWorld, type World } from "../support/world.ts";

const other = "service-account@example.com";

/** The command in a hint, with these words behind the options that were added to it. */
const commandIn = ({ stderr }: Outcome, pattern: RegExp): readonly string[] =>
  (pattern.exec(stderr)?.[1] ?? "").split(" ");

const create = async (world: World, line: string) =>
  (await world.json(`token create ${line}`)).token as string;

describe("a hint leads to the token that was meant", () => {
  test("when another user has a token of that name", async () => {
    const world = createWorld("osmo");
    const mine = await create(world, "svc1");
    await create(world, `svc1 -u ${other}`);
    const outcome = await world.run(`token create svc1 -u ${other} --url ${world.origin}`);
    expect(outcome.code).toBe(6);
    const words = commandIn(outcome, /^tokctl (token renew .* svc1) /m);
    expect(words).toContain("--url");
    const { code, stdout } = await world.run(words);
    expect(code).toBe(0);
    expect((await world.json(`whoami --app-token ${stdout.trim()}`)).name).toBe(other);
    expect((await world.run(`whoami --app-token ${mine}`)).code).toBe(0);
  });

  test("in the data of a deletion too", async () => {
    const world = createWorld("osmo");
    const { stdout } = await world.run(`token delete a b -y -o json -u ${other}`);
    for (const { error } of JSON.parse(stdout))
      expect(error.hint).toContain(`tokctl token list -u ${other}`);
  });

  test("and does not advise what was given", async () => {
    const { stderr } = await createWorld("osmo").run(`token get nope -u ${other}`);
    expect(stderr).not.toContain("--user");
  });

  test.each([
    ["create x -r osmo-admin", 5],
    ["renew x -r osmo-admin", 5],
  ])("the roles in it are those of the user: %s", async (line, exitCode) => {
    const world = createWorld("osmo");
    if (line.startsWith("renew")) await create(world, `x -u ${other}`);
    const { code, stderr } = await world.run(`token ${line} -u ${other}`);
    expect(code).toBe(exitCode);
    expect(stderr).toContain(`${other} has the roles osmo-user`);
    expect(stderr).not.toContain("whoami");
  });

  test("a user without roles is said to have none", async () => {
    const world = createWorld("osmo");
    await world.sandbox.request(`${world.origin}/api/auth/user`, {
      method: "POST",
      headers: { "x-osmo-user": "testuser" },
      body: JSON.stringify({ id: "nobody" }),
    });
    const { code, stderr } = await world.run("token create x -u nobody");
    expect(code).toBe(2);
    expect(stderr).toContain("nobody has no roles");
  });

  test("an invalid expiry shows an example of a provider that has one", async () => {
    const { code, stderr } = await createWorld("osmo").run("token create x -e 2027-1-5");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^For example: tokctl token create .* -r osmo-user -e 90d/m);
  });
});

test("a service that requires signing in refuses a user's name, and the hint is to sign in", async () => {
  const world = createWorld("osmo", { osmoGateway: true });
  const env = { TOKCTL_APP_TOKEN: undefined, TOKCTL_USER_HEADER: "testuser" };
  const { code, stderr } = await world.run("whoami", { env });
  expect(code).toBe(4);
  expect(stderr).toContain(`tokctl login osmo ${world.origin}`);
});

test("whoami shows the pools and the default pool", async () => {
  const world = createWorld("osmo");
  expect(await world.json("whoami")).toMatchObject({
    owner: "testuser",
    pools: ["default"],
    defaultPool: "default",
  });
});

describe("renew", () => {
  test.each([
    "r1 -r osmo-user osmo-admin",
    "r1 --roles osmo-user osmo-admin",
    "-r osmo-user -r osmo-admin r1",
  ])("takes several roles as create does: %s", async (words) => {
    const world = createWorld("osmo");
    await create(world, "r1 -r osmo-user");
    expect(await world.json(`token renew ${words}`)).toMatchObject({
      name: "r1",
      roles: ["osmo-admin", "osmo-user"],
    });
  });

  test.each(["a b", "", "a b -r osmo-user"])("takes one token: %j is exit 2", async (words) => {
    const world = createWorld("osmo");
    expect((await world.run(`token renew ${words}`)).code).toBe(2);
    expect(world.requests).toEqual([]);
  });

  test("shows the expiry, and warns if it is near, with -q too", async () => {
    const world = createWorld("osmo");
    await create(world, "ci -e 20d");
    const early = await world.run("token renew ci");
    expect(early.stderr).toContain("2026-12-14T00:00:00Z");
    expect(early.stderr).not.toContain("Warning");
    world.advance(14 * 86_400_000);
    expect((await world.run("token renew ci -q")).stderr).toMatch(/^Warning: .*2026-12-14/m);
    expect((await world.run("token renew ci -e 30d -q")).stderr).not.toContain("Warning");
  });
});

test.each([
  ["", "2026-12-13"],
  [" -e 20d", "2026-12-13"],
  [" -e 2026-12-13T00:00:00+00:00", "2026-12-13"],
  [" -e 2026-12-13T10:00:00Z", "2026-12-13"],
])("create%s takes the longest that a maximum of 20 days allows", async (options, date) => {
  const world = createWorld("osmo", { osmoMaxLifetime: 20 });
  const { code, stdout, stderr } = await world.run(`token create x -o json${options}`);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).expiresAt).toBe(`${date}T00:00:00Z`);
  expect(stderr.includes("Warning")).toBe(options === "");
});

test.each(["-e 21d", "-e 1y", "-e 2026-12-14", "-e 2026-12-14T00:00:01Z"])(
  "create %s is refused by a maximum of 20 days, which the hint names",
  async (options) => {
    const world = createWorld("osmo", { osmoMaxLifetime: 20 });
    const { code, stderr } = await world.run(`token create x ${options}`);
    expect(code).toBe(2);
    expect(stderr).toContain("-e 20d");
    expect(stderr).toContain("2026-12-13");
    expect(await world.json("token list")).toEqual([]);
  },
);
