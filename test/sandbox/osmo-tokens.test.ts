import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createOsmo } from "../../src/sandbox/osmo/index.ts";

const clientSecret = /^[A-Za-z0-9_-]{43}$/;
const today = "2026-12-01";

/** Starts a service with a clock fixed at noon, called in developer mode. */
function startService() {
  const { routes } = createOsmo({ now: () => new Date(`${today}T12:00:00Z`), randomBytes });
  return async (method: string, path: string) => {
    const reply = await routes.request(`/api/auth${path}`, {
      method,
      headers: { "x-osmo-user": "testuser" },
    });
    return { status: reply.status, body: (await reply.json()) as unknown };
  };
}

const userError = (message: string) => ({
  status: 400,
  body: { message, error_code: "USER", workflow_id: null },
});

describe("create", () => {
  test("returns the secret alone, and the list has the request's values", async () => {
    const call = startService();
    const query = "expires_at=2027-01-15&description=for%20ci&roles=osmo-user";
    const created = await call("POST", `/access_token/ci?${query}`);
    expect(created).toEqual({ status: 200, body: expect.stringMatching(clientSecret) });

    const list = await call("GET", "/access_token");
    expect(JSON.stringify(list.body)).toBe(
      '[{"user_name":"testuser","token_name":"ci","expires_at":"2027-01-15T00:00:00","description":"for ci","roles":["osmo-user"]}]',
    );
  });

  test("without roles copies all roles of the user", async () => {
    const call = startService();
    await call("POST", "/access_token/ci?expires_at=2027-01-15");
    await call("DELETE", "/user/testuser/roles/osmo-user");
    const { body } = await call("GET", "/access_token");
    expect(body).toMatchObject([{ description: "", roles: ["osmo-admin"] }]);
  });

  test("takes several roles from repeated keys, and a comma as part of a name", async () => {
    const call = startService();
    const several = "expires_at=2027-01-15&roles=osmo-user&roles=osmo-admin";
    await call("POST", `/access_token/ci?${several}`);
    expect((await call("GET", "/access_token")).body).toMatchObject([
      { roles: ["osmo-admin", "osmo-user"] },
    ]);
    const comma = "expires_at=2027-01-15&roles=osmo-user,osmo-admin";
    expect(await call("POST", `/access_token/other?${comma}`)).toEqual(
      userError("User does not have all the requested roles. Token creation failed."),
    );
  });

  test("for another user makes that user the owner", async () => {
    const call = startService();
    const path = "/user/service-account%40example.com/access_token";
    const created = await call("POST", `${path}/ci?expires_at=2027-01-15`);
    expect(created.body).toMatch(clientSecret);
    expect((await call("GET", path)).body).toMatchObject([
      { user_name: "service-account@example.com", token_name: "ci", roles: ["osmo-user"] },
    ]);
  });

  test.each([
    ["2026-12-02", "2026-12-02T00:00:00"],
    ["2027-1-5", "2027-01-05T00:00:00"],
    ["2027-12-01", "2027-12-01T00:00:00"],
  ])("accepts %s", async (date, expires_at) => {
    const call = startService();
    await call("POST", `/access_token/ci?expires_at=${date}`);
    expect((await call("GET", "/access_token")).body).toMatchObject([{ expires_at }]);
  });

  test.each(["2027-02-30", "2027-13-01", "27-01-05", "2027-01-05T00:00:00", "tomorrow", ""])(
    "is 500 for the date %j",
    async (date) => {
      const query = `expires_at=${encodeURIComponent(date)}`;
      const message = `Internal server error: time data '${date}' does not match format '%Y-%m-%d'`;
      expect(await startService()("POST", `/access_token/ci?${query}`)).toEqual({
        status: 500,
        body: { message },
      });
    },
  );
});

describe("the order of the checks of create: each row has its own fault and later ones", () => {
  const missing = { type: "missing", loc: ["query", "expires_at"], msg: "Field required" };
  const regex = "^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$";
  const rows: [string, string, { status: number; body: unknown }][] = [
    [
      "2 no date",
      "/user/%20/access_token/-x",
      { status: 422, body: { detail: [{ ...missing, input: null }] } },
    ],
    [
      "3 blank user",
      "/user/%20/access_token/-x?expires_at=soon",
      userError("User ID must not be empty"),
    ],
    [
      "4 no such date",
      "/access_token/-x?expires_at=soon",
      {
        status: 500,
        body: {
          message: "Internal server error: time data 'soon' does not match format '%Y-%m-%d'",
        },
      },
    ],
    [
      "5 too late",
      "/access_token/-x?expires_at=2027-12-02",
      userError("Access token expiration date cannot be more than 365d from now"),
    ],
    [
      "6 name",
      `/access_token/-x?expires_at=${today}`,
      userError(`Token name -x must match regex ${regex}`),
    ],
    [
      "7 past",
      `/user/nobody/access_token/x?expires_at=${today}`,
      userError(`Expiration date must be past the current date (${today})`),
    ],
    [
      "8 no role",
      "/user/nobody/access_token/x?expires_at=2027-01-15",
      userError("At least one role must be specified for the access token."),
    ],
    [
      "9 a role the user lacks",
      "/access_token/taken?expires_at=2027-01-15&roles=osmo-ctrl",
      userError("User does not have all the requested roles. Token creation failed."),
    ],
    [
      "9 a role twice",
      "/access_token/taken?expires_at=2027-01-15&roles=osmo-user&roles=osmo-user",
      userError("User does not have all the requested roles. Token creation failed."),
    ],
    [
      "10 taken",
      "/access_token/taken?expires_at=2027-01-15",
      userError("Token name taken already exists."),
    ],
  ];

  test.each(rows)("%s", async (_fault, path, expected) => {
    const call = startService();
    await call("POST", "/access_token/taken?expires_at=2027-01-15");
    expect(await call("POST", path)).toEqual(expected);
    expect((await call("GET", "/access_token")).body).toHaveLength(1);
  });

  test.each(["a b", "a-", "1a", "a.b", "é"])("refuses the name %j", async (name) => {
    const path = `/access_token/${encodeURIComponent(name)}?expires_at=2027-01-15`;
    expect(await startService()("POST", path)).toEqual(
      userError(`Token name ${name} must match regex ${regex}`),
    );
  });
});

describe("list, roles, delete", () => {
  test("a list is sorted by name and can be empty", async () => {
    const call = startService();
    expect(await call("GET", "/access_token")).toEqual({ status: 200, body: [] });
    for (const name of ["b", "a", "C"]) {
      await call("POST", `/access_token/${name}?expires_at=2027-01-15`);
    }
    const { body } = await call("GET", "/access_token");
    expect(body).toMatchObject([{ token_name: "C" }, { token_name: "a" }, { token_name: "b" }]);
  });

  test("roles have who assigned them and when", async () => {
    const call = startService();
    await call("POST", "/access_token/ci?expires_at=2027-01-15");
    const given = { assigned_by: "testuser", assigned_at: "2026-12-01T12:00:00.000Z" };
    expect(await call("GET", "/access_token/ci/roles")).toEqual({
      status: 200,
      body: {
        user_name: "testuser",
        token_name: "ci",
        roles: [
          { role_name: "osmo-admin", ...given },
          { role_name: "osmo-user", ...given },
        ],
      },
    });
  });

  test("a deleted token is not found, and its name can be used again", async () => {
    const call = startService();
    await call("POST", "/access_token/ci?expires_at=2027-01-15");
    expect(await call("DELETE", "/access_token/ci")).toEqual({ status: 200, body: null });
    expect(await call("DELETE", "/access_token/ci")).toEqual(
      userError("Access token ci does not exist."),
    );
    expect((await call("POST", "/access_token/ci?expires_at=2027-01-15")).status).toBe(200);
  });

  test.each([
    ["GET", "/user/nobody/access_token", "User nobody not found"],
    ["DELETE", "/user/nobody/access_token/x", "User nobody not found"],
    ["DELETE", "/user/other-user%40example.com/access_token/x", "Access token x does not exist."],
    [
      "GET",
      "/access_token/old-token/roles",
      "Token old-token not found or does not belong to current user",
    ],
  ])("%s %s: %s", async (method, path, message) => {
    expect(await startService()(method, path)).toEqual(userError(message));
  });

  test("another user's token is deleted by the path of that user", async () => {
    const call = startService();
    const path = "/user/other-user%40example.com/access_token";
    expect((await call("DELETE", `${path}/old-token`)).body).toBeNull();
    expect((await call("GET", path)).body).toEqual([]);
  });
});
