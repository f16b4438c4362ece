import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Fetch, FetchInit } from "../../src/host.ts";
import { NotConnectedError } from "../../src/http/errors/network-fault.ts";
import { createFetch } from "../../src/http/transport/undici.ts";
import { errorOf } from "../support/error-of.ts";
import type { RunOptions } from "../support/outcome.ts";
import { createWorld, type World } from "../support/world.ts";

const list = "token list -o json";
const create = "token create ci -r ai_training_read -o json";

/** The response of a faulty server to one request. */
type Fault = (init: FetchInit) => Response | Promise<Response>;

const answer =
  (status: number, headers: Record<string, string> = {}): Fault =>
  () =>
    new Response("", { status, headers });
const refused: Fault = () => {
  const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  throw new NotConnectedError(cause);
};
const cut =
  (code: string): Fault =>
  () => {
    throw Object.assign(new Error("cut"), { code });
  };

interface Meeting extends RunOptions {
  readonly world?: World;
  /** The method of the requests that meet faults, where not all do. */
  readonly on?: string;
}

/** Runs a command. Its first requests get one fault each, the others reach the sandbox. */
async function meet(
  line: string,
  faults: readonly Fault[],
  { world = createWorld(), on, ...options }: Meeting = {},
) {
  const left = [...faults];
  const pauses: number[] = [];
  const sent = world.requests.length;
  const fetch: Fetch = async (url, init) => {
    const fault = on === undefined || on === init.method ? left.shift() : undefined;
    return fault ? fault(init) : world.sandbox.request(url, init);
  };
  const outcome = await world.run(line, {
    fetch,
    sleep: (milliseconds) => pauses.push(milliseconds),
    ...options,
  });
  return { ...outcome, pauses, requests: world.requests.slice(sent) };
}

const times = (count: number, fault: Fault): readonly Fault[] => Array(count).fill(fault);

describe("retries a GET after", () => {
  test.each<[string, Fault]>([
    ["408", answer(408)],
    ["429", answer(429)],
    ["500", answer(500)],
    ["502", answer(502)],
    ["503", answer(503)],
    ["504", answer(504)],
    ["a refused connection", refused],
    ["a connection reset", cut("ECONNRESET")],
    ["a socket that the server closed", cut("UND_ERR_SOCKET")],
    ["a temporary DNS failure", cut("EAI_AGAIN")],
    ["a connect timeout", cut("UND_ERR_CONNECT_TIMEOUT")],
  ])("%s", async (_, fault) => {
    const { code, stdout, stderr, requests, pauses } = await meet(list, [fault]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
    expect(requests).toHaveLength(2);
    expect(pauses).toHaveLength(1);
  });
});

describe("does not retry a GET after", () => {
  test.each<[string, Fault, number]>([
    ["400", answer(400), 2],
    ["401", answer(401), 4],
    ["403", answer(403), 5],
    ["404", answer(404), 12],
    ["409", answer(409), 6],
    ["501", answer(501), 12],
    ["302", answer(302, { location: "/login" }), 12],
    ["an unknown host", cut("ENOTFOUND"), 8],
    ["an expired certificate", cut("CERT_HAS_EXPIRED"), 8],
    ["a self-signed certificate", cut("DEPTH_ZERO_SELF_SIGNED_CERT"), 8],
    ["a certificate for another name", cut("ERR_TLS_CERT_ALTNAME_INVALID"), 8],
    ["a response that is not HTTP", cut("HTTPParserError"), 8],
    [
      "an HTML page",
      () => new Response("<html>", { headers: { "content-type": "text/html" } }),
      12,
    ],
  ])("%s", async (_, fault, exitCode) => {
    const { code, requests } = await meet(list, times(9, fault));
    expect({ code, sent: requests.length }).toEqual({ code: exitCode, sent: 1 });
  });
});

describe("a create", () => {
  test.each<[string, Fault]>([
    ["429", answer(429)],
    ["503 with Retry-After", answer(503, { "retry-after": "1" })],
    ["a refused connection", refused],
  ])("is retried after %s, since nothing was created", async (_, fault) => {
    const { code, requests } = await meet(create, [fault, fault], { on: "POST" });
    expect(code).toBe(0);
    expect(requests.filter(({ method }) => method === "POST")).toHaveLength(3);
  });

  test.each<[string, Fault]>([
    ["500", answer(500)],
    ["502", answer(502)],
    ["503", answer(503)],
    ["504", answer(504)],
    ["a connection reset", cut("ECONNRESET")],
    ["a socket that the server closed", cut("UND_ERR_SOCKET")],
    ["an empty response", answer(200)],
  ])("is not retried after %s: the outcome is unknown", async (_, fault) => {
    const { code, stderr, requests } = await meet(create, times(9, fault), { on: "POST" });
    expect(code).toBe(10);
    const error = errorOf({ stderr });
    expect(error.code).toBe("outcome_unknown");
    for (const fact of ['"ci"', "tokctl recover"]) expect(error.hint).toContain(fact);
    expect(requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  test.each<[string, Fault, number, string]>([
    ["429", answer(429), 7, "rate_limited"],
    ["503 with Retry-After", answer(503, { "retry-after": "1" }), 12, "server_error"],
    ["a refused connection", refused, 8, "network"],
  ])("fails with a known outcome after repeated %s", async (_, fault, exitCode, code) => {
    const outcome = await meet(create, times(9, fault), { on: "POST" });
    expect(outcome.code).toBe(exitCode);
    expect(errorOf(outcome).code).toBe(code);
  });
});

describe("a retried delete", () => {
  const worldWithToken = async () => {
    const world = createWorld();
    const { id } = await world.json("token create ci -r read");
    return { world, line: `token delete ${id} -o json` };
  };
  /** Lets the server delete the token, and loses the response. */
  const lost =
    (world: World, then: Fault): Fault =>
    async (init) => {
      const url = world.requests.at(-1)?.url ?? "";
      await world.sandbox.request(url, init);
      return then(init);
    };

  test.each([
    ["a connection reset", cut("ECONNRESET")],
    ["504", answer(504)],
  ])("succeeds on 404 after %s", async (_, fault) => {
    const { world, line } = await worldWithToken();
    const { code, stdout, requests } = await meet(line, [lost(world, fault)], {
      world,
      on: "DELETE",
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ name: "ci", deleted: true }]);
    expect(requests.filter(({ method }) => method === "DELETE")).toHaveLength(2);
  });

  test.each<[string, Fault]>([
    ["429", answer(429)],
    ["a refused connection", refused],
  ])("fails on 404 after %s, which deleted nothing", async (_, fault) => {
    const { world, line } = await worldWithToken();
    const { code } = await meet(line, [fault, answer(404)], { world, on: "DELETE" });
    expect(code).toBe(3);
  });

  test("without any response is a network error, and the hint names --missing-ok", async () => {
    const { world, line } = await worldWithToken();
    const { code, stderr } = await meet(line, [cut("ECONNRESET"), ...times(9, refused)], {
      world,
      on: "DELETE",
    });
    expect(code).toBe(8);
    expect(errorOf({ stderr }).hint).toContain("--missing-ok");
  });
});

describe("the number of retries", () => {
  test.each([
    ["", {}, 4],
    ["--retries 0", {}, 1],
    ["--retries 1", {}, 2],
    ["", { TOKCTL_RETRIES: "2" }, 3],
    ["", { TOKCTL_RETRIES: "" }, 4],
    ["--retries 0", { TOKCTL_RETRIES: "2" }, 1],
  ])("follows %j and %j", async (options, env, sent) => {
    const { code, requests } = await meet(`${list} ${options}`, times(9, answer(503)), { env });
    expect({ code, sent: requests.length }).toEqual({ code: 12, sent });
  });

  test.each([
    ["--retries -1", {}],
    ["--retries many", {}],
    ["--retries 21", {}],
    ["--retries 1.5", {}],
    ["", { TOKCTL_RETRIES: "many" }],
  ])("rejects %j and %j before anything is sent", async (options, env) => {
    const { code, stderr, requests } = await meet(`token list ${options}`, [], { env });
    expect({ code, sent: requests.length }).toEqual({ code: 2, sent: 0 });
    const { code: error, message } = errorOf({ stderr });
    expect(error).toBe("usage");
    expect(message).toContain(options === "" ? "TOKCTL_RETRIES" : "--retries");
  });
});

describe("the delay before a retry", () => {
  test("is random, with a maximum that doubles each time", async () => {
    const runs = await Promise.all(
      Array.from({ length: 20 }, () => meet(`${list} --retries 4`, times(4, answer(503)))),
    );
    for (const [i, ceiling] of [500, 1000, 2000, 4000].entries()) {
      const pauses = runs.map((run) => run.pauses[i] ?? Number.NaN);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(ceiling);
      expect(Math.max(...pauses)).toBeGreaterThan(ceiling / 2);
      expect(Math.min(...pauses)).toBeLessThan(ceiling / 2);
      expect(new Set(pauses).size).toBeGreaterThan(10);
    }
  });

  const now = "Mon, 23 Nov 2026 12:00:00 GMT";
  test.each<[string, Record<string, string>, number]>([
    ["seconds", { "retry-after": "7" }, 7000],
    ["zero seconds", { "retry-after": "0" }, 0],
    ["a date", { "retry-after": "Mon, 23 Nov 2026 12:00:09 GMT" }, 9000],
    ["a date in the past", { "retry-after": "Mon, 23 Nov 2026 11:00:00 GMT" }, 0],
    [
      "a date of a server with a clock a day ahead",
      { "retry-after": "Tue, 24 Nov 2026 12:00:09 GMT", date: "Tue, 24 Nov 2026 12:00:00 GMT" },
      9000,
    ],
    [
      "a date of a server with a clock a day behind",
      { "retry-after": "Sun, 22 Nov 2026 12:00:09 GMT", date: "Sun, 22 Nov 2026 12:00:00 GMT" },
      9000,
    ],
    [
      "a date in RFC 850 format",
      { "retry-after": "Monday, 23-Nov-26 12:00:09 GMT", date: now },
      9000,
    ],
    ["nonsense", { "retry-after": "soon" }, 0],
    ["a negative number", { "retry-after": "-5" }, 0],
    ["a fraction", { "retry-after": "1.5" }, 0],
    ["two values", { "retry-after": "7, 8" }, 0],
  ])("follows Retry-After: %s", async (_, headers, asked) => {
    for (const status of [429, 503]) {
      const { code, pauses } = await meet(list, [answer(status, headers)]);
      expect(code).toBe(0);
      expect(pauses[0]).toBeGreaterThanOrEqual(asked);
      expect(pauses[0]).toBeLessThanOrEqual(asked + 500);
    }
  });

  test("is at most five minutes", async () => {
    const { pauses } = await meet(`${list} --timeout 24h`, [
      answer(429, { "retry-after": "9".repeat(30) }),
    ]);
    expect(pauses[0]).toBeGreaterThanOrEqual(300_000);
    expect(pauses[0]).toBeLessThanOrEqual(300_500);
  });

  test("ends the run immediately if it exceeds --timeout", async () => {
    const late = [answer(429, { "retry-after": "31" })];
    const { code, stderr, pauses, requests } = await meet("token list", late);
    expect({ code, pauses, sent: requests.length }).toEqual({ code: 7, pauses: [], sent: 1 });
    expect(errorOf({ stderr }).hint).toMatch(/\b31 ?s\b/);
    expect((await meet("token list --timeout 1m", late)).code).toBe(0);
  });

  test("counts towards one --timeout for all attempts", async () => {
    const faults = times(9, answer(503, { "retry-after": "10" }));
    const { code, pauses } = await meet(`${list} --retries 9`, faults);
    expect({ code, pauses: pauses.length }).toEqual({ code: 12, pauses: 2 });
  });

  test("is noted on stderr in text output if it is long", async () => {
    const asked = [answer(429, { "retry-after": "9" })];
    const { stderr } = await meet("token list", asked);
    expect(stderr).toMatch(/^.+\n$/);
    for (const fact of [/http:\/\/127\.0\.0\.1:8787/, /\b429\b/, /\b(9|10) ?s\b/])
      expect(stderr).toMatch(fact);
    for (const quiet of ["-o json", "-o yaml", "-q"])
      expect((await meet(`token list ${quiet}`, asked)).stderr).toBe("");
    expect((await meet("token list", [answer(503)])).stderr).toBe("");
  });

  test("ends on ^C", async () => {
    const interrupt = new AbortController();
    const { code, stderr, requests } = await meet(list, times(9, answer(503)), {
      interrupt: interrupt.signal,
      sleep: () => interrupt.abort("SIGINT"),
    });
    expect({ code, sent: requests.length }).toEqual({ code: 130, sent: 1 });
    const { code: error, message } = errorOf({ stderr });
    expect(error).toBe("interrupted");
    expect(message).toContain("http://127.0.0.1:8787");
  });
});

test("--debug logs each attempt and each delay", async () => {
  const { stderr } = await meet("token list --debug", [answer(503), cut("ECONNRESET")]);
  const lines = stderr.split("\n").filter((line) => / GET http|\d of 4\b/.test(line));
  expect(lines).toEqual([
    expect.stringContaining("GET http://127.0.0.1:8787/v1/token"),
    expect.stringMatching(/^debug: #\d+ .*\b503\b.*\b2 of 4\b.*\d ?ms/),
    expect.stringContaining("GET http://127.0.0.1:8787/v1/token"),
    expect.stringMatching(/^debug: #\d+ .*\b3 of 4\b.*\d ?ms/),
    expect.stringContaining("GET http://127.0.0.1:8787/v1/token"),
  ]);
});

test("429 delays all requests to that server, and a shorter --timeout fails", async () => {
  const world = createWorld();
  const { id } = await world.json("token create ci -r read");
  const { code, requests, stderr } = await meet(
    `token renew ${id} -o json`,
    [answer(429, { "retry-after": "60" })],
    { world },
  );
  expect({ code, sent: requests.length }).toEqual({ code: 7, sent: 1 });
  expect(errorOf({ stderr })).toMatchObject({
    code: "rate_limited",
    hint: expect.stringMatching(/\b60 ?s\b/),
  });
  const names = Array.from({ length: 12 }, (_, i) => `token-${i}`);
  for (const name of names) await world.json(`token create ${name} -r read`);
  // Eight deletions run concurrently.
  const several = await meet(
    `token delete ${names.join(" ")} -y -o json`,
    times(8, answer(429, { "retry-after": "60" })),
    { world, on: "DELETE" },
  );
  expect(several.code).toBe(9);
  expect(several.requests.filter(({ method }) => method === "DELETE")).toHaveLength(8);
  for (const { error } of JSON.parse(several.stdout))
    expect(error).toMatchObject({
      code: "rate_limited",
      hint: expect.stringMatching(/\b6[01] ?s\b/),
    });
});

test("signs each attempt again", async () => {
  const world = createWorld("ovh-cloud");
  const fetch: Fetch = async (url) =>
    url.endsWith("/auth/time")
      ? new Response("1000")
      : new Response("[]", {
          status: world.requests.length < 4 ? 503 : 200,
          headers: { "retry-after": "2" },
        });
  const { code } = await world.run("token list --project p1", {
    env: {
      TOKCTL_URL: "",
      TOKCTL_APP_TOKEN: "",
      OVH_ENDPOINT: "ovh-eu",
      OVH_APPLICATION_KEY: "7kbG7Bk7S9Nt7ZSV",
      OVH_APPLICATION_SECRET: "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF",
      OVH_CONSUMER_KEY: "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1",
    },
    fetch,
  });
  expect(code).toBe(0);
  const lists = world.requests.slice(1).map(({ headers }) => headers);
  for (const name of ["x-ovh-timestamp", "x-ovh-signature"])
    expect(new Set(lists.map((headers) => headers[name])).size).toBe(3);
});

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

test("requests a truncated body again in full, without a range", async () => {
  const tokens = Array.from({ length: 100 }, (_, i) => ({
    id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
    createdAt: "2026-01-01T00:00:00Z",
    updatedAt: "2026-01-01T00:00:00Z",
    spec: { name: `t${i}`, role: "ai_training_read" },
    status: { version: 1 },
  }));
  const body = JSON.stringify({
    items: tokens,
    metadata: { currentPage: 1, pageCount: 1, total: 100 },
  });
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    asked.push(request.headers.range);
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": body.length,
      etag: `"${digest(body)}"`,
      "accept-ranges": "bytes",
    });
    if (asked.length === 3) response.end(body);
    else response.write(body.slice(0, 5000), () => response.destroy());
  });
  const { code, stdout } = await createWorld().run(list, {
    fetch: createFetch(),
    env: { TOKCTL_URL: url },
  });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toHaveLength(100);
  expect(asked).toEqual([undefined, undefined, undefined]);
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
