import { describe, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import type { Outcome } from "../support/outcome.ts";
import { createWorld, type World } from "../support/world.ts";

const other = "service-account@example.com";

/** Returns the words of the command in a hint. */
const commandIn = ({ stderr }: Outcome, pattern: RegExp): readonly string[] =>
  (pattern.exec(stderr)?.[1] ?? "").split(" ");

const create = async (world: World, line: string) =>
  (await world.json(`token create ${line}`)).token as string;

describe("a command in a hint has the target of the run", () => {
  test("if another user has a token of that name", async () => {
    const world = createWorld("osmo");
    const mine = await create(world, "svc1");
    await create(world, `svc1 -u ${other}`);
    const outcome = await world.run(`token create svc1 -u ${other} --url ${world.origin}`);
    expect(outcome.code).toBe(6);
    const words = commandIn(outcome, /tokctl (token renew .*? svc1)\b/);
    expect(words).toContain("--url");
    const { code, stdout } = await world.run(words);
    expect(code).toBe(0);
    expect((await world.json(`whoami --app-token ${stdout.trim()}`)).name).toBe(other);
    expect((await world.run(`whoami --app-token ${mine}`)).code).toBe(0);
  });

  test("in the JSON result of a delete", async () => {
    const world = createWorld("osmo");
    const { stdout } = await world.run(`token delete a b -y -o json -u ${other}`);
    for (const { error } of JSON.parse(stdout))
      expect(error.hint).toContain(`tokctl token list -u ${other}`);
  });

  test("and omits an option that was given", async () => {
    const { stderr } = await createWorld("osmo").run(`token get nope -u ${other}`);
    expect(stderr).not.toContain("--user");
  });

  test.each([
    ["create x -r osmo-admin", 5],
    ["renew x -r osmo-admin", 5],
  ])("the hint lists the roles of the user: %s", async (line, exitCode) => {
    const world = createWorld("osmo");
    if (line.startsWith("renew")) await create(world, `x -u ${other}`);
    const { code, stderr } = await world.run(`token ${line} -u ${other}`);
    expect(code).toBe(exitCode);
    const { code: error, hint } = errorOf({ stderr });
    expect(error).toBe("forbidden");
    expect(hint).toContain(other);
    expect(hint).toContain("osmo-user");
    expect(stderr).not.toContain("whoami");
  });

  test("a user without roles is a usage error that names the user", async () => {
    const world = createWorld("osmo");
    await world.sandbox.request(`${world.origin}/api/auth/user`, {
      method: "POST",
      headers: { "x-osmo-user": "testuser" },
      body: JSON.stringify({ id: "nobody" }),
    });
    const { code, stderr } = await world.run("token create x -u nobody");
    expect(code).toBe(2);
    const { code: error, hint } = errorOf({ stderr });
    expect(error).toBe("usage");
    expect(hint).toContain("nobody");
  });

  test("an invalid expiry shows an example for the provider", async () => {
    const { code, stderr } = await createWorld("osmo").run("token create x -e 2027-1-5");
    expect(code).toBe(2);
    expect(errorOf({ stderr }).hint).toMatch(/tokctl token create .* -r osmo-user -e 90d/);
  });
});

test("a service behind a gateway rejects --user-header, and the hint is to sign in", async () => {
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
  ])("accepts several roles: %s", async (words) => {
    const world = createWorld("osmo");
    await create(world, "r1 -r osmo-user");
    expect(await world.json(`token renew ${words}`)).toMatchObject({
      name: "r1",
      roles: ["osmo-admin", "osmo-user"],
    });
  });

  test.each(["a b", "", "a b -r osmo-user"])(
    "accepts exactly one token: %j is exit 2",
    async (words) => {
      const world = createWorld("osmo");
      expect((await world.run(`token renew ${words}`)).code).toBe(2);
      expect(world.requests).toEqual([]);
    },
  );

  test("shows the expiry, with -q only if it is near", async () => {
    const world = createWorld("osmo");
    await create(world, "ci -e 20d");
    const early = await world.run("token renew ci");
    expect(early.stderr).toContain("2026-12-14T00:00:00Z");
    expect((await world.run("token renew ci -q")).stderr).toBe("");
    world.advance(14 * 86_400_000);
    expect((await world.run("token renew ci -q")).stderr).toContain("2026-12-14");
    expect((await world.run("token renew ci -e 30d -q")).stderr).toBe("");
  });
});

test.each([
  ["", "2026-12-13"],
  [" -e 20d", "2026-12-13"],
  [" -e 2026-12-13T00:00:00+00:00", "2026-12-13"],
  [" -e 2026-12-13T10:00:00Z", "2026-12-13"],
])("create%s expires within the maximum of 20 days", async (options, date) => {
  const world = createWorld("osmo", { osmoMaxLifetime: 20 });
  const { code, stdout, stderr } = await world.run(`token create x -o json${options}`);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).expiresAt).toBe(`${date}T00:00:00Z`);
  expect(stderr.includes(date)).toBe(options === "");
});

test.each(["-e 21d", "-e 1y", "-e 2026-12-14", "-e 2026-12-14T00:00:01Z"])(
  "create %s exceeds the maximum of 20 days, which the hint names",
  async (options) => {
    const world = createWorld("osmo", { osmoMaxLifetime: 20 });
    const { code, stderr } = await world.run(`token create x ${options}`);
    expect(code).toBe(2);
    expect(stderr).toContain("-e 20d");
    expect(stderr).toContain("2026-12-13");
    expect(await world.json("token list")).toEqual([]);
  },
);
