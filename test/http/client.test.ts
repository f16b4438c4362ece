import { once } from "node:events";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { Readable } from "node:stream";
import { any } from "valibot";
import { afterEach, describe, expect, test } from "vitest";
import type { Transport } from "../../src/core/connection.ts";
import { createHttpClient } from "../../src/http/client.ts";
import { createFetch } from "../../src/http/transport/undici.ts";
import { errorOf } from "../support/error-of.ts";
import type { Outcome, RunOptions } from "../support/outcome.ts";
import { createWorld } from "../support/world.ts";

const id = "0aa3c557-10c9-4331-b168-cd4e45abebdc";
const value = "aB+/".repeat(16);

/** A token as the API sends it. */
const token = (known: { id?: string; name?: string; createdAt?: string } = {}) => ({
  id: known.id ?? id,
  createdAt: known.createdAt ?? "2021-05-27T14:03:06.178808548Z",
  updatedAt: "2021-05-27T14:03:06.178808548Z",
  spec: { name: known.name ?? "ci", role: "ai_training_read" },
  status: { version: 1 },
});
const issued = { ...token(), status: { value, version: 1 } };
const me = { name: "someone", tenant: "t", role: "ai_training_operator", tokenKind: "app" };
/** What the requests of this file do, in errors. */
const action = "test the client";
const create = "token create ci -r ai_training_read -o json";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts a server on this machine, which records the requests. */
async function serve(listener: RequestListener) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    return listener(request, response);
  });
  const url = await listen(server);
  stops.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url, seen };
}

/** Starts a server that sends these bytes on every connection. */
async function serveBytes(text: string): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(text));
  });
  stops.push(() => server.close());
  return listen(server);
}

/** Returns a URL that refuses connections. */
async function nowhere(): Promise<string> {
  const server = createTcpServer();
  const url = await listen(server);
  server.close();
  await once(server, "close");
  return url;
}

const json = { "content-type": "application/json" };
const reply = (response: ServerResponse, body: unknown, status = 200) =>
  response.writeHead(status, json).end(JSON.stringify(body));

const answer =
  (status: number, headers: Record<string, string>, body: string | Buffer = ""): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

/** Answers GET requests, and rejects DELETE with this response. */
const refusing =
  (status: number, headers: Record<string, string>, body = ""): RequestListener =>
  (request, response) => {
    if (request.method === "DELETE") response.writeHead(status, headers).end(body);
    else reply(response, request.url === "/v1/me" ? me : token());
  };

const run = (line: string | readonly string[], url: string, options: RunOptions = {}) =>
  createWorld().run(line, { fetch: createFetch(), env: { TOKCTL_URL: url }, ...options });

/** Returns the error that a failed run printed as JSON. */
function failureOf({ code, stdout, stderr }: Outcome) {
  expect(stdout).toBe("");
  const { error } = JSON.parse(stderr);
  expect(error.exitCode).toBe(code);
  return error;
}

describe("the status of a response decides the error code:", () => {
  test.each([
    [400, "usage", 2],
    [401, "unauthenticated", 4],
    [402, "forbidden", 5],
    [403, "forbidden", 5],
    [404, "not_found", 3],
    [405, "usage", 2],
    [409, "conflict", 6],
    [413, "usage", 2],
    [422, "usage", 2],
    [429, "rate_limited", 7],
    [500, "server_error", 12],
    [502, "server_error", 12],
    [503, "server_error", 12],
  ])("%i is %s, exit %i, with the server's message", async (status, code, exitCode) => {
    const body = JSON.stringify({ message: "the server's own words" });
    const { url } = await serve(refusing(status, json, body));
    const error = failureOf(await run(`token delete ${id} -o json`, url));
    expect(error).toMatchObject({ code, exitCode, requestId: null });
    expect(error.message).toContain("the server's own words");
    expect(error.message).toContain(String(status));
  });

  test.each([
    ["120", "120"],
    ["Wed, 25 Nov 2026 07:28:00 GMT", "Wed, 25 Nov 2026 07:28:00 GMT"],
  ])("429 shows Retry-After: %s", async (header, shown) => {
    const { url } = await serve(answer(429, { "retry-after": header }));
    const { code, stderr } = await run("whoami", url);
    expect(code).toBe(7);
    expect(errorOf({ stderr })).toMatchObject({
      code: "rate_limited",
      hint: expect.stringContaining(shown),
    });
  });
});

describe("shows the request id of a failed request:", () => {
  test.each([
    ["X-Request-Id", { "X-Request-Id": "req-1" }],
    ["X-Ovh-QueryID", { "X-Ovh-QueryID": "req-1" }],
    ["both", { "X-Ovh-QueryID": "req-2", "X-Request-Id": "req-1" }],
  ])("%s", async (_, headers) => {
    const { url } = await serve(answer(500, headers));
    expect(failureOf(await run("whoami -o json", url)).requestId).toBe("req-1");
    expect((await run("whoami", url)).stderr).toContain("req-1\n");
  });
});

const html = "<html><body><h1>Login</h1></body></html>";

describe("an error response that is not the API's JSON:", () => {
  test.each<[string, number, string, string, number]>([
    ["HTML 401", 401, "text/html", html, 4],
    ["HTML 403", 403, "text/html; charset=utf-8", html, 5],
    // A 404 of a server other than the API does not mean that the token is missing.
    ["HTML 404", 404, "text/html", html, 12],
    ["HTML 502", 502, "text/html", html, 12],
    ["empty 401", 401, "text/plain", "", 4],
    ["empty 404", 404, "application/json", "", 3],
    ["empty 503", 503, "application/json", "", 12],
    ["broken JSON 500", 500, "application/json", '{"message": "s3cr3t', 12],
    ["unexpected JSON 400", 400, "application/json", '["s3cr3t"]', 2],
    ["a message that is not a string", 400, "application/json", '{"message":{"a":"s3cr3t"}}', 2],
  ])("%s", async (_, status, type, body, exitCode) => {
    const { url } = await serve(refusing(status, { "content-type": type }, body));
    const { code, stderr } = await run(`token delete ${id}`, url);
    expect(code).toBe(exitCode);
    expect(errorOf({ stderr }).message).toContain(String(status));
    expect(stderr).not.toMatch(/h1|s3cr3t|undefined|null/);
  });

  test("shows a plain-text body", async () => {
    const { url } = await serve(
      answer(403, { "content-type": "text/plain" }, 'forbidden, pci project status is ""\n'),
    );
    const { code, stderr } = await run("whoami", url);
    expect(code).toBe(5);
    expect(stderr).toContain('forbidden, pci project status is "" (GET ');
  });
});

describe("a 200 response that is not the API's is exit 12, or 10 if it may have created a token:", () => {
  const notUtf8 = Buffer.from(JSON.stringify(me).replace("someone", "\xff\xfe"), "latin1");
  test.each<[string, string, string | Buffer]>([
    ["HTML", "text/html", html],
    ["HTML labelled as JSON", "application/json", html],
    ["an empty body", "application/json", ""],
    ["plain text", "text/plain", "s3cr3t"],
    ["broken JSON", "application/json", '{"s3cr3t'],
    ["null", "application/json", "null"],
    ["invalid UTF-8", "application/json", notUtf8],
  ])("%s", async (_, type, body) => {
    const { url } = await serve(answer(200, { "content-type": type, "x-request-id": "r" }, body));
    const error = failureOf(await run("whoami -o json", url));
    expect(error).toMatchObject({ code: "server_error", exitCode: 12, requestId: "r" });
    expect(JSON.stringify(error)).not.toMatch(/h1|s3cr3t/);
  });

  test.each<[string, string, unknown]>([
    ["whoami", "role", { ...me, role: { s3cr3t: "s3cr3t" } }],
    ["whoami", "tokenKind", { name: "s3cr3t", role: "s3cr3t" }],
    ["token list", "items", { tokens: ["s3cr3t"] }],
    ["token list", "items.1.spec.role", { items: [token(), { ...token(), spec: { name: "x" } }] }],
    ["token list", "items.0.id", { items: [token({ id: "" })] }],
    ["token list", "items.0.createdAt", { items: [token({ createdAt: "s3cr3t" })] }],
    ["token list", "metadata.total", { items: [], metadata: { total: "s3cr3t" } }],
    ["token create ci -r read", "status.value", token()],
    [
      "token create ci -r read",
      "status.value",
      { ...token(), status: { value: "s3cr3t ", version: 1 } },
    ],
    ["token create ci -r read", "id", { ...issued, id: ["s3cr3t"] }],
  ])("%s, wrong %s", async (line, field, body) => {
    const { url } = await serve((_, response) => reply(response, body));
    const error = failureOf(await run(`${line} -o json`, url));
    expect(error.exitCode).toBe(line.startsWith("token create") ? 10 : 12);
    expect(error.message).toContain(field);
    expect(JSON.stringify(error)).not.toContain("s3cr3t");
    expect(JSON.stringify(error)).not.toContain(value);
  });

  test("after a create, the hint names the token and the command to list tokens", async () => {
    const { url } = await serve(answer(200, { "content-type": "text/html" }, html));
    const { code, stderr } = await run("token create ci -r ai_training_read", url);
    expect(code).toBe(10);
    const { hint } = errorOf({ stderr });
    for (const fact of ['"ci"', "tokctl token list"]) expect(hint).toContain(fact);
  });
});

describe("without a complete response", () => {
  const renew = `token renew ${id} -o json`;
  /** Closes the connection on every request but a GET of a token. */
  const cutting: RequestListener = ({ method, url, socket }, response) => {
    if (method === "GET" && url !== "/v1/me") reply(response, token());
    else socket.destroy();
  };
  /** Has no tokens, and handles other requests with `change`. */
  const listing =
    (change: RequestListener): RequestListener =>
    (request, response) =>
      request.method === "GET"
        ? reply(response, { items: [], metadata: { total: 0 } })
        : change(request, response);
  /** Sends the first bytes of a response, and closes the connection. */
  const truncating: RequestListener = (_, response) => {
    response.writeHead(200, { ...json, "content-length": "1000" });
    response.write('{"items":[', () => response.destroy());
  };

  test("a GET is a network error", async () => {
    const { url } = await serve(cutting);
    const error = failureOf(await run("whoami -o json", url));
    expect(error).toMatchObject({ code: "network", exitCode: 8 });
    expect(error.message).toContain(url);
  });

  test("a create's outcome is unknown: the hint names the token", async () => {
    const { url, seen } = await serve(cutting);
    const error = failureOf(await run(create, url));
    expect(error).toMatchObject({ code: "outcome_unknown", exitCode: 10 });
    for (const fact of ['"ci"', "tokctl token list"]) expect(error.hint).toContain(fact);
    expect(seen.filter((line) => line.startsWith("POST"))).toEqual(["POST /v1/token"]);
  });

  test("a renew that leaves the token unchanged is outcome_unknown, and the hint names the token", async () => {
    const { url, seen } = await serve((request, response) =>
      request.url === "/v1/me" ? reply(response, me) : cutting(request, response),
    );
    const error = failureOf(await run(renew, url));
    expect(error).toMatchObject({ code: "outcome_unknown", exitCode: 10 });
    expect(error.hint).toContain(`"ci" (${id})`);
    expect(seen.filter((line) => line.startsWith("POST"))).toEqual([`POST /v1/token/${id}/renew`]);
  });

  test("a truncated GET is a network error", async () => {
    const { url } = await serve(truncating);
    expect((await run("token list", url)).code).toBe(8);
  });

  test("a truncated create's outcome is unknown", async () => {
    const { url } = await serve(listing(truncating));
    expect(failureOf(await run(create, url)).exitCode).toBe(10);
  });

  test("truncated JSON without Content-Length is exit 12", async () => {
    const url = await serveBytes(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" +
        '{"items":[],"metadata"',
    );
    expect(failureOf(await run("token list -o json", url)).exitCode).toBe(12);
  });

  test.each(["whoami -o json", "token list -o json", create])(
    "a refused connection is a network error: %s",
    async (line) => {
      const url = await nowhere();
      const error = failureOf(await run(line, url));
      expect(error).toMatchObject({ code: "network", exitCode: 8 });
      expect(error.message).toContain(url);
    },
  );

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])(
    "%s while a create waits is exit %i, and the hint names tokctl recover",
    async (signal, exitCode) => {
      const interrupt = new AbortController();
      const { url } = await serve(listing(() => interrupt.abort(signal)));
      const error = failureOf(await run(create, url, { interrupt: interrupt.signal }));
      expect(error.exitCode).toBe(exitCode);
      for (const fact of ['"ci"', "tokctl recover"]) expect(error.hint).toContain(fact);
    },
  );
});

/** The typed client over a real socket. */
const client = (
  url: string,
  transport: Partial<Transport> = {},
  headers: () => Record<string, string> = () => ({ authorization: "Bearer s3cr3t" }),
) =>
  createHttpClient({
    baseUrl: new URL(url),
    headers,
    transport: {
      fetch: createFetch(),
      now: () => new Date("2026-11-23T12:00:00Z"),
      deadline: () => new AbortController().signal,
      interrupt: new AbortController().signal,
      timeout: 5000,
      userAgent: "test",
      trace: () => {},
      nextRequestNumber: () => 1,
      warn: () => {},
      sleep: async () => {},
      retries: 0,
      notBefore: new Map(),
      randomBytes: (size) => new Uint8Array(size),
      ...transport,
    },
  });

test("a request is not sent if the sign-in took until the timeout", async () => {
  const { url, seen } = await serve((_, response) => reply(response, me));
  const over = new AbortController();
  const http = client(url, { deadline: () => over.signal }, () => {
    over.abort(new DOMException("", "TimeoutError"));
    return {};
  });
  const failure = http.request("POST /a", any(), {
    action,
    effect: { kind: "change", hint: "it may be lost" },
  });
  await expect(failure).rejects.toMatchObject({ code: "network", wasSent: false });
  expect(seen).toEqual([]);
});

test("numbers concurrent requests in the trace", async () => {
  const { url } = await serve((request, response) => {
    response.setHeader("x-request-id", request.url ?? "");
    reply(response, me, request.url === "/b" ? 404 : 200);
  });
  const lines: string[] = [];
  let number = 0;
  const { request } = client(url, {
    trace: (line) => lines.push(line),
    nextRequestNumber: () => ++number,
  });
  await Promise.allSettled([
    request("GET /a", any(), { action }),
    request("GET /b", any(), { action }),
  ]);
  const of = (prefix: string) => lines.filter((line) => line.startsWith(prefix)).join("\n");
  expect(lines.every((line) => /^#[12] /.test(line))).toBe(true);
  expect(of("#1 ")).toMatch(/GET \S+\/a\n.*#1 200 in.*x-request-id: \/a/s);
  expect(of("#2 ")).toMatch(/GET \S+\/b\n.*#2 404 in.*x-request-id: \/b/s);
});

test("a 400 without a message has a different hint than one with a message", async () => {
  const { url } = await serve((request, response) => {
    response.statusCode = 400;
    response.end(request.url === "/why" ? JSON.stringify({ message: "because" }) : "");
  });
  const { request } = client(url);
  const hint = async (route: "GET /why" | "GET /none") =>
    request(route, any(), { action }).catch((error) => error.hint);
  expect(await hint("GET /why")).not.toEqual(await hint("GET /none"));
});

test.each([200, 400, 401, 403, 404, 409, 429, 500, 503])(
  "the reason of an error for %i has the request and not the action",
  async (status) => {
    const { url } = await serve((_, response) => {
      response.writeHead(status).end("not JSON");
    });
    const { request } = client(url, { retries: 0 });
    const error = await request("GET /v1/token", any(), { action }).catch((each) => each);
    expect(error.reason).toContain(`(GET ${url}/v1/token)`);
    expect(error.reason).not.toContain(action);
    expect(error.message.endsWith(error.reason)).toBe(status !== 401);
  },
);

describe("on a timeout", () => {
  const late = () => new DOMException("late", "TimeoutError");

  test.each(["GET", "DELETE"] as const)("a %s is a network error", async (method) => {
    const deadline = new AbortController();
    const { url } = await serve(() => deadline.abort(late()));
    const { request } = client(url, { deadline: () => deadline.signal });
    await expect(request(`${method} /v1/token`, any(), { action })).rejects.toMatchObject({
      code: "network",
      exitCode: 8,
      message: expect.stringContaining("5s"),
    });
  });

  test("a POST that was sent has an unknown outcome", async () => {
    const deadline = new AbortController();
    const { url } = await serve(() => deadline.abort(late()));
    const { request } = client(url, { deadline: () => deadline.signal });
    await expect(
      request("POST /v1/token", any(), {
        action,
        json: {},
        effect: { kind: "change", hint: "look for it" },
      }),
    ).rejects.toMatchObject({ code: "outcome_unknown", exitCode: 10, hint: "look for it" });
  });

  test("a POST that was not sent is a network error", async () => {
    const { url, seen } = await serve((_, response) => reply(response, issued));
    const { request } = client(url, { deadline: () => AbortSignal.abort(late()) });
    await expect(
      request("POST /v1/token", any(), {
        action,
        json: {},
        effect: { kind: "change", hint: "look for it" },
      }),
    ).rejects.toMatchObject({ code: "network", exitCode: 8 });
    expect(seen).toEqual([]);
  });

  test.each(["GET", "POST"] as const)(
    "a %s during the TLS handshake is a network error",
    async (method) => {
      const deadline = new AbortController();
      // Accepts the connection and sends nothing.
      const server = createTcpServer((socket) => {
        socket.on("error", () => {});
        stops.push(() => socket.destroy());
        deadline.abort(late());
      });
      stops.push(() => server.close());
      const url = (await listen(server)).replace("http:", "https:");
      const { request } = client(url, { deadline: () => deadline.signal });
      await expect(request(`${method} /v1/token`, any(), { action })).rejects.toMatchObject({
        code: "network",
        exitCode: 8,
        message: expect.stringContaining("5s"),
      });
    },
  );

  test("the status of a response that stalls after its headers is shown", async () => {
    const deadline = new AbortController();
    const { url } = await serve((_, response) => response.writeHead(203).write("["));
    const lines: string[] = [];
    const send = createFetch();
    const { request } = client(url, {
      async fetch(...request) {
        const reply = await send(...request);
        deadline.abort(late());
        return reply;
      },
      deadline: () => deadline.signal,
      trace: (line) => lines.push(line),
    });
    const error = await request("GET /v1/token", any(), { action }).catch((thrown) => thrown);
    expect(error.code).toBe("network");
    for (const fact of ["203", "5s"]) expect(error.message).toContain(fact);
    expect(lines.at(-1)).toMatch(/^#1 203/);
  });

  test("the timeout is the one that was configured", async () => {
    const { url } = await serve((_, response) => reply(response, me));
    const asked: number[] = [];
    const deadline = (milliseconds: number) => {
      asked.push(milliseconds);
      return new AbortController().signal;
    };
    await client(url, { deadline, timeout: 90_000 }).request("GET /v1/me", any(), {
      action: "read",
    });
    expect(asked).toEqual([90_000]);
  });
});

describe("does not follow a redirect to another host:", () => {
  test.each([301, 302, 303, 307, 308])("%i", async (status) => {
    const other = await serve((_, response) => reply(response, me));
    const location = `${other.url}/login?state=s3cr3t`;
    const { url } = await serve(answer(status, { location }));
    for (const line of ["whoami -o json", create]) {
      const error = failureOf(await run(line, url));
      // A 303 may lead to the result of a completed create (RFC 9110 section 15.4.4).
      expect(error.exitCode).toBe(status === 303 && line === create ? 10 : 12);
      expect(error.message).toContain(`${other.url}/login`);
      expect(error.message).not.toContain("s3cr3t");
    }
    expect(other.seen).toEqual([]);
  });

  test.each([
    ["/login", "/login"],
    ["http://[", "302"],
  ])("to %s", async (location, shown) => {
    const { url, seen } = await serve(answer(302, { location }));
    const { code, stderr } = await run("whoami", url);
    expect(code).toBe(12);
    expect(errorOf({ stderr }).message).toContain(shown);
    expect(seen).toHaveLength(1);
  });
});

describe("rejects a base URL before anything is sent:", () => {
  test.each([
    // Plain http to another machine.
    "http://gra.ai.cloud.ovh.net",
    "http://192.0.2.1:8787",
    "http://128.0.0.1",
    "http://0.0.0.0:8787",
    "http://[::2]",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "http://notlocalhost",
    // Not the URL of an API.
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "127.0.0.1:8787",
    "localhost:8787",
    "//127.0.0.1",
    "nonsense",
    "https://user:s3cr3t@example.com",
    "https://s3cr3t@example.com",
    "http://user:s3cr3t@127.0.0.1:8787",
    "https://example.com?key=s3cr3t",
    "https://example.com/1.0?",
    "https://example.com#part",
    "https://example.com/1.0#",
  ])("%s", async (address) => {
    const world = createWorld();
    for (const { args, env } of [
      { args: ["--url", address, "--app-token", "s3cr3t"], env: {} },
      { args: [], env: { TOKCTL_URL: address } },
    ]) {
      const { code, stderr } = await world.run(["whoami", ...args], { env });
      expect(code).toBe(2);
      expect(stderr).not.toContain("s3cr3t");
    }
    expect(world.requests).toEqual([]);
  });
});

test.each(["sandbox.localhost", "a.b.localhost", "LOCALHOST", "127.0.0.1", "127.1"])(
  "%s is this machine",
  async (name) => {
    const { url, seen } = await serve((_, response) => reply(response, me));
    const { code } = await run("whoami", url.replace("127.0.0.1", name));
    expect(code).toBe(0);
    expect(seen).toEqual(["GET /v1/me"]);
  },
);

describe("encodes an id as one path segment:", () => {
  test.each([
    "a/b",
    "../me",
    "a?b=c",
    "a#b",
    "100%",
    "%2e%2e",
    "%2F",
    "a b",
    "a\\b",
    "a;b=c",
    "a:b@c",
    "...",
    "{id}",
    "naïve-日本-😀",
    "line\nbreak\0",
  ])("%j", async (odd) => {
    const { url, seen } = await serve((request, response) =>
      request.url === "/v1/me"
        ? reply(response, me)
        : request.method === "GET"
          ? reply(response, { items: [token({ id: odd, name: "odd" })], metadata: { total: 1 } })
          : reply(response, { ...issued, id: odd }),
    );
    const { code } = await run("token renew odd", url);
    expect(code).toBe(0);
    const { pathname } = new URL(seen.at(-1)?.replace("POST ", "") ?? "", url);
    expect(pathname.split("/").map(decodeURIComponent)).toEqual(["", "v1", "token", odd, "renew"]);
  });

  test.each(["", ".", "..", "\ud800"])("rejects %j", async (odd) => {
    const { url, seen } = await serve((_, response) => reply(response, token()));
    const sent = client(url).request("DELETE /v1/token/{id}", any(), {
      action,
      path: { id: odd },
      effect: { kind: "repeatable" },
    });
    await expect(sent).rejects.toMatchObject({ code: "usage", exitCode: 2 });
    expect(seen).toEqual([]);
  });
});

describe("keeps the path of a base URL:", () => {
  test.each([
    ["", "/v1/me"],
    ["/", "/v1/me"],
    ["/1.0", "/1.0/v1/me"],
    ["/1.0/", "/1.0/v1/me"],
    ["/a/b%2Fc", "/a/b%2Fc/v1/me"],
  ])("%j", async (base, path) => {
    const { url, seen } = await serve((_, response) => reply(response, me));
    expect((await run("whoami", `${url}${base}`)).code).toBe(0);
    expect(seen).toEqual([`GET ${path}`]);
  });
});

test("sends the credential, the content type, the user agent and the body", async () => {
  const received: unknown[] = [];
  const { url } = await serve(async (request, response) => {
    const body = Buffer.concat(await Readable.from(request).toArray()).toString();
    if (body !== "") received.push([request.headers, JSON.parse(body)]);
    reply(response, body === "" ? { items: [], metadata: { total: 0 } } : issued);
  });
  await run(["token", "create", "naïve", "-r", "ai_training_read", "-l", "group=A", "-q"], url, {
    env: { TOKCTL_URL: url, TOKCTL_APP_TOKEN: value },
  });
  expect(received).toEqual([
    [
      expect.objectContaining({
        authorization: `Bearer ${value}`,
        accept: "application/json",
        "content-type": "application/json",
        "user-agent": expect.stringMatching(/^tokctl\/\d+\.\d+\.\d+$/),
      }),
      { name: "naïve", role: "ai_training_read", labelSelector: "group=A" },
    ],
  ]);
});

test("sends no body with a renew", async () => {
  const bodies: string[] = [];
  const { url } = await serve(async (request, response) => {
    const body = Buffer.concat(await Readable.from(request).toArray()).toString();
    if (request.method === "POST") bodies.push(`${body}${request.headers["content-type"] ?? ""}`);
    reply(response, request.url === "/v1/me" ? me : issued);
  });
  expect((await run(`token renew ${id}`, url)).code).toBe(0);
  expect(bodies).toEqual([""]);
});

test("keeps nine fractional digits of a time", async () => {
  const { url } = await serve((_, response) => reply(response, issued));
  const { stdout } = await run(create, url);
  expect(JSON.parse(stdout).createdAt).toBe("2021-05-27T14:03:06.178808548Z");
});

describe("stops reading an endless response", () => {
  test.each([
    { line: "token list", of: "GET", mebibytes: 32, code: "server_error", exitCode: 12 },
    { line: create, of: "POST", mebibytes: 4, code: "outcome_unknown", exitCode: 10 },
    {
      line: `token delete ${id} -y`,
      of: "DELETE",
      mebibytes: 4,
      code: "server_error",
      exitCode: 12,
    },
  ])("to $of after $mebibytes MiB", async ({ line, of, mebibytes, code, exitCode }) => {
    let sent = 0;
    const { url } = await serve((request, response) => {
      if (request.method !== of) return reply(response, of === "POST" ? [] : issued);
      response.writeHead(200, json);
      const chunk = Buffer.alloc(1024 * 1024, " ");
      Readable.from(
        (function* () {
          for (;;) {
            sent++;
            yield chunk;
          }
        })(),
      ).pipe(response);
    });
    expect(failureOf(await run(`${line} -o json`, url))).toMatchObject({ code, exitCode });
    // The rest is what sockets and streams hold.
    expect(sent).toBeGreaterThanOrEqual(mebibytes);
    expect(sent).toBeLessThan(mebibytes + 16);
  });
});

describe("reads every page of a list:", () => {
  const tokens = Array.from({ length: 250 }, (_, i) =>
    token({
      id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
      createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString(),
    }),
  );

  interface Metadata {
    readonly currentPage: number;
    readonly pageCount: number;
    readonly total: number;
  }
  interface Numbering {
    /** The number of the first page. */
    readonly first?: number;
    /** The number of items per page, whatever size is requested. */
    readonly size?: number;
    /** Which pages out of range are an error. */
    readonly refuses?: "before" | "before and after";
    /** Answers a page out of range with the nearest page. */
    readonly repeats?: boolean;
    /** Returns the metadata of a page. */
    readonly metadata?: (true_: Metadata, items: number) => Partial<Metadata> | undefined;
  }

  const servePages = ({
    first = 1,
    size: fixed,
    refuses,
    repeats,
    metadata = (m) => m,
  }: Numbering) =>
    serve((request, response) => {
      const query = new URL(request.url ?? "", "http://localhost").searchParams;
      const size = fixed ?? Number(query.get("size") ?? 10);
      const pageCount = Math.ceil(tokens.length / size);
      const asked = Number(query.get("page") ?? first);
      const last = first + pageCount - 1;
      if (refuses && (asked < first || (refuses === "before and after" && asked > last)))
        return reply(response, { message: "no such page" }, 400);
      const page = repeats ? Math.min(Math.max(asked, first), last) : asked;
      const items =
        page < first ? [] : tokens.slice((page - first) * size, (page - first + 1) * size);
      const said = metadata({ currentPage: page, pageCount, total: tokens.length }, items.length);
      reply(response, { items, ...(said && { metadata: said }) });
    });

  const none = () => undefined;
  const onlyTotal = ({ total }: Metadata) => ({ total });
  const onlyCount = ({ pageCount }: Metadata) => ({ pageCount });
  const onlyPage = ({ currentPage }: Metadata) => ({ currentPage });

  const everything = { code: 0, shown: tokens.length, missing: 0 };
  const failure = { code: 12, shown: 0, missing: tokens.length };

  const listed = async (numbering: Numbering) => {
    const { url } = await servePages(numbering);
    const { code, stdout } = await run("token list -o json", url);
    const found: { id: string }[] = stdout === "" ? [] : JSON.parse(stdout);
    const ids = new Set(found.map((each) => each.id));
    const missing = tokens.filter((each) => !ids.has(each.id)).length;
    return { code, shown: found.length, missing };
  };

  test.each<[string, Numbering]>([
    ["from 1", {}],
    ["from 0", { first: 0 }],
    ["from 1, strictly", { refuses: "before and after" }],
    ["from 0, strictly", { first: 0, refuses: "before and after" }],
    ["from 1, in pages of its own size", { size: 10 }],
    ["from 0, in pages of its own size", { first: 0, size: 10 }],
    ["from 1, all at once", { size: 1000 }],
    ["from 1, in pages that just fit", { size: 50 }],
    ["from 1, repeating the last page", { repeats: true }],
    ["from 0, repeating the last page", { first: 0, repeats: true }],
    ["from 1, only the total", { metadata: onlyTotal }],
    ["from 0, only the total", { first: 0, metadata: onlyTotal }],
    ["from 1, only the page count", { metadata: onlyCount }],
    ["from 1, only the page number", { metadata: onlyPage }],
    ["from 0, only the page number", { first: 0, metadata: onlyPage }],
    ["from 1, no metadata", { metadata: none }],
    ["from 1, no metadata, repeating the last page", { metadata: none, repeats: true }],
    ["all at once, ignoring the page", { metadata: none, size: 1000, repeats: true }],
  ])("%s", async (_, numbering) => {
    expect(await listed(numbering)).toEqual(everything);
  });

  // If a server contradicts itself, an error is correct, and a partial list is not.
  test.each<[string, Numbering]>([
    ["from 0, no metadata", { first: 0, metadata: none }],
    ["from 0, no metadata, small pages", { first: 0, size: 10, metadata: none }],
    ["from 0, only the page count", { first: 0, metadata: onlyCount }],
    [
      "numbered from 0, reported from 1",
      { first: 0, metadata: (m) => ({ ...m, currentPage: m.currentPage + 1 }) },
    ],
    [
      "numbered from 1, reported from 0",
      { first: 1, metadata: (m) => ({ ...m, currentPage: m.currentPage - 1 }) },
    ],
    [
      "numbered from 1, reported from 0, without a total",
      {
        first: 1,
        metadata: ({ currentPage, pageCount }) => ({ currentPage: currentPage - 1, pageCount }),
      },
    ],
    [
      "the total is the number of items in the page",
      { metadata: (m, items) => ({ ...m, total: items }) },
    ],
    ["the page number is always 1", { metadata: (m) => ({ ...m, currentPage: 1 }) }],
    ["the page number is always 0", { metadata: (m) => ({ ...m, currentPage: 0 }) }],
  ])("completely or fails: %s", async (_, numbering) => {
    expect([everything, failure]).toContainEqual(await listed(numbering));
  });

  test.each<[string, Numbering]>([
    ["the total is too large", { metadata: (m) => ({ ...m, total: 251 }) }],
    ["the total is too large, from 0", { first: 0, metadata: (m) => ({ ...m, total: 251 }) }],
    [
      "the total is too large, and page 0 is refused",
      { refuses: "before", metadata: (m) => ({ ...m, total: 251 }) },
    ],
    [
      "every page is the first",
      { size: 100, repeats: true, metadata: () => ({ total: 501, pageCount: 3 }) },
    ],
  ])("or fails with exit 12: %s", async (_, numbering) => {
    expect(await listed(numbering)).toEqual(failure);
  });
});
