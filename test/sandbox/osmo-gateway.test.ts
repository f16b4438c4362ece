import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { createOsmo, type OsmoOptions } from "../../src/sandbox/osmo/index.ts";

const noon = "2026-12-01T12:00:00Z";
const anything = "A".repeat(43);

/** Starts a service with an adjustable clock, mounted like in the sandbox. */
function startService(options: OsmoOptions = {}) {
  let now = new Date(noon);
  const osmo = createOsmo({ now: () => now, randomBytes }, options);
  const app = new Hono().route("/", osmo.routes);
  const bootstrap = osmo.environment("http://127.0.0.1:1")["TOKCTL_APP_TOKEN"] ?? "";

  const send = async (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: unknown,
  ) => {
    const init = { method, headers, body: body === undefined ? null : JSON.stringify(body) };
    const reply = await app.request(`http://localhost${path}`, init);
    const text = await reply.text();
    const type = reply.headers.get("content-type") ?? "";
    return {
      status: reply.status,
      body: type.includes("json") ? JSON.parse(text) : text,
      headers: reply.headers,
    };
  };
  const exchange = (token: string) => send("POST", "/api/auth/jwt/access_token", {}, { token });
  const login = async (token: string) => ({
    authorization: `Bearer ${(await exchange(token)).body.token}`,
  });
  const create = async (name: string, expires: string, user = "testuser") => {
    const path = `/api/auth/access_token/${name}?expires_at=${expires}`;
    return (await send("POST", path, { "x-osmo-user": user })).body as string;
  };
  const moveTo = (time: string) => {
    now = new Date(time);
  };
  return { osmo, bootstrap, send, exchange, login, create, moveTo };
}

const userError = (message: string) => ({ message, error_code: "USER", workflow_id: null });
const warningOf = (headers: Headers) =>
  Buffer.from(headers.get("x-osmo-warning") ?? "", "base64").toString();

describe("the bootstrap credential", () => {
  test("is in the environment, with its URL", () => {
    const { osmo, bootstrap } = startService();
    expect(osmo).toMatchObject({ id: "osmo", paths: "/api" });
    expect(osmo.environment("http://localhost:4321")).toEqual({
      TOKCTL_PROVIDER: "osmo",
      TOKCTL_URL: "http://localhost:4321",
      TOKCTL_APP_TOKEN: bootstrap,
    });
    expect(bootstrap).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test("is that of the developer user, in no list, and never expires", async () => {
    const { bootstrap, login, send, moveTo } = startService();
    moveTo("2036-12-01T00:00:00Z");
    const jwt = await login(bootstrap);
    expect((await send("GET", "/api/auth/access_token", jwt)).body).toEqual([]);
    expect((await send("GET", "/api/profile/settings", jwt)).body).toEqual({
      profile: {
        username: "testuser",
        email_notification: false,
        slack_notification: false,
        pool: "default",
      },
      roles: ["osmo-admin", "osmo-user"],
      pools: ["default"],
      token: null,
    });
  });
});

test("other-user owns old-token", async () => {
  const path = "/api/auth/user/other-user%40example.com/access_token";
  const { body } = await startService().send("GET", path, { "x-osmo-user": "testuser" });
  expect(body).toEqual([
    {
      user_name: "other-user@example.com",
      token_name: "old-token",
      expires_at: "2027-01-01T00:00:00",
      description: "",
      roles: ["osmo-user"],
    },
  ]);
});

describe("the exchange", () => {
  test("returns an RS256 JWT for 300 seconds", async () => {
    const { exchange, create } = startService();
    const { status, body } = await exchange(await create("ci", "2027-01-15"));
    const exp = Date.parse(noon) / 1000 + 300;
    expect({ status, body }).toEqual({
      status: 200,
      body: { token: expect.any(String), expires_at: exp },
    });
    const [header, payload] = body.token
      .split(".")
      .map((part: string) => Buffer.from(part, "base64url").toString());
    expect(JSON.parse(header)).toEqual({ alg: "RS256", typ: "JWT" });
    expect(JSON.parse(payload)).toMatchObject({
      exp,
      unique_name: "testuser",
      roles: ["osmo-admin", "osmo-user"],
      osmo_token_name: "ci",
    });
  });

  test.each([
    ["short", "Access token has invalid length 5"],
    ["é".repeat(44), "Access token has invalid length 44"],
    ["", "Access token has invalid length 0"],
    [anything, "Access Token is invalid"],
    ["A".repeat(64), "Access Token is invalid"],
  ])("refuses %j", async (token, message) => {
    const { status, body } = await startService().exchange(token);
    expect({ status, body }).toEqual({ status: 400, body: userError(message) });
  });

  test("a token expires at 00:00 UTC of its date", async () => {
    const { exchange, create, moveTo } = startService();
    const token = await create("ci", "2026-12-02");
    moveTo("2026-12-01T23:59:59Z");
    expect((await exchange(token)).status).toBe(200);
    moveTo("2026-12-02T00:00:00Z");
    expect((await exchange(token)).body).toEqual(userError("Access Token has expired"));
  });

  test("an invalid body is returned in the error", async () => {
    const { send } = startService();
    const path = "/api/auth/jwt/access_token";
    expect((await send("POST", path, {}, { secret: "x" })).body).toEqual({
      detail: [
        { type: "missing", loc: ["body", "token"], msg: "Field required", input: { secret: "x" } },
      ],
    });
    expect((await send("GET", `${path}?access_token=x`)).status).toBe(405);
  });
});

describe("the gateway", () => {
  test.each([
    ["nothing", {}, "Jwt is missing"],
    ["basic", { authorization: "Basic dGVzdHVzZXI6" }, "Jwt is missing"],
    [
      "a raw access token",
      { authorization: `Bearer ${anything}` },
      "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
    ],
    ["a forged JWT", { authorization: "Bearer e30.e30.AAAA" }, "Jwt verification fails"],
  ])("401 for %s, in plain text", async (_what, headers, message) => {
    const reply = await startService().send("GET", "/api/auth/access_token", headers);
    expect(reply).toMatchObject({ status: 401, body: message });
    expect(reply.headers.get("content-type")).toBe("text/plain");
  });

  test("a JWT of another service is refused", async () => {
    const stranger = startService();
    const jwt = await stranger.login(stranger.bootstrap);
    const reply = await startService().send("GET", "/api/auth/access_token", jwt);
    expect(reply).toMatchObject({ status: 401, body: "Jwt verification fails" });
  });

  test("a JWT is valid until its exp", async () => {
    const { bootstrap, login, send, moveTo } = startService();
    const jwt = await login(bootstrap);
    moveTo("2026-12-01T12:04:59Z");
    expect((await send("GET", "/api/auth/access_token", jwt)).status).toBe(200);
    moveTo("2026-12-01T12:05:00Z");
    expect(await send("GET", "/api/auth/access_token", jwt)).toMatchObject({
      status: 401,
      body: "Jwt is expired",
    });
  });

  test("a JWT takes precedence over x-osmo-user, which alone is accepted for existing users", async () => {
    const { bootstrap, login, send } = startService();
    const whoami = async (headers: Record<string, string>) =>
      (await send("GET", "/api/profile/settings", headers)).body;
    const other = { "x-osmo-user": "other-user@example.com" };
    expect(await whoami(other)).toMatchObject({
      profile: { username: "other-user@example.com" },
      roles: [],
      token: null,
    });
    expect(await whoami({ ...(await login(bootstrap)), ...other })).toMatchObject({
      profile: { username: "testuser" },
    });
    expect(await whoami({ "x-osmo-user": "nobody" })).toBe("Jwt is missing");
  });

  test("refuses x-osmo-user alone if a credential is required", async () => {
    const { bootstrap, login, send } = startService({ gateway: true });
    const settings = (headers: Record<string, string>) =>
      send("GET", "/api/profile/settings", headers);
    expect((await settings({ "x-osmo-user": "testuser" })).body).toBe("Jwt is missing");
    expect((await settings(await login(bootstrap))).body).toMatchObject({
      profile: { username: "testuser" },
    });
  });

  test("needs no identity for the login endpoints", async () => {
    const { send } = startService();
    expect((await send("GET", "/api/auth/login")).body).toEqual({
      device_endpoint: null,
      device_client_id: null,
      browser_endpoint: null,
      browser_client_id: null,
      token_endpoint: null,
      logout_endpoint: null,
    });
    expect((await send("GET", "/api/version")).body).toEqual({
      major: "6",
      minor: "4",
      revision: "0",
      hash: "",
    });
    expect((await send("GET", "/health")).body).toEqual({ status: "OK" });
  });

  test("refuses %2F, and redirects a trailing slash", async () => {
    const { send } = startService();
    const developer = { "x-osmo-user": "testuser" };
    const escaped = await send("DELETE", "/api/auth/user/x%2fy/access_token/z", developer);
    expect(escaped).toMatchObject({ status: 400, body: "Bad Request" });
    expect(escaped.headers.get("content-type")).toBe("text/plain");
    const slash = await send("GET", "/api/auth/access_token/?a=%23", developer);
    expect(slash.status).toBe(307);
    expect(slash.headers.get("location")).toBe("http://localhost/api/auth/access_token?a=%23");
  });

  test("%23 is part of its path segment", async () => {
    const { send } = startService();
    const reply = await send("DELETE", "/api/auth/user/testuser%23/access_token/t", {
      "x-osmo-user": "testuser",
    });
    expect(reply.body).toEqual(userError("User testuser# not found"));
  });

  test.each([
    ["GET", "/api/nothing", 404, "Not Found"],
    ["GET", "/api/auth/access_token/ci", 405, "Method Not Allowed"],
    ["PUT", "/api/auth/user", 405, "Method Not Allowed"],
  ])("%s %s is %i", async (method, path, status, detail) => {
    const reply = await startService().send(method, path, { "x-osmo-user": "testuser" });
    expect(reply).toMatchObject({ status, body: { detail } });
  });
});

describe("auth:Token", () => {
  const path = "/api/auth/user/testuser/access_token";
  const user = { "x-osmo-user": "other-user@example.com" };

  test("lets any user manage the tokens of all users", async () => {
    const { send } = startService();
    expect((await send("POST", `${path}/ci?expires_at=2027-01-15`, user)).status).toBe(200);
    expect((await send("DELETE", `${path}/ci`, user)).status).toBe(200);
  });

  test.each([path, "/api/auth/user", "/api/auth/user/testuser/roles"])(
    "strict refuses other users for %s",
    async (target) => {
      const { send, bootstrap, login } = startService({ strict: true });
      const reply = await send("GET", target, user);
      expect(reply).toMatchObject({ status: 403, body: "access denied" });
      expect(reply.headers.get("content-type")).toBe("text/plain");
      expect((await send("GET", target, await login(bootstrap))).status).toBe(200);
      expect((await send("GET", "/api/auth/access_token", user)).status).toBe(200);
    },
  );

  test("strict applies the roles of the token, not of its owner", async () => {
    const { send, login } = startService({ strict: true });
    const create = "/api/auth/access_token/small?expires_at=2027-01-15&roles=osmo-user";
    const { body } = await send("POST", create, { "x-osmo-user": "testuser" });
    expect((await send("GET", path, await login(body))).status).toBe(403);
  });
});

describe("a client that sends its version", () => {
  const developer = { "x-osmo-user": "testuser" };
  const client = (version: string) => ({ ...developer, "x-osmo-client-version": version });

  test("gets the newest version", async () => {
    const { send } = startService();
    const { headers } = await send("GET", "/api/auth/access_token", client("6.4.0"));
    expect(headers.get("x-osmo-service-version")).toBe("6.4.0");
    expect(headers.has("x-osmo-warning")).toBe(false);
    const older = await send("GET", "/api/auth/access_token", client("6.3.10.abc"));
    expect(older.status).toBe(200);
    expect(warningOf(older.headers)).toMatch(/^WARNING: New client 6\.4\.0 available\./);
    const silent = await send("GET", "/api/auth/access_token", developer);
    expect(silent.headers.has("x-osmo-service-version")).toBe(false);
  });

  test("is refused if it is too old", async () => {
    const { status, body } = await startService().send("GET", "/api/version", client("5.10.0"));
    expect({ status, body }).toEqual({
      status: 400,
      body: {
        message: expect.stringContaining("Your client is out of date."),
        error_code: "OSMO_ERROR",
      },
    });
  });

  test("gets 500 for an invalid version", async () => {
    const { status, body } = await startService().send("GET", "/api/version", client("six"));
    expect(status).toBe(500);
    expect(body.message).toMatch(/^Internal server error: Version should be/);
  });

  test("gets a warning in the last 7 days of its token, with errors too", async () => {
    const { create, login, send, moveTo } = startService();
    const token = await create("ci", "2026-12-20");
    const use = async (path: string, version = "6.4.0") => {
      const jwt = await login(token);
      return send("GET", path, { ...jwt, ...(version && { "x-osmo-client-version": version }) });
    };
    moveTo("2026-12-12T23:59:59Z");
    expect((await use("/api/auth/access_token")).headers.has("x-osmo-warning")).toBe(false);
    moveTo("2026-12-13T00:00:00Z");
    const warning = "WARNING: Access token ci is expiring on 2026-12-20 at 12AM UTC.";
    expect(warningOf((await use("/api/auth/access_token")).headers)).toBe(warning);
    for (const [path, status] of [
      ["/api/auth/access_token/x/roles", 400],
      ["/api/x", 404],
    ] as const) {
      const reply = await use(path);
      expect(reply.status).toBe(status);
      expect(warningOf(reply.headers)).toBe(warning);
    }
    expect((await use("/api/auth/access_token", "")).headers.has("x-osmo-warning")).toBe(false);
    expect((await use("/api/profile/settings")).body.token).toEqual({
      name: "ci",
      expires_at: "2026-12-20T00:00:00",
    });
  });
});

test("a token that expired after its exchange is refused", async () => {
  const { create, login, send, moveTo } = startService();
  const token = await create("ci", "2026-12-02");
  moveTo("2026-12-01T23:58:00Z");
  const jwt = await login(token);
  moveTo("2026-12-02T00:00:00Z");
  const { status, body } = await send("GET", "/api/auth/access_token", jwt);
  expect({ status, body }).toEqual({
    status: 400,
    body: { message: "Access token ci has expired.", error_code: "OSMO_ERROR" },
  });
});
