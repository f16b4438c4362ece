import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createLogins, createOAuthClients } from "../../src/sandbox/logins.ts";
import { createAuthorizationServer } from "../../src/sandbox/oauth2/index.ts";
import { createOsmo } from "../../src/sandbox/osmo/index.ts";
import {
  type Answer,
  base,
  noon,
  origin,
  type StartedSandbox,
  startSandbox,
} from "../support/sign-in.ts";

const whoamiPath = "/api/profile/settings";

/** Signs in to OSMO by password. */
async function signInToOsmo({ token, logins }: StartedSandbox, scope?: string) {
  const { user, password } = logins.osmo;
  const request = { grant_type: "password", client_id: "osmo-device", username: user, password };
  return (await token({ ...request, ...(scope && { scope }) })).body;
}

/** Signs in to OVHcloud AI at its token endpoint. */
function signInToOvhAi({ post, logins }: StartedSandbox, changes: Record<string, string> = {}) {
  const { clientId, clientSecret, user, password } = logins["ovh-ai"];
  return post(`${origin}/v1/oauth/token`, {
    grant_type: "password",
    client_id: clientId,
    client_secret: clientSecret,
    username: user,
    password,
    ...changes,
  });
}

test("logins are random, except names", () => {
  const [one, other] = [startSandbox().logins, startSandbox().logins];
  expect(one.osmo).toMatchObject({ user: "testuser", password: expect.stringMatching(/^.{32}$/) });
  expect(one["ovh-ai"]).toMatchObject({ clientId: "ovhai", user: "user-sandbox" });
  expect(one["ovh-ai"].password).not.toBe(other["ovh-ai"].password);
  expect(one["ovh-cloud"].clientId).not.toBe(other["ovh-cloud"].clientId);
});

describe("OSMO", () => {
  test("lists its sign-in endpoints with the origin of the request", async () => {
    const { sandbox } = startSandbox();
    const reply = await sandbox.request("https://sandbox.example:8443/api/auth/login");
    const server = "https://sandbox.example:8443/auth/oauth2";
    expect(await reply.json()).toEqual({
      device_endpoint: `${server}/device`,
      device_client_id: "osmo-device",
      browser_endpoint: `${server}/authorize`,
      browser_client_id: "osmo-browser",
      token_endpoint: `${server}/token`,
      logout_endpoint: null,
    });
  });

  test.each(["id_token", "access_token"] as const)(
    "accepts the %s for 300 seconds",
    async (name) => {
      const started = startSandbox();
      const jwt = (await signInToOsmo(started))[name];
      expect(await started.get(whoamiPath, jwt)).toMatchObject({
        status: 200,
        body: {
          profile: { username: "testuser" },
          roles: ["osmo-admin", "osmo-user"],
          token: null,
        },
      });
      started.advance(299);
      expect((await started.get(whoamiPath, jwt)).status).toBe(200);
      started.advance(1);
      expect(await started.get(whoamiPath, jwt)).toEqual({ status: 401, body: "Jwt is expired" });
    },
  );

  test("applies the current roles of the user, and refuses a deleted user", async () => {
    const started = startSandbox();
    const { id_token } = await signInToOsmo(started);
    const asUser = { method: "DELETE", headers: { authorization: `Bearer ${id_token}` } };
    const user = `${origin}/api/auth/user/testuser`;
    await started.sandbox.request(`${user}/roles/osmo-admin`, asUser);
    expect((await started.get(whoamiPath, id_token)).body.roles).toEqual(["osmo-user"]);
    await started.sandbox.request(user, asUser);
    expect(await started.get(whoamiPath, id_token)).toEqual({ status: 403, body: "access denied" });
  });

  test("refuses a JWT that is changed, forged or malformed", async () => {
    const started = startSandbox();
    const [header, , signature] = (await signInToOsmo(started)).id_token.split(".");
    const claims = Buffer.from(JSON.stringify({ preferred_username: "testuser" }));
    const payload = claims.toString("base64url");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const forged = sign("RSA-SHA256", Buffer.from(`${header}.${payload}`), privateKey);
    for (const last of [signature, forged.toString("base64url"), ""]) {
      const reply = await started.get(whoamiPath, `${header}.${payload}.${last}`);
      expect(reply).toEqual({ status: 401, body: "Jwt verification fails" });
    }
    const opaque = (await signInToOsmo(started, "profile")).access_token;
    expect((await started.get(whoamiPath, opaque)).body).toMatch(/^Jwt is not in the form of/);
  });

  test("exchanges an access token for a JWT and accepts x-osmo-user", async () => {
    const { sandbox, get } = startSandbox();
    const environment = sandbox.apis.find(({ id }) => id === "osmo")?.environment(origin);
    const body = JSON.stringify({ token: environment?.["TOKCTL_APP_TOKEN"] });
    const url = `${origin}/api/auth/jwt/access_token`;
    const { token } = (await (await sandbox.request(url, { method: "POST", body })).json()) as {
      readonly token: string;
    };
    expect((await get(whoamiPath, token)).status).toBe(200);
    const headers = { "x-osmo-user": "testuser" };
    expect((await sandbox.request(`${origin}${whoamiPath}`, { headers })).status).toBe(200);
  });
});

describe("OVHcloud AI", () => {
  test("issues an administrator's token for an OpenStack user's password", async () => {
    const started = startSandbox();
    const { status, body } = await signInToOvhAi(started);
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        access_token: expect.any(String),
        refresh_token: expect.any(String),
        expires_in: 3600,
        token_type: "Bearer",
        scope: "offline_access",
      },
    });
    expect(await started.get("/v1/me", body.access_token)).toMatchObject({
      status: 200,
      body: { name: "user-sandbox", role: "administrator", tokenKind: "oauth" },
    });
    const reply = await started.sandbox.request(`${origin}/v1/token`, {
      method: "POST",
      headers: { authorization: `Bearer ${body.access_token}` },
      body: JSON.stringify({ name: "ci", role: "ai_training_read" }),
    });
    expect(reply.status).toBe(200);
    started.advance(3600);
    expect((await started.get("/v1/me", body.access_token)).status).toBe(401);
  });

  test("refreshes the token", async () => {
    const started = startSandbox();
    const { refresh_token } = (await signInToOvhAi(started)).body;
    started.advance(7200);
    const { body } = await signInToOvhAi(started, { grant_type: "refresh_token", refresh_token });
    expect((await started.get("/v1/me", body.access_token)).status).toBe(200);
  });

  test.each([
    ["a wrong password", { password: "wrong" }, 400, "invalid_grant"],
    ["a wrong client secret", { client_secret: "wrong" }, 401, "invalid_client"],
    ["another grant", { grant_type: "client_credentials" }, 400, "unauthorized_client"],
  ])("refuses %s as OAuth 2.0 does", async (_what, wrong, status, error) => {
    const reply = await signInToOvhAi(startSandbox(), wrong);
    expect(reply).toMatchObject({ status, body: { error } });
  });

  test("refuses the tokens of other clients", async () => {
    const started = startSandbox();
    const { access_token } = await signInToOsmo(started);
    expect((await started.get("/v1/me", access_token)).status).toBe(401);
  });
});

test("OSMO refuses an ID token of the same provider that is for another client", async () => {
  const surroundings = { now: () => new Date(noon), randomBytes };
  const provider = createAuthorizationServer(surroundings, [
    {
      id: "elsewhere",
      grants: ["password"],
      scopes: ["openid"],
      users: [{ name: "testuser", password: "p" }],
      tokenLifetimeSeconds: 300,
    },
  ]);
  const fields = { grant_type: "password", client_id: "elsewhere" };
  const reply = await provider.routes.request(`${base}/token`, {
    method: "POST",
    body: new URLSearchParams({ ...fields, username: "testuser", password: "p" }),
  });
  const { id_token } = (await reply.json()) as Answer;
  const osmo = createOsmo(surroundings, { provider });
  const headers = { authorization: `Bearer ${id_token}` };
  const refused = await osmo.routes.request(`${origin}${whoamiPath}`, { headers });
  expect(refused.status).toBe(403);
  expect(await refused.text()).toBe("Audiences in Jwt are not allowed");
});

describe("a service account", () => {
  test("is verified with its scope until the token expires", async () => {
    let now = new Date("2026-12-01T12:00:00Z");
    let last = 0;
    const surroundings = {
      now: () => now,
      randomBytes: (size: number) => new Uint8Array(size).fill(++last),
    };
    const logins = createLogins(surroundings.randomBytes);
    const server = createAuthorizationServer(surroundings, createOAuthClients(logins));
    const { clientId, clientSecret } = logins["ovh-cloud"];
    const reply = await server.routes.request(`${base}/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
        scope: "all",
      }),
    });
    const { access_token } = (await reply.json()) as Answer;
    const holder = { subject: clientId, clientId, scope: ["all"] };
    expect(server.verify(access_token)).toEqual(holder);
    expect(server.verify("nonsense")).toBeUndefined();
    now = new Date("2026-12-01T13:00:00Z");
    expect(server.verify(access_token)).toBeUndefined();
  });
});
