import { describe, expect, test } from "vitest";
import { createWorld, type World } from "../support/world.ts";

// The `osmo token …` commands of the OSMO guide with `tokctl` instead of `osmo`, with plain dashes and
// quotes, and with dates after the fixed clock of the world, 23 November 2026 at noon.
const serviceAccount = "service-account@example.com";
const otherUser = "other-user@example.com";
const secretLine = /^[A-Za-z0-9_-]{43}\n$/;

/** Returns a user's tokens from the service, without tokctl. */
async function tokensOf(world: World, user: string): Promise<unknown> {
  const reply = await world.sandbox.request(`${world.origin}/api/auth/access_token`, {
    headers: { "x-osmo-user": user },
  });
  return reply.json();
}

/** A token as the service shows it. */
const stored = (differing: object = {}) => ({
  user_name: "testuser",
  token_name: "my-token",
  expires_at: "2027-05-01T00:00:00",
  description: "",
  roles: ["osmo-admin", "osmo-user"],
  ...differing,
});

/** The same token as tokctl shows it. */
const shown = (differing: object = {}) => ({
  id: "my-token",
  name: "my-token",
  roles: ["osmo-admin", "osmo-user"],
  description: null,
  owner: "testuser",
  expiresAt: "2027-05-01T00:00:00Z",
  status: "active",
  ...differing,
});

test.each([
  ["token -h", ["set", "delete", "list", "roles"]],
  ["token set -h", ["-e, --expires-at", "-d, --description", "-u, --user", "-h, --help"]],
  ["token delete -h", ["-u, --user", "-h, --help"]],
  ["token list -h", ["-u, --user", "-h, --help"]],
  ["token roles -h", ["-h, --help"]],
])("osmo %s", async (line, parts) => {
  const { code, stdout, stderr } = await createWorld("osmo").run(line);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const part of parts) expect(stdout).toContain(part);
});

describe("osmo token set", () => {
  test.each([
    ["token set my-token --expires-at 2027-05-01"],
    ["token set my-token -e 2027-05-01"],
    ["token set -e 2027-05-01 my-token"],
    ["token set my-token -e 2027-05-01 -t text"],
    ["token set my-token --expires-at 2027-05-01 --format-type text"],
  ])("osmo %s", async (line) => {
    const world = createWorld("osmo");
    const { code, stdout } = await world.run(line);
    expect(code).toBe(0);
    expect(stdout).toMatch(secretLine);
    expect(await tokensOf(world, "testuser")).toEqual([stored()]);
  });

  test("osmo token set my-token lasts for 31 days from today (UTC)", async () => {
    const world = createWorld("osmo");
    expect((await world.run("token set my-token")).code).toBe(0);
    expect(await tokensOf(world, "testuser")).toEqual([
      stored({ expires_at: "2026-12-24T00:00:00" }),
    ]);
  });

  test.each(["-d", "--description"])(
    'osmo token set my-token -e 2027-05-01 %s "My token description"',
    async (option) => {
      const world = createWorld("osmo");
      const line = "token set my-token -e 2027-05-01".split(" ");
      const { code, stdout } = await world.run([...line, option, "My token description"]);
      expect(code).toBe(0);
      expect(stdout).toMatch(secretLine);
      expect(await tokensOf(world, "testuser")).toEqual([
        stored({ description: "My token description" }),
      ]);
    },
  );

  test.each(["-u", "--user"])(
    `osmo token set service-token %s ${serviceAccount}`,
    async (option) => {
      const world = createWorld("osmo");
      const { code, stdout } = await world.run(
        `token set service-token ${option} ${serviceAccount}`,
      );
      expect(code).toBe(0);
      expect(await tokensOf(world, "testuser")).toEqual([]);
      expect(await tokensOf(world, serviceAccount)).toEqual([
        stored({
          user_name: serviceAccount,
          token_name: "service-token",
          expires_at: "2026-12-24T00:00:00",
          roles: ["osmo-user"],
        }),
      ]);
      expect(await world.json(["whoami", "--app-token", stdout.trim()])).toMatchObject({
        name: serviceAccount,
        tokenName: "service-token",
      });
    },
  );

  test.each([
    ["token set my-token -e 2027-05-01 -r osmo-user osmo-ctrl"],
    ["token set my-token --roles osmo-user osmo-ctrl -e 2027-05-01"],
    ["token set my-token -e 2027-05-01 -r osmo-user -r osmo-ctrl"],
    ["token set my-token -e 2027-05-01 --roles osmo-user --roles osmo-ctrl"],
    ["token set -e 2027-05-01 -r osmo-user osmo-ctrl -- my-token"],
  ])("osmo %s", async (line) => {
    const world = createWorld("osmo");
    await world.sandbox.request(`${world.origin}/api/auth/user/testuser/roles`, {
      method: "POST",
      headers: { "x-osmo-user": "testuser" },
      body: JSON.stringify({ role_name: "osmo-ctrl" }),
    });
    expect((await world.run(line)).code).toBe(0);
    expect(await tokensOf(world, "testuser")).toEqual([
      stored({ roles: ["osmo-ctrl", "osmo-user"] }),
    ]);
  });

  test.each([
    ["token set my-token -t json"],
    ["token set my-token --format-type json"],
    ["token set -t json my-token"],
    ["-t json token set my-token -e 2027-05-01 -d described"],
    [`token set my-token -t json --user ${serviceAccount}`],
  ])("osmo %s | jq -r .token", async (line) => {
    const world = createWorld("osmo");
    const { code, stdout, stderr } = await world.run(line);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { token } = JSON.parse(stdout);
    expect(`${token}\n`).toMatch(secretLine);
    expect(await world.json(["whoami", "--app-token", token])).toMatchObject({
      tokenName: "my-token",
    });
  });
});

describe("osmo token delete", () => {
  test("osmo token delete my-token", async () => {
    const world = createWorld("osmo");
    await world.json("token set my-token");
    await world.json("token set another");
    expect(await world.run("token delete my-token")).toEqual({
      code: 0,
      stdout: 'Deleted token "my-token".\n',
      stderr: "",
    });
    expect(await world.json("token list")).toMatchObject([{ name: "another" }]);
  });

  test.each(["-u", "--user"])(`osmo token delete old-token %s ${otherUser}`, async (option) => {
    const world = createWorld("osmo");
    await world.json("token set old-token");
    const { code, stdout } = await world.run(`token delete old-token ${option} ${otherUser}`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Deleted token "old-token".\n' });
    expect(await tokensOf(world, otherUser)).toEqual([]);
    expect(await world.json("token list")).toMatchObject([{ name: "old-token" }]);
  });
});

describe("osmo token list", () => {
  test.each(["", " -t text", " --format-type text"])("osmo token list%s", async (format) => {
    const world = createWorld("osmo");
    await world.json("token set my-token -e 2027-05-01");
    const { code, stdout, stderr } = await world.run(`token list${format}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [header, line, end] = stdout.split("\n");
    for (const column of ["NAME", "ROLES", "STATUS", "EXPIRES", "OWNER"])
      expect(header).toContain(column);
    for (const value of [
      "my-token",
      "osmo-admin,osmo-user",
      "active",
      "2027-05-01T00:00:00Z",
      "testuser",
    ])
      expect(line).toContain(value);
    expect(end).toBe("");
  });

  test.each(["-t json", "--format-type json"])("osmo token list %s", async (format) => {
    const world = createWorld("osmo");
    await world.json("token set my-token -e 2027-05-01");
    const { code, stdout, stderr } = await world.run(`token list ${format}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject([shown()]);
  });

  test.each(["-u", "--user"])(`osmo token list %s ${serviceAccount}`, async (option) => {
    const world = createWorld("osmo");
    await world.json("token set my-token");
    await world.json(`token set service-token -e 2027-05-01 -u ${serviceAccount}`);
    const { code, stdout } = await world.run(`token list ${option} ${serviceAccount}`);
    expect(code).toBe(0);
    expect(stdout).toContain("service-token");
    expect(stdout).not.toContain("my-token");
    const list = await world.run(`token list ${option} ${serviceAccount} -t json`);
    expect(JSON.parse(list.stdout)).toMatchObject([
      shown({
        id: "service-token",
        name: "service-token",
        owner: serviceAccount,
        roles: ["osmo-user"],
      }),
    ]);
  });

  test("osmo token list -t json prints [] where there is nothing", async () => {
    expect(await createWorld("osmo").run("token list -t json")).toEqual({
      code: 0,
      stdout: "[]\n",
      stderr: "",
    });
  });
});

describe("osmo token roles", () => {
  test("osmo token roles my-token", async () => {
    const world = createWorld("osmo");
    await world.json("token set my-token");
    const { code, stdout, stderr } = await world.run("token roles my-token");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^osmo-admin +testuser +2026-11-23T12:00:00Z/);
    expect(lines[2]).toMatch(/^osmo-user +testuser +2026-11-23T12:00:00Z/);
  });

  test.each(["-t json", "--format-type json"])("osmo token roles my-token %s", async (format) => {
    const world = createWorld("osmo");
    await world.json("token set my-token -r osmo-user");
    const { code, stdout, stderr } = await world.run(`token roles my-token ${format}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      id: "my-token",
      name: "my-token",
      owner: "testuser",
      roles: [{ name: "osmo-user", assignedBy: "testuser", assignedAt: "2026-11-23T12:00:00Z" }],
    });
  });
});
