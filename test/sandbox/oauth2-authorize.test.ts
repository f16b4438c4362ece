import { describe, expect, test } from "vitest";
import { base, challengeOf, decodeJwt, startSandbox } from "../support/sign-in.ts";

// RFC 7636 appendix B.
const codeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const codeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const redirectUri = "http://localhost:54321";

const asked = {
  response_type: "code",
  client_id: "osmo-browser",
  redirect_uri: redirectUri,
  scope: "openid offline_access profile",
  state: "a state/&=?",
  nonce: "n-0S6_WzA2Mj",
  code_challenge: codeChallenge,
  code_challenge_method: "S256",
};

/** A user of an application, with a browser. */
function startBrowser() {
  const started = startSandbox();
  const { user, password } = started.logins.osmo;
  const typed = { username: user, password };
  const visit = (changes: Record<string, string> = {}) =>
    started.open(`${base}/authorize?${new URLSearchParams({ ...asked, ...changes })}`);
  const redeem = (code: string, changes: Record<string, string> = {}) =>
    started.token({
      grant_type: "authorization_code",
      client_id: "osmo-browser",
      redirect_uri: redirectUri,
      code_verifier: codeVerifier,
      code,
      ...changes,
    });
  /** Signs in and returns the code. */
  const authorize = async (changes?: Record<string, string>) =>
    answerAt((await (await visit(changes)).submit("Approve", typed)).location)["code"] ?? "";
  return { ...started, typed, visit, redeem, authorize };
}

/** Returns the parameters of a redirect to the client. */
const answerAt = (location: string | null) =>
  Object.fromEntries(new URL(location ?? "about:blank").searchParams);

test("the challenge is that of RFC 7636", () => {
  expect(challengeOf(codeVerifier)).toBe(codeChallenge);
});

test("signing in redirects the browser with a code that can be exchanged for tokens", async () => {
  const { visit, typed, redeem, get } = startBrowser();
  const page = await visit();
  expect(page.html).toContain("<strong>osmo-browser</strong>");
  const { status, location } = await page.submit("Approve", typed);
  expect(status).toBe(303);
  expect(location).toMatch(/^http:\/\/localhost:54321\/\?code=/);
  const answer = answerAt(location);
  expect(answer).toEqual({ code: expect.stringMatching(/^[\w-]{43}$/), state: "a state/&=?" });

  const { status: ok, body } = await redeem(answer["code"] ?? "");
  expect({ ok, body }).toMatchObject({
    ok: 200,
    body: { expires_in: 300, refresh_token: expect.any(String) },
  });
  expect(decodeJwt(body.id_token).claims).toMatchObject({
    aud: "osmo-browser",
    nonce: "n-0S6_WzA2Mj",
    preferred_username: "testuser",
  });
  expect((await get("/api/profile/settings", body.id_token)).status).toBe(200);
});

test("a refreshed ID token has no nonce", async () => {
  const { authorize, redeem, token } = startBrowser();
  const { refresh_token } = (await redeem(await authorize())).body;
  const fields = { grant_type: "refresh_token", client_id: "osmo-browser", refresh_token };
  const { body } = await token(fields);
  expect(decodeJwt(body.id_token).claims).not.toHaveProperty("nonce");
});

describe("an authorization code", () => {
  test("is valid once", async () => {
    const { authorize, redeem } = startBrowser();
    const code = await authorize();
    expect((await redeem(code)).status).toBe(200);
    expect((await redeem(code)).body.error).toBe("invalid_grant");
  });

  test("is valid for 60 seconds", async () => {
    const { authorize, redeem, advance } = startBrowser();
    const [first, second] = [await authorize(), await authorize()];
    advance(59);
    expect((await redeem(first)).status).toBe(200);
    advance(1);
    expect((await redeem(second)).body.error).toBe("invalid_grant");
  });

  test.each([
    ["another verifier", { code_verifier: `${codeVerifier}x` }, "invalid_grant"],
    ["the challenge for a verifier", { code_verifier: codeChallenge }, "invalid_grant"],
    ["no verifier", { code_verifier: "" }, "invalid_request"],
    ["another redirect_uri", { redirect_uri: `${redirectUri}/` }, "invalid_grant"],
    ["no redirect_uri", { redirect_uri: "" }, "invalid_request"],
    ["no code", { code: "" }, "invalid_request"],
    ["a made-up code", { code: "A".repeat(43) }, "invalid_grant"],
    ["a client that may not", { client_id: "osmo-device" }, "unauthorized_client"],
  ])("is refused with %s", async (_what, changes, error) => {
    const { authorize, redeem } = startBrowser();
    expect(await redeem(await authorize(), changes)).toMatchObject({
      status: 400,
      body: { error },
    });
  });

  test("is invalid after a failed attempt", async () => {
    const { authorize, redeem } = startBrowser();
    const code = await authorize();
    await redeem(code, { code_verifier: codeChallenge });
    expect((await redeem(code)).body.error).toBe("invalid_grant");
  });

  test("with a matching verifier that is too short is refused", async () => {
    const { authorize, redeem } = startBrowser();
    const code = await authorize({ code_challenge: challengeOf("short") });
    expect((await redeem(code, { code_verifier: "short" })).body.error).toBe("invalid_grant");
  });
});

describe("the user", () => {
  test("can deny access without a password", async () => {
    const { visit } = startBrowser();
    const page = await visit();
    const { status, location } = await page.submit("Deny");
    expect(status).toBe(303);
    expect(answerAt(location)).toEqual({
      error: "access_denied",
      error_description: "the user denied access",
      state: "a state/&=?",
    });
    expect((await page.submit("Deny")).status).toBe(400);
  });

  test("can try again after a wrong password", async () => {
    const { visit, typed } = startBrowser();
    const again = await (await visit()).submit("Approve", { ...typed, password: "wrong" });
    expect(again).toMatchObject({ status: 403, says: expect.stringContaining("password") });
    expect(again.inputs.find(({ name }) => name === "username")?.value).toBe("testuser");
    expect((await again.submit("Approve", { password: typed.password })).status).toBe(303);
  });

  test("can answer a request once, within 10 minutes", async () => {
    const { visit, typed, advance } = startBrowser();
    const page = await visit();
    expect((await page.submit("Approve", { ...typed, form_token: "forged" })).status).toBe(400);
    expect((await page.submit("Approve", typed)).status).toBe(303);
    expect((await page.submit("Approve", typed)).status).toBe(400);
    const late = await visit();
    advance(600);
    expect(await late.submit("Approve", typed)).toMatchObject({
      status: 400,
      location: null,
      says: expect.stringMatching(/./),
    });
  });

  test("gets a page without scripts, with a form that can redirect to the client", async () => {
    const { headers, labels, html } = await startBrowser().visit();
    expect(labels).toEqual(["username", "password"]);
    expect(html).not.toContain("<script");
    const policy = headers.get("content-security-policy");
    expect(policy).toContain("form-action 'self' http://localhost:* http://127.0.0.1:*");
  });
});

describe("the client", () => {
  test.each([
    ["http://127.0.0.1:1/callback?a=b", "http://127.0.0.1:1/callback?a=b&code="],
    ["http://localhost:65535/x/y", "http://localhost:65535/x/y?code="],
  ])("can be redirected to %s", async (redirect_uri, start) => {
    const { visit, typed } = startBrowser();
    const { location } = await (await visit({ redirect_uri })).submit("Approve", typed);
    expect(location?.startsWith(start)).toBe(true);
  });

  test.each([
    "https://localhost:54321",
    "http://example.com/",
    "http://localhost.example.com:1/",
    "http://localhost:1@example.com/",
    "http://user@localhost:1/",
    "http://localhost:1/#fragment",
    "http://localhost:1/#",
    "javascript:alert(1)",
    "localhost",
    "",
  ])("is never redirected to %j", async (redirect_uri) => {
    const page = await startBrowser().visit({ redirect_uri });
    expect(page).toMatchObject({ status: 400, location: null });
    expect(page.says).not.toBe("");
  });

  test("must be registered", async () => {
    const page = await startBrowser().visit({ client_id: "<b>nobody" });
    expect(page).toMatchObject({ status: 400, location: null });
    expect(page.says).not.toBe("");
  });

  test.each(["client_id=osmo-browser", "redirect_uri=http://localhost:1"])(
    "is refused if %s is given again",
    async (again) => {
      const url = `${base}/authorize?${new URLSearchParams(asked)}&${again}`;
      expect(await startBrowser().open(url)).toMatchObject({ status: 400, location: null });
    },
  );

  test.each([
    ["no response_type", { response_type: "" }, "invalid_request"],
    ["a token for response_type", { response_type: "token" }, "unsupported_response_type"],
    ["no challenge", { code_challenge: "" }, "invalid_request"],
    ["a strange challenge", { code_challenge: "short" }, "invalid_request"],
    ["no challenge method", { code_challenge_method: "" }, "invalid_request"],
    ["a plain challenge", { code_challenge_method: "plain" }, "invalid_request"],
    ["too much scope", { scope: "openid all" }, "invalid_scope"],
    ["a grant it may not use", { client_id: "osmo-device" }, "unauthorized_client"],
  ])("gets an error for %s", async (_what, changes, error) => {
    const { status, location } = await startBrowser().visit(changes);
    expect(status).toBe(303);
    expect(answerAt(location)).toEqual({
      error,
      error_description: expect.any(String),
      state: "a state/&=?",
    });
  });

  test("gets an error for a parameter that is given twice", async () => {
    const url = `${base}/authorize?${new URLSearchParams(asked)}&scope=openid`;
    const { location } = await startBrowser().open(url);
    expect(answerAt(location)).toMatchObject({ error: "invalid_request", state: "a state/&=?" });
  });

  test("gets no state that it did not send", async () => {
    const { state: _state, ...rest } = asked;
    const { open, typed } = startBrowser();
    const page = await open(`${base}/authorize?${new URLSearchParams(rest)}`);
    expect(Object.keys(answerAt((await page.submit("Approve", typed)).location))).toEqual(["code"]);
  });
});
