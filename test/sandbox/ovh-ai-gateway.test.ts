import * as v from "valibot";
import { beforeEach, describe, expect, test } from "vitest";
import { Problem, type RegionalApi, read, startRegionalApi } from "../support/regional-api.ts";

let api: RegionalApi;
let call: RegionalApi["call"];

beforeEach(() => {
  api = startRegionalApi([]);
  call = api.call;
});

const hostOf = (kind: string, id: string) => `http://${id}.${kind}.localhost:8787`;

/** Sends a request to a resource, like curl. */
const visit = (url: string, token?: string, headers: Record<string, string> = {}) =>
  api.sandbox.request(url, {
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
  });

const status = async (url: string, token?: string) => (await visit(url, token)).status;

const setLabel = (id: string, name: string, value?: string) =>
  call("PUT", `/v1/app/${id}/label`, { name, value });

describe("a running app", () => {
  const kind = "app";

  test("accepts a token with access, at every path and with every method", async () => {
    const url = hostOf(kind, await api.make(kind, { labels: { group: "A" } }));
    const { value } = await api.token("ai_training_read", "group=A");
    const reply = await visit(`${url}/`, value);
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toMatch(/^text\/plain\b/);
    expect(await reply.text()).toBe("Hello, World!");
    for (const path of ["/v1/token", "/auth/oauth2/authorize", "/api/version", "/any?q=1"])
      expect(await (await visit(`${url}${path}`, value)).text()).toBe("Hello, World!");
    const headers = { authorization: `Bearer ${value}` };
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
      expect((await api.sandbox.request(`${url}/x`, { method, headers })).status).toBe(200);
  });

  test("is 401 without a token or with an unknown one", async () => {
    const url = hostOf(kind, await api.make(kind));
    for (const token of [undefined, "A".repeat(64)]) {
      const reply = await visit(url, token);
      await read(reply, 401, Problem);
      expect(reply.headers.get("www-authenticate")).toBe("Bearer");
    }
  });
});

test.each(["app", "job", "notebook"])("a running %s is served at its URL only", async (kind) => {
  const id = await api.make(kind);
  const Shown = v.object({ status: v.object({ url: v.string() }) });
  const shown = await read(await call("GET", `/v1/${kind}/${id}`), 200, Shown);
  expect(shown.status.url).toBe(`${hostOf(kind, id)}/`);
  expect(await status(shown.status.url, api.bootstrap)).toBe(200);
  const others = ["app", "job", "notebook"].filter((each) => each !== kind);
  for (const other of others) await read(await visit(hostOf(other, id)), 404, Problem);
});

describe("access", () => {
  test.each([
    ["ai_training_read", "", 200],
    ["ai_training_operator", "", 200],
    ["ai_training_read", "group=A", 200],
    ["ai_training_operator", "group=A", 200],
    ["ai_training_read", "ovh/type=app", 200],
    ["ai_training_read", "ovh/type=job", 403],
    ["ai_training_read", "group=B", 403],
    ["ai_training_operator", "group=B", 403],
    ["ai_training_read", "Group=A", 403],
    ["quantum_reader", "", 403],
    ["quantum_operator", "group=A", 403],
  ])("a token of role %s, selector %j gets %i from an app with group=A", async (...given) => {
    const [role, selector, expected] = given;
    const url = hostOf("app", await api.make("app", { labels: { group: "A" } }));
    expect(await status(url, (await api.token(role, selector)).value)).toBe(expected);
  });

  test.each([
    ["quantum_reader", "", 200, 403],
    ["quantum_operator", "group=A", 200, 403],
    ["quantum_reader", "group=B", 403, 403],
    ["ai_training_read", "group=A", 200, 200],
  ])(
    "a token of role %s, selector %j gets %i from a Quantum Notebook, %i from another",
    async (...given) => {
      const [role, selector, quantum, other] = given;
      const { value } = await api.token(role, selector);
      const labels = { group: "A" };
      const make = (image: string) => api.make("notebook", { image, labels });
      expect(await status(hostOf("notebook", await make("quantum-qiskit")), value)).toBe(quantum);
      expect(await status(hostOf("notebook", await make("pytorch")), value)).toBe(other);
    },
  );

  test("by ovh/id is to exactly one app", async () => {
    const [one, other] = [await api.make("app"), await api.make("app")];
    const { value } = await api.token("ai_training_read", `ovh/id=${one}`);
    expect(await status(hostOf("app", one), value)).toBe(200);
    expect(await status(hostOf("app", other), value)).toBe(403);
  });

  test("follows labels that change after the token was created", async () => {
    const { value } = await api.token("ai_training_read", "group=A");
    const id = await api.make("app", { labels: { group: "B" } });
    const url = hostOf("app", id);
    expect(await status(url, value)).toBe(403);
    await setLabel(id, "group", "A");
    expect(await status(url, value)).toBe(200);
    await setLabel(id, "group");
    expect(await status(url, value)).toBe(403);
  });

  test("ends immediately for a renewed or deleted secret", async () => {
    const url = hostOf("app", await api.make("app"));
    const { id, value } = await api.token("ai_training_read");
    const renewed = await api.renew(id);
    expect(await status(url, value)).toBe(401);
    expect(await status(url, renewed)).toBe(200);
    await call("DELETE", `/v1/token/${id}`);
    expect(await status(url, renewed)).toBe(401);
  });

  test("is given to a user who signed in", async () => {
    const url = hostOf("app", await api.make("app"));
    expect(await status(url, (await api.signIn()).accessToken)).toBe(200);
  });

  test("needs no token with unsecureHttp", async () => {
    const url = hostOf("app", await api.make("app", { unsecureHttp: true }));
    for (const token of [undefined, "unknown", api.bootstrap])
      expect(await status(url, token)).toBe(200);
  });
});

describe("not served:", () => {
  test("a stopped app, with its state for a token with access, until it is started", async () => {
    const id = await api.make("app", { labels: { group: "A" } });
    const url = hostOf("app", id);
    await call("PUT", `/v1/app/${id}/stop`);
    const { value } = await api.token("ai_training_read", "group=A");
    const { message } = await read(await visit(url, value), 503, Problem);
    expect(message).toContain("STOPPED");
    expect(await status(url)).toBe(401);
    expect(await status(url, (await api.token("ai_training_read", "group=B")).value)).toBe(403);
    await call("PUT", `/v1/app/${id}/start`);
    expect(await status(url, value)).toBe(200);
  });

  test("a stopped app without a token", async () => {
    const id = await api.make("app", { unsecureHttp: true });
    await call("PUT", `/v1/app/${id}/stop`);
    await read(await visit(hostOf("app", id)), 503, Problem);
  });

  test("a completed job", async () => {
    const url = hostOf("job", await api.make("job", { command: ["echo"] }));
    expect((await read(await visit(url, api.bootstrap), 503, Problem)).message).toContain("DONE");
  });

  test("a deleted app and an unknown one: 404", async () => {
    const id = await api.make("app");
    await call("DELETE", `/v1/app/${id}`);
    const unknown = "0aa3c557-10c9-4331-b168-cd4e45abebdc";
    for (const url of [hostOf("app", id), hostOf("app", unknown), hostOf("job", "a.b")])
      await read(await visit(url, api.bootstrap), 404, Problem);
  });

  test("a port other than the default", async () => {
    const id = await api.make("job", { defaultHttpPort: 3000 });
    expect(await status(hostOf("job", `${id}-3000`), api.bootstrap)).toBe(200);
    expect(await status(hostOf("job", `${id}-3001`))).toBe(401);
    const reply = await visit(hostOf("job", `${id}-3001`), api.bootstrap);
    expect((await read(reply, 503, Problem)).message).toContain("3001");
  });
});

test("the API is at every other host", async () => {
  const headers = { authorization: `Bearer ${api.bootstrap}` };
  for (const host of ["localhost", "127.0.0.1:8787", "app.localhost", "elsewhere.example"])
    expect((await api.sandbox.request(`http://${host}/v1/me`, { headers })).status).toBe(200);
});

describe("in a browser", () => {
  const page = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

  /** Posts the login form. */
  const logIn = (url: string, fields: Record<string, string>, headers = {}) =>
    api.sandbox.request(`${url}/.ovh/login`, {
      method: "POST",
      headers: { ...page, "content-type": "application/x-www-form-urlencoded", ...headers },
      body: new URLSearchParams(fields).toString(),
    });

  /** The cookie of a reply as a browser sends it back. */
  const cookieOf = (reply: Response) => reply.headers.get("set-cookie")?.split(";")[0] ?? "";

  test("the login page is 401, without scripts, framing or caching", async () => {
    const reply = await visit(hostOf("app", await api.make("app")), undefined, page);
    expect(reply.status).toBe(401);
    expect(reply.headers.get("content-type")).toMatch(/^text\/html\b/);
    expect(reply.headers.get("content-security-policy")).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    expect(reply.headers.get("cache-control")).toBe("no-store");
    expect(await reply.text()).toContain("Login with token");
  });

  test("the cookie is HttpOnly, for one host, and without the token", async () => {
    const url = hostOf("app", await api.make("app"));
    const { value } = await api.token("ai_training_read");
    const reply = await logIn(url, { token: ` ${value}\n` });
    expect([reply.status, reply.headers.get("location")]).toEqual([303, "/"]);
    const cookie = reply.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^session=[\w-]{43};/);
    expect(cookie.split("; ").slice(1).sort()).toEqual(["HttpOnly", "Path=/", "SameSite=Lax"]);
    expect(cookie).not.toContain(value);
    expect(await (await visit(url, undefined, { cookie: cookieOf(reply) })).text()).toBe(
      "Hello, World!",
    );
    const again = await logIn(url, { token: value });
    expect(cookieOf(again)).not.toBe(cookieOf(reply));
  });

  test.each([
    [{}, 401],
    [{ token: "" }, 401],
    [{ token: "unknown" }, 401],
  ])("a login with %j is refused", async (fields, expected) => {
    const reply = await logIn(hostOf("app", await api.make("app")), fields);
    expect(reply.status).toBe(expected);
    expect(reply.headers.has("set-cookie")).toBe(false);
    expect(await reply.text()).toContain("<details open>");
  });

  test("a login with a token for another app is refused, and the token not returned", async () => {
    const url = hostOf("app", await api.make("app", { labels: { group: "A" } }));
    const { value } = await api.token("ai_training_read", "group=B");
    const reply = await logIn(url, { token: value });
    expect(reply.status).toBe(403);
    expect(reply.headers.has("set-cookie")).toBe(false);
    expect(await reply.text()).not.toContain(value);
  });

  test.each(["cross-site", "same-site", "none"])(
    "a login from a %s page is refused",
    async (site) => {
      const url = hostOf("app", await api.make("app"));
      const reply = await logIn(url, { token: api.bootstrap }, { "sec-fetch-site": site });
      expect([reply.status, reply.headers.has("set-cookie")]).toEqual([403, false]);
    },
  );

  test("a session is valid for one resource", async () => {
    const [one, other] = [await api.make("app"), await api.make("app")];
    const cookie = cookieOf(await logIn(hostOf("app", one), { token: api.bootstrap }));
    expect((await visit(hostOf("app", one), undefined, { cookie })).status).toBe(200);
    expect((await visit(hostOf("app", other), undefined, { cookie })).status).toBe(401);
    expect((await visit("http://127.0.0.1:8787/v1/me", undefined, { cookie })).status).toBe(401);
  });

  test("a session has the current access of its token", async () => {
    const id = await api.make("app", { labels: { group: "A" } });
    const url = hostOf("app", id);
    const token = await api.token("ai_training_read", "group=A");
    const cookie = cookieOf(await logIn(url, { token: token.value }));
    const seen = async () => (await visit(url, undefined, { ...page, cookie })).status;
    expect(await seen()).toBe(200);
    await setLabel(id, "group", "B");
    expect(await seen()).toBe(403);
    await setLabel(id, "group", "A");
    expect(await seen()).toBe(200);
    await api.renew(token.id);
    expect(await seen()).toBe(401);
  });

  test("a header takes precedence over a session", async () => {
    const url = hostOf("app", await api.make("app"));
    const cookie = cookieOf(await logIn(url, { token: api.bootstrap }));
    expect((await visit(url, "unknown", { cookie })).status).toBe(401);
  });

  test("an unknown or stopped resource has an error page", async () => {
    const id = await api.make("app");
    await call("PUT", `/v1/app/${id}/stop`);
    const replies = [
      await visit(hostOf("app", id), api.bootstrap, page),
      await visit(hostOf("job", id), api.bootstrap, page),
    ];
    expect(replies.map((reply) => reply.status)).toEqual([503, 404]);
    for (const reply of replies) expect(await reply.text()).toContain('<p role="status">');
  });
});
