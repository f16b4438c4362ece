import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createOsmo } from "../../src/sandbox/osmo/index.ts";

const noon = "2026-12-01T12:00:00.000Z";

/** Starts a service with a clock fixed at noon, called in developer mode by its developer user. */
function startService() {
  const { routes } = createOsmo({ now: () => new Date(noon), randomBytes });
  return async (method: string, path: string, body?: unknown) => {
    const reply = await routes.request(`/api/auth/${path}`, {
      method,
      headers: { "x-osmo-user": "testuser" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: reply.status, body: (await reply.json()) as unknown };
  };
}

const userError = (message: string) => ({
  status: 400,
  body: { message, error_code: "USER", workflow_id: null },
});

const given = { assigned_by: "testuser", assigned_at: noon };

test("the service starts with the developer and two users, newest first", async () => {
  const { status, body } = await startService()("GET", "user");
  const created = { created_at: noon, created_by: "testuser" };
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      total_results: 3,
      start_index: 1,
      items_per_page: 3,
      users: [
        { id: "other-user@example.com", ...created },
        { id: "service-account@example.com", ...created },
        { id: "testuser", ...created },
      ],
    },
  });
});

test("users are listed in pages", async () => {
  const call = startService();
  expect((await call("GET", "user?start_index=2&count=1")).body).toMatchObject({
    total_results: 3,
    start_index: 2,
    items_per_page: 1,
    users: [{ id: "service-account@example.com" }],
  });
  expect((await call("GET", "user?start_index=9&count=0")).body).toMatchObject({
    items_per_page: 0,
    users: [],
  });
});

test("a user can be created, shown and deleted", async () => {
  const call = startService();
  const carol = { id: "carol", created_at: noon, created_by: "testuser" };
  expect(await call("POST", "user", { id: "carol", roles: ["osmo-user"] })).toEqual({
    status: 200,
    body: carol,
  });
  expect((await call("GET", "user/carol")).body).toEqual({
    ...carol,
    roles: [{ role_name: "osmo-user", ...given }],
  });
  expect(await call("DELETE", "user/carol")).toEqual({ status: 200, body: null });
  expect(await call("GET", "user/carol")).toEqual(userError("User carol not found"));
});

test("deleting a user deletes its tokens", async () => {
  const call = startService();
  const tokens = "user/other-user%40example.com/access_token";
  await call("DELETE", "user/other-user%40example.com");
  expect(await call("GET", tokens)).toEqual(userError("User other-user@example.com not found"));
  await call("POST", "user", { id: "other-user@example.com" });
  expect((await call("GET", tokens)).body).toEqual([]);
});

describe("roles", () => {
  test("are assigned once and sorted", async () => {
    const call = startService();
    await call("POST", "user", { id: "carol" });
    await call("POST", "user/carol/roles", { role_name: "osmo-user" });
    const reply = await call("POST", "user/carol/roles", { role_name: "osmo-admin" });
    expect(reply.body).toEqual({ user_id: "carol", role_name: "osmo-admin", ...given });
    await call("POST", "user/carol/roles", { role_name: "osmo-admin" });
    expect((await call("GET", "user/carol/roles")).body).toEqual({
      user_id: "carol",
      roles: [
        { role_name: "osmo-admin", ...given },
        { role_name: "osmo-user", ...given },
      ],
    });
  });

  test("that a user loses are removed from the token and don't come back", async () => {
    const call = startService();
    const user = "user/other-user%40example.com";
    await call("DELETE", `${user}/roles/osmo-user`);
    expect((await call("GET", `${user}/access_token`)).body).toMatchObject([{ roles: [] }]);
    await call("POST", `${user}/roles`, { role_name: "osmo-user" });
    expect((await call("GET", `${user}/access_token`)).body).toMatchObject([{ roles: [] }]);
  });
});

test.each([
  ["POST", "user", { id: "testuser", roles: ["nonsense"] }, "User testuser already exists"],
  ["POST", "user", { id: "carol", roles: ["nonsense"] }, "Role nonsense does not exist"],
  ["DELETE", "user/carol", undefined, "User carol not found"],
  ["GET", "user/carol/roles", undefined, "User carol not found"],
  ["POST", "user/carol/roles", { role_name: "osmo-user" }, "User carol not found"],
  ["POST", "user/carol/roles", { role_name: "nonsense" }, "Role nonsense does not exist"],
  ["DELETE", "user/carol/roles/osmo-user", undefined, "User carol not found"],
])("%s %s %j: %s", async (method, path, body, message) => {
  expect(await startService()(method, path, body)).toEqual(userError(message));
});

const pattern = "^[a-zA-Z0-9]([a-zA-Z0-9_.@-]*[a-zA-Z0-9])?$";
test.each([
  [
    "POST",
    "user",
    undefined,
    { type: "missing", loc: ["body"], msg: "Field required", input: null },
  ],
  [
    "POST",
    "user",
    { name: "x" },
    { type: "missing", loc: ["body", "id"], msg: "Field required", input: { name: "x" } },
  ],
  [
    "POST",
    "user",
    { id: 7 },
    { type: "string_type", loc: ["body", "id"], msg: "Input should be a valid string", input: 7 },
  ],
  [
    "POST",
    "user",
    { id: "carol#" },
    {
      type: "string_pattern_mismatch",
      loc: ["body", "id"],
      msg: `String should match pattern '${pattern}'`,
      input: "carol#",
    },
  ],
  [
    "GET",
    "user?count=ten",
    undefined,
    {
      type: "int_parsing",
      loc: ["query", "count"],
      msg: "Input should be a valid integer, unable to parse string as an integer",
      input: "ten",
    },
  ],
])("%s %s %j is invalid", async (method, path, body, detail) => {
  expect(await startService()(method, path, body)).toEqual({
    status: 422,
    body: { detail: [detail] },
  });
});
