import { createHash, randomBytes } from "node:crypto";
import { Hono } from "hono";
import { beforeEach, describe, expect, test } from "vitest";
import { createSandbox } from "../../src/sandbox/app.ts";
import { listen } from "../../src/sandbox/listen.ts";
import { createOvhAccount, type OvhAccount } from "../../src/sandbox/ovh-cloud/account.ts";
import { signOvhRequest } from "../../src/sandbox/ovh-cloud/authentication.ts";
import { createOvhCloud } from "../../src/sandbox/ovh-cloud/index.ts";

const base = "http://127.0.0.1:8787/1.0";
const noon = 1_795_435_200;

let seconds: number;
let account: OvhAccount;
let app: Hono;
let tokens: string;

beforeEach(() => {
  seconds = noon;
  const surroundings = { now: () => new Date(seconds * 1000 + 999), randomBytes };
  account = createOvhAccount(surroundings, { verifyBearer: (token) => token === "from-oauth2" });
  app = new Hono();
  app.route("/", account.routes);
  app.route("/", createOvhCloud(surroundings, account).routes);
  tokens = `/cloud/project/${account.project}/ai/token`;
});

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly consumerKey?: string;
  readonly timestamp?: string;
  /** Signed values that differ from the sent values. */
  readonly signed?: Partial<Record<"secret" | "key" | "method" | "url" | "body", string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a signed request. The signature is computed independently of src. */
async function call({ method = "GET", path = tokens, body = "", ...more }: Call = {}) {
  const { applicationKey, applicationSecret, consumerKey } = account.credentials;
  const key = more.consumerKey ?? consumerKey;
  const timestamp = more.timestamp ?? String(seconds);
  const url = `${base}${path}`;
  const signed = { secret: applicationSecret, key, method, url, body, ...more.signed };
  const text = `${signed.secret}+${signed.key}+${signed.method}+${signed.url}+${signed.body}+${timestamp}`;
  const headers = {
    "X-Ovh-Application": applicationKey,
    "X-Ovh-Consumer": key,
    "X-Ovh-Timestamp": timestamp,
    "X-Ovh-Signature": `$1$${createHash("sha1").update(text).digest("hex")}`,
    ...more.headers,
  };
  return read(await app.request(url, { method, headers, ...(body && { body }) }));
}

async function read(reply: Response) {
  expect(reply.headers.get("x-ovh-queryid")).toMatch(/^EU\.ext-[0-9a-f]+$/);
  return { status: reply.status, body: JSON.parse(await reply.text()) };
}

const refusal = (status: number, phrase: string, errorCode: string, message: string) => ({
  status,
  body: { errorCode, httpCode: `${status} ${phrase}`, message },
});
const invalidCredential = refusal(
  403,
  "Forbidden",
  "INVALID_CREDENTIAL",
  "This credential is not valid",
);
const invalidSignature = refusal(400, "Bad Request", "INVALID_SIGNATURE", "Invalid signature");
const notGranted = refusal(403, "Forbidden", "NOT_GRANTED_CALL", "This call has not been granted");
const fine = { status: 200, body: [] };

test("errors outside the known paths have a class too", async () => {
  const { request } = createSandbox({ now: () => new Date(seconds * 1000), randomBytes });
  const unknown = ["/cloud", "/me", "/nothing/at/all"].map((path) => request(`${base}${path}`));
  for (const reply of await Promise.all(unknown))
    expect(await read(reply)).toMatchObject({ status: 404, body: { class: "Client::NotFound" } });
  const body = " ".repeat(64 * 1024 + 1);
  const reply = await request(`${base}/auth/credential`, { method: "POST", body });
  expect([reply.status, await reply.json()]).toMatchObject([
    413,
    { class: "Client::RequestEntityTooLarge" },
  ]);
});

describe("a signature", () => {
  test("matches the example of OVHcloud's guide", () => {
    expect(
      signOvhRequest({
        applicationSecret: "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF",
        consumerKey: "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1",
        method: "GET",
        url: "https://eu.api.ovh.com/1.0/domains/",
        body: "",
        timestamp: "1366560945",
      }),
    ).toBe("$1$d3705e8afb27a0d2970a322b96550abfc67bb798");
  });

  test("is accepted for a request with query and body", async () => {
    expect(await call()).toEqual(fine);
    expect(await call({ path: `${tokens}?a=b%20c&d` })).toEqual(fine);
    const body = JSON.stringify({ name: "é\u202e", role: "ai_training_read", region: "GRA" });
    expect(await call({ method: "POST", body })).toMatchObject({ status: 200 });
  });

  test.each([
    ["secret", "0".repeat(32)],
    ["key", "0".repeat(32)],
    ["method", "POST"],
    ["url", `${base}/cloud`],
    ["url", "/1.0/cloud"],
    ["body", "{}"],
  ])("for another %s is refused", async (part, value) => {
    expect(await call({ signed: { [part]: value } })).toEqual(invalidSignature);
  });

  test("includes the body", async () => {
    const sent = { method: "POST", body: '{"name":"b"}', signed: { body: '{"name":"a"}' } };
    expect(await call(sent)).toEqual(invalidSignature);
  });

  test("without its version is refused, and so is an empty one", async () => {
    for (const signature of ["", "0".repeat(40)]) {
      const headers = { "X-Ovh-Signature": signature };
      expect(await call({ headers })).toEqual(invalidSignature);
    }
  });

  test("is for the host of the request", async () => {
    const { url, close } = await listen(app, { host: "127.0.0.1", port: 0 });
    try {
      const called = `${url.replace("127.0.0.1", "localhost")}/1.0${tokens}`;
      const { applicationKey, applicationSecret, consumerKey } = account.credentials;
      const text = `${applicationSecret}+${consumerKey}+GET+${called}++${seconds}`;
      const headers = {
        "X-Ovh-Application": applicationKey,
        "X-Ovh-Consumer": consumerKey,
        "X-Ovh-Timestamp": String(seconds),
        "X-Ovh-Signature": `$1$${createHash("sha1").update(text).digest("hex")}`,
      };
      expect(await read(await fetch(called, { headers }))).toEqual(fine);
      const elsewhere = await fetch(`${url}/1.0${tokens}`, { headers });
      expect(await read(elsewhere)).toEqual(invalidSignature);
    } finally {
      await close();
    }
  });
});

describe("the clock", () => {
  test("returns whole seconds as a number, without a signature", async () => {
    const reply = await app.request(`${base}/auth/time`);
    expect(reply.headers.get("content-type")).toMatch(/^application\/json\b/);
    expect(await reply.text()).toBe("1795435200");
    seconds += 5;
    expect(await read(await app.request(`${base}/auth/time`))).toMatchObject({ body: noon + 5 });
  });

  test.each([-30, 30])("can differ by %d seconds", async (skew) => {
    expect(await call({ timestamp: String(noon + skew) })).toEqual(fine);
  });

  test.each([-31, 31])("can't differ by %d seconds", async (skew) => {
    expect(await call({ timestamp: String(noon + skew) })).toEqual(invalidSignature);
  });

  test.each(["", "now", `${noon}.5`, "1e9"])("can't be %j", async (timestamp) => {
    expect(await call({ timestamp })).toEqual(invalidSignature);
  });
});

describe("keys and tokens", () => {
  test("an unknown application or consumer key is refused", async () => {
    expect(await call({ headers: { "X-Ovh-Application": "0".repeat(16) } })).toEqual(
      invalidCredential,
    );
    expect(await call({ consumerKey: "0".repeat(32) })).toEqual(invalidCredential);
    const { applicationKey } = account.credentials;
    const headers = { "X-Ovh-Application": applicationKey };
    expect(await read(await app.request(`${base}${tokens}`, { headers }))).toEqual(
      invalidCredential,
    );
  });

  test("a request without a credential is 401", async () => {
    expect(await read(await app.request(`${base}${tokens}`))).toEqual({
      status: 401,
      body: { message: "You must login first", class: "Client::Unauthorized" },
    });
  });

  test("a bearer token is that of the account or of another service", async () => {
    const bear = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      return read(await app.request(`${base}${tokens}`, { headers }));
    };
    expect(await bear(account.credentials.bearerToken)).toEqual(fine);
    expect(await bear("from-oauth2")).toEqual(fine);
    expect(await bear("from-nowhere")).toEqual({
      status: 401,
      body: { message: "This access token is not valid", class: "Client::Unauthorized" },
    });
  });

  test("without another service only the bearer token of the account is valid", async () => {
    const alone = createOvhAccount({ now: () => new Date(), randomBytes });
    const routes = new Hono().use("/:project", alone.guard).get("/:project", (c) => c.text("in"));
    routes.onError((_, c) => c.text("out"));
    for (const [token, answer] of [
      [alone.credentials.bearerToken, "in"],
      ["from-oauth2", "out"],
    ]) {
      const headers = { authorization: `Bearer ${token}` };
      expect(await (await routes.request(`/${alone.project}`, { headers })).text()).toBe(answer);
    }
  });
});

const everything = ["GET", "POST", "PUT", "DELETE"].map((method) => ({ method, path: "/*" }));

const ask = (accessRules: unknown, redirection?: unknown, application?: string) =>
  request({ accessRules, redirection }, application);

async function request(body: object, application = account.credentials.applicationKey) {
  const reply = await app.request(`${base}/auth/credential`, {
    method: "POST",
    headers: { "X-Ovh-Application": application },
    body: JSON.stringify(body),
  });
  return read(reply);
}

const answer = (validationUrl: string, decision: string) =>
  app.request(validationUrl, { method: "POST", body: new URLSearchParams({ decision }) });

const credentialOf = (consumerKey: string) =>
  call({ path: "/auth/currentCredential", consumerKey });

describe("a new consumer key", () => {
  test("is valid after the user authorized it", async () => {
    const { status, body } = await ask(everything);
    const { validationUrl, consumerKey } = body;
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        validationUrl: expect.stringMatching(`^${base}/auth/validation/[0-9a-f]{32}$`),
        consumerKey: expect.stringMatching(/^[0-9a-f]{32}$/),
        state: "pendingValidation",
      },
    });
    expect(validationUrl).not.toContain(consumerKey);

    expect(await credentialOf(consumerKey)).toEqual({
      status: 200,
      body: {
        credentialId: expect.any(Number),
        status: "pendingValidation",
        creation: "2026-11-23T12:00:00.999Z",
        expiration: null,
        rules: everything,
        allowedIPs: null,
      },
    });
    expect(await call({ consumerKey })).toEqual(invalidCredential);

    const done = await answer(validationUrl, "authorize");
    expect(done.status).toBe(200);
    expect((await credentialOf(consumerKey)).body).toMatchObject({ status: "validated" });
    expect(await call({ consumerKey })).toEqual(fine);
  });

  test("can be refused", async () => {
    const { validationUrl, consumerKey } = (await ask(everything)).body;
    expect((await answer(validationUrl, "refuse")).status).toBe(200);
    expect((await credentialOf(consumerKey)).body).toMatchObject({ status: "refused" });
    expect(await call({ consumerKey })).toEqual(invalidCredential);
  });

  test.each(["authorize", "refuse"])("%s redirects the user", async (decision) => {
    const redirection = "http://127.0.0.1:1/done?a=b&c";
    const reply = await answer((await ask(everything, redirection)).body.validationUrl, decision);
    expect([reply.status, reply.headers.get("location")]).toEqual([303, redirection]);
  });

  test("can be answered once", async () => {
    const { validationUrl, consumerKey } = (await ask(everything)).body;
    await answer(validationUrl, "refuse");
    expect((await answer(validationUrl, "authorize")).status).toBe(404);
    expect((await app.request(validationUrl)).status).toBe(404);
    expect((await credentialOf(consumerKey)).body).toMatchObject({ status: "refused" });
  });

  test("is not answered by opening the page or by other values", async () => {
    const { validationUrl, consumerKey } = (await ask(everything)).body;
    await app.request(validationUrl);
    expect((await answer(validationUrl, "maybe")).status).toBe(400);
    expect((await answer(`${base}/auth/validation/${consumerKey}`, "authorize")).status).toBe(404);
    expect((await credentialOf(consumerKey)).body).toMatchObject({ status: "pendingValidation" });
  });

  test("needs the application and valid rules", async () => {
    expect(await ask(everything, undefined, "0".repeat(16))).toEqual(invalidCredential);
    for (const rules of [undefined, [], "*", [{ method: "PATCH", path: "/*" }], [{ path: "/*" }]]) {
      expect(await ask(rules)).toMatchObject({
        status: 400,
        body: { class: "Client::BadRequest", message: expect.stringMatching(/^accessRules /) },
      });
    }
    for (const redirection of ["javascript:alert(1)", "/here", 1]) {
      expect(await ask(everything, redirection)).toMatchObject({
        status: 400,
        body: { message: expect.stringMatching(/^redirection /) },
      });
    }
  });

  test("can be requested with null for optional fields, as official clients do", async () => {
    const reply = await request({ accessRules: everything, allowedIPs: null, redirection: null });
    expect(reply).toMatchObject({ status: 200, body: { state: "pendingValidation" } });
  });

  test("has the IP restrictions of the request", async () => {
    const allowedIPs = ["127.0.0.1", "10.0.0.0/8", "::1/128"];
    const { body } = await request({ accessRules: everything, allowedIPs });
    expect((await credentialOf(body.consumerKey)).body).toMatchObject({ allowedIPs });
    for (const wrong of ["127.0.0.1", ["localhost"], ["10.0.0.0/33"], ["::1/129"], ["1.2.3.4/"]])
      expect(await request({ accessRules: everything, allowedIPs: wrong })).toMatchObject({
        status: 400,
        body: { class: "Client::BadRequest" },
      });
  });

  test("can be used to read its own state, whatever its rules", async () => {
    const { validationUrl, consumerKey } = (await ask([{ method: "GET", path: "/me" }])).body;
    await answer(validationUrl, "authorize");
    const current = { path: "/auth/currentCredential", consumerKey };
    expect(await call(current)).toMatchObject({ status: 200, body: { status: "validated" } });
    expect(await call({ ...current, signed: { key: "" } })).toEqual(invalidSignature);
    const headers = { authorization: `Bearer ${account.credentials.bearerToken}` };
    const reply = await app.request(`${base}${current.path}`, { headers });
    expect(await read(reply)).toMatchObject({ status: 403, body: { class: "Client::Forbidden" } });
  });

  test("is invalid after a logout", async () => {
    const { validationUrl, consumerKey } = (await ask(everything)).body;
    await answer(validationUrl, "authorize");
    const logout = { method: "POST", path: "/auth/logout", consumerKey };
    expect(await call({ ...logout, signed: { key: "" } })).toEqual(invalidSignature);
    expect(await call(logout)).toEqual({ status: 200, body: null });
    expect(await call({ consumerKey })).toEqual(invalidCredential);
    expect(await credentialOf(consumerKey)).toEqual(invalidCredential);
    expect(await call()).toEqual(fine);
  });
});

describe("access rules", () => {
  async function granted(method: string, path: string) {
    const { validationUrl, consumerKey } = (await ask([{ method, path }])).body;
    await answer(validationUrl, "authorize");
    return consumerKey as string;
  }

  test("apply to their method and path", async () => {
    const consumerKey = await granted("GET", `/cloud/project/${account.project}/ai/*`);
    expect(await call({ consumerKey })).toEqual(fine);
    expect(await call({ consumerKey, method: "POST", body: "{}" })).toEqual(notGranted);
    const elsewhere = "/cloud/project/0/ai/token";
    expect(await call({ consumerKey, path: elsewhere })).toEqual(notGranted);
  });

  test("without a * apply to one path, with any query", async () => {
    const consumerKey = await granted("GET", tokens);
    expect(await call({ consumerKey, path: `${tokens}?a=b` })).toEqual(fine);
    expect(await call({ consumerKey, path: `${tokens}/1` })).toEqual(notGranted);
  });

  test("accept a * only at the end", async () => {
    const consumerKey = await granted("GET", "/cloud/*/ai/token");
    expect(await call({ consumerKey })).toEqual(notGranted);
  });
});

describe("the validation page", () => {
  const page = async (rules: unknown, redirection?: string) =>
    app.request((await ask(rules, redirection)).body.validationUrl);

  test("shows the request, in HTML with two labelled buttons", async () => {
    const reply = await page([{ method: "DELETE", path: "/me/*" }], "https://example.com/back");
    expect(reply.headers.get("content-type")).toBe("text/html; charset=UTF-8");
    const text = await reply.text();
    for (const part of [
      '<html lang="en">',
      "<code>DELETE /me/*</code>",
      "https://example.com/back",
      '<form method="post">',
      '<button name="decision" value="authorize">Authorize</button>',
      '<button name="decision" value="refuse">Refuse</button>',
    ]) {
      expect(text).toContain(part);
    }
  });

  test("escapes the values of the application", async () => {
    const evil = '/"><script>alert(1)</script>&';
    const text = await (
      await page([{ method: "GET", path: evil }], `https://e.example/'"<img src=x>`)
    ).text();
    expect(text).toContain("/&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;");
    expect(text).not.toMatch(/<script|<img/);
  });

  test("loads nothing and can't be framed or cached", async () => {
    const { headers } = await page(everything);
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    );
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("is 404 for an unknown request", async () => {
    const reply = await app.request(`${base}/auth/validation/${"0".repeat(32)}`);
    expect(reply.status).toBe(404);
  });
});

test("another method is 405 with the allowed methods", async () => {
  const reply = await app.request(`${base}/auth/time`, { method: "POST" });
  expect(reply.headers.get("allow")).toBe("GET");
  expect(await read(reply)).toEqual({
    status: 405,
    body: { message: expect.stringContaining("GET"), class: "Client::MethodNotAllowed" },
  });
});

test("an unknown path has a request id too", async () => {
  const reply = await app.request(`${base}/nothing`);
  expect(reply.status).toBe(404);
  expect(reply.headers.get("x-ovh-queryid")).toMatch(/^EU\.ext-/);
});

test("each account has its own keys", () => {
  const others = createOvhAccount({ now: () => new Date(), randomBytes }).credentials;
  const values = [...Object.values(account.credentials), ...Object.values(others)];
  expect(new Set(values).size).toBe(8);
});
