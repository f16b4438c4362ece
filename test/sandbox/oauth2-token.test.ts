import { describe, expect, test } from "vitest";
import { base, decodeJwt, noon, origin, startSandbox } from "../support/sign-in.ts";

const secondsPattern = Date.parse(noon) / 1000;
const dayMs = 24 * 60 * 60;

/** Returns a client that sends requests of a service account. */
function asServiceAccount() {
  const started = startSandbox();
  const { clientId, clientSecret } = started.logins["ovh-cloud"];
  return { ...started, client: { client_id: clientId, client_secret: clientSecret } };
}

/** A user of OSMO at the device client. */
function asDeveloper() {
  const started = startSandbox();
  const { user, password } = started.logins.osmo;
  const client = { client_id: "osmo-device" };
  const request = { ...client, grant_type: "password", username: user, password };
  const refresh = (refresh_token: string, more: Record<string, string> = {}) =>
    started.token({ ...client, grant_type: "refresh_token", refresh_token, ...more });
  return { ...started, request, refresh };
}

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
});
const refused = (error: string, status = 400) => ({
  status,
  // The characters that RFC 6749 §5.2 allows.
  body: { error, error_description: expect.stringMatching(/^[ !#-[\]-~]+$/) },
});

describe("a client authenticates", () => {
  test("by its parameters, or by Basic with id and secret form-encoded", async () => {
    const { token, client } = asServiceAccount();
    const grant_type = "client_credentials";
    expect((await token({ ...client, grant_type })).status).toBe(200);
    const encoded = client.client_secret.replace(/./, (c) => `%${c.charCodeAt(0).toString(16)}`);
    for (const secret of [client.client_secret, encoded]) {
      const headers = basic(client.client_id, secret);
      expect((await token({ grant_type }, headers)).status).toBe(200);
      expect((await token({ grant_type, client_id: client.client_id }, headers)).status).toBe(200);
    }
  });

  test.each([
    ["a wrong secret", { client_secret: "wrong" }],
    ["no secret", { client_secret: "" }],
    ["an unknown id", { client_id: "nobody" }],
    ["nothing", { client_id: "", client_secret: "" }],
    ["a secret for a public client", { client_id: "osmo-device", client_secret: "x" }],
  ])("but not with %s", async (_what, wrong) => {
    const { token, client } = asServiceAccount();
    const reply = await token({ ...client, ...wrong, grant_type: "client_credentials" });
    expect(reply).toMatchObject(refused("invalid_client", 401));
    expect(reply.headers.has("www-authenticate")).toBe(false);
  });

  test.each([
    ["a wrong secret", (id: string) => basic(id, "wrong")],
    ["no secret", (id: string) => basic(id, "")],
    ["another scheme", (id: string) => ({ authorization: `Bearer ${id}` })],
    ["no colon", (id: string) => ({ authorization: `Basic ${btoa(id)}` })],
  ])("but not by a header with %s, and gets a challenge", async (_what, headers) => {
    const { token, client } = asServiceAccount();
    const reply = await token({ grant_type: "client_credentials" }, headers(client.client_id));
    expect(reply).toMatchObject(refused("invalid_client", 401));
    expect(reply.headers.get("www-authenticate")).toMatch(/^Basic realm="/);
  });

  test.each([
    ["both", (id: string, secret: string) => ({ client_id: id, client_secret: secret })],
    ["two ids", () => ({ client_id: "osmo-device" })],
  ])("but not in two ways: %s", async (_what, fields) => {
    const { token, client } = asServiceAccount();
    const body = fields(client.client_id, client.client_secret);
    const headers = basic(client.client_id, client.client_secret);
    const reply = await token({ ...body, grant_type: "client_credentials" }, headers);
    expect(reply).toMatchObject(refused("invalid_request"));
  });

  test("and can only use its own grants", async () => {
    const { token, client } = asServiceAccount();
    for (const grant_type of ["password", "refresh_token", "authorization_code"]) {
      const reply = await token({ ...client, grant_type });
      expect(reply).toMatchObject(refused("unauthorized_client"));
    }
    const reply = await token({ client_id: "osmo-device", grant_type: "client_credentials" });
    expect(reply).toMatchObject(refused("unauthorized_client"));
  });
});

describe("a request", () => {
  test.each([
    ["has no grant_type", "", "invalid_request"],
    ["has an empty grant_type", "grant_type=", "invalid_request"],
    ["has an unknown grant_type", "grant_type=magic", "unsupported_grant_type"],
    ["has grant_type twice", "grant_type=a&grant_type=client_credentials", "invalid_request"],
    ["has an unknown scope", "grant_type=client_credentials&scope=all+more", "invalid_scope"],
  ])("that %s is refused", async (_what, fields, error) => {
    const { token, client } = asServiceAccount();
    const reply = await token(`${new URLSearchParams(client)}&${fields}`);
    expect(reply).toMatchObject(refused(error));
    expect(reply.headers.get("cache-control")).toBe("no-store");
  });

  test("must be a form", async () => {
    const { token, client } = asServiceAccount();
    const fields = { ...client, grant_type: "client_credentials" };
    const json = await token(fields, { "content-type": "application/json" });
    expect(json).toMatchObject(refused("invalid_request"));
    const type = "application/x-www-form-urlencoded; charset=utf-8";
    expect((await token(fields, { "content-type": type })).status).toBe(200);
  });

  test.each(["token", "device"])("to %s must be a POST", async (endpoint) => {
    const reply = await startSandbox().sandbox.request(`${base}/${endpoint}`);
    expect(reply.status).toBe(405);
    expect(reply.headers.get("allow")).toBe("POST");
  });
});

test("client_credentials returns only an access token, not cached", async () => {
  const { token, client } = asServiceAccount();
  const reply = await token({ ...client, grant_type: "client_credentials", scope: "all" });
  expect(reply).toMatchObject({ status: 200 });
  expect(reply.body).toEqual({
    access_token: expect.stringMatching(/^[\w-]{43}$/),
    token_type: "Bearer",
    expires_in: 3600,
    scope: "all",
  });
  expect(reply.headers.get("cache-control")).toBe("no-store");
});

describe("password", () => {
  test("returns a JWT, an ID token and a refresh token", async () => {
    const { token, request } = asDeveloper();
    const { body } = await token(request);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 300,
      scope: "openid offline_access profile",
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
      id_token: expect.any(String),
    });
    const common = {
      iss: `${origin}/auth/oauth2`,
      sub: "testuser",
      preferred_username: "testuser",
      aud: "osmo-device",
      iat: secondsPattern,
      exp: secondsPattern + 300,
    };
    expect(decodeJwt(body.id_token)).toMatchObject({
      header: { alg: "RS256", typ: "JWT" },
      claims: { ...common, auth_time: secondsPattern },
    });
    expect(decodeJwt(body.access_token)).toMatchObject({
      header: { alg: "RS256", typ: "at+jwt" },
      claims: { ...common, client_id: "osmo-device", scope: body.scope, jti: expect.any(String) },
    });
  });

  test("returns the tokens of the scope", async () => {
    const { token, request } = asDeveloper();
    const openId = (await token({ ...request, scope: "openid" })).body;
    expect(openId).toMatchObject({ scope: "openid", id_token: expect.any(String) });
    expect(openId).not.toHaveProperty("refresh_token");
    const offline = (await token({ ...request, scope: "offline_access profile" })).body;
    expect(offline.refresh_token).toEqual(expect.any(String));
    expect(offline).not.toHaveProperty("id_token");
  });

  test.each([
    ["a wrong password", { password: "wrong" }, "invalid_grant"],
    ["a user there is not", { username: "nobody" }, "invalid_grant"],
    ["a user of another API", { username: "user-sandbox" }, "invalid_grant"],
    ["no user", { username: "" }, "invalid_request"],
    ["no password", { password: "" }, "invalid_request"],
    ["too much scope", { scope: "openid all" }, "invalid_scope"],
  ])("refuses %s", async (_what, wrong, error) => {
    const { token, request } = asDeveloper();
    expect(await token({ ...request, ...wrong })).toMatchObject(refused(error));
  });

  test("of one API is not valid for another", async () => {
    const { token, logins } = startSandbox();
    const { clientId, clientSecret, user, password } = logins["ovh-ai"];
    const client = { client_id: "osmo-device", grant_type: "password" };
    const reply = await token({ ...client, username: user, password });
    expect(reply).toMatchObject(refused("invalid_grant"));
    const own = { client_id: clientId, client_secret: clientSecret, grant_type: "password" };
    expect((await token({ ...own, username: user, password })).status).toBe(200);
  });
});

describe("refresh_token", () => {
  test("returns new tokens, and the old refresh token is no longer valid", async () => {
    const { token, request, refresh, advance } = asDeveloper();
    const first = (await token(request)).body;
    advance(600);
    const second = (await refresh(first.refresh_token)).body;
    expect(second).toMatchObject({ expires_in: 300, scope: first.scope });
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(decodeJwt(second.id_token).claims).toMatchObject({
      auth_time: secondsPattern,
      iat: secondsPattern + 600,
      exp: secondsPattern + 900,
    });
    expect(await refresh(first.refresh_token)).toMatchObject(refused("invalid_grant"));
    expect((await refresh(second.refresh_token)).status).toBe(200);
  });

  test("is only valid for its client", async () => {
    const { token, request, refresh } = asDeveloper();
    const { refresh_token } = (await token(request)).body;
    const stolen = await refresh(refresh_token, { client_id: "osmo-browser" });
    expect(stolen).toMatchObject(refused("invalid_grant"));
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  test("can reduce the scope, but not extend it", async () => {
    const { token, request, refresh } = asDeveloper();
    const { refresh_token } = (await token({ ...request, scope: "openid offline_access" })).body;
    const more = await refresh(refresh_token, { scope: "openid profile" });
    expect(more).toMatchObject(refused("invalid_scope"));
    const less = (await refresh(refresh_token, { scope: "openid" })).body;
    expect(less).toMatchObject({ scope: "openid", refresh_token: expect.any(String) });
    const { body } = await refresh(less.refresh_token);
    expect(body.scope).toBe("openid offline_access");
  });

  test("is refused if it is unknown, missing or 30 days old", async () => {
    const { token, request, refresh, advance } = asDeveloper();
    expect(await refresh("A".repeat(43))).toMatchObject(refused("invalid_grant"));
    expect(await refresh("")).toMatchObject(refused("invalid_request"));
    const { refresh_token } = (await token(request)).body;
    advance(30 * dayMs - 1);
    const renewed = (await refresh(refresh_token)).body.refresh_token;
    advance(30 * dayMs);
    expect(await refresh(renewed)).toMatchObject(refused("invalid_grant"));
  });
});
