import { expect, test } from "vitest";
import { parseFailureRule } from "../../src/commands/sandbox/shared/sandbox-options.ts";
import { createSandbox } from "../../src/sandbox/app.ts";
import { environmentOf, frozen, origin } from "../support/regional-api.ts";

/** Starts a sandbox with failure rules, and returns functions that call its regional API. */
function startFailing(rules: readonly string[], failSeed?: number) {
  const delays: number[] = [];
  const sleep = async (milliseconds: number) => void delays.push(milliseconds);
  const failures = rules.map(parseFailureRule);
  const sandbox = createSandbox({ ...frozen, sleep }, { failures, failSeed });
  const headers = { authorization: `Bearer ${environmentOf(sandbox)["TOKCTL_APP_TOKEN"]}` };
  const call = async (method: string, path: string, body?: object) =>
    sandbox.request(`${origin}${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
  return {
    sandbox,
    delays,
    call,
    create: () => call("POST", "/v1/token", { name: "ci", role: "ai_training_read" }),
    /** Returns the number of tokens. */
    async count(): Promise<number> {
      const { metadata } = (await (await call("GET", "/v1/token")).json()) as {
        readonly metadata: { readonly total: number };
      };
      return metadata.total;
    },
  };
}

test("drop-response closes the connection after the change", async () => {
  const { create, count } = startFailing(["POST /v1/token:drop-response"]);
  await expect(create()).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(await count()).toBe(1);
});

test("drop-request closes the connection before the change", async () => {
  const { create, count } = startFailing(["POST /v1/token:drop-request"]);
  await expect(create()).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(await count()).toBe(0);
});

test.each([
  ["/v1/token", "application/json", { message: "injected failure" }],
  ["/1.0/auth/time", "application/json", { message: "injected failure" }],
  ["/api/version", "text/plain", "injected failure"],
])("a status of %s has the error format of its API", async (path, type, body) => {
  const { call } = startFailing([`GET ${path}:503`]);
  const reply = await call("GET", path);
  expect(reply.status).toBe(503);
  expect(reply.headers.get("content-type")).toContain(type);
  expect(reply.headers.get("date")).toBe(frozen.now().toUTCString());
  const text = await reply.text();
  expect(type === "text/plain" ? text : JSON.parse(text)).toMatchObject(body as object);
});

test("a delay is before the response, and later rules still apply", async () => {
  const { create, count, delays } = startFailing([
    "POST /v1/*:delay=5s",
    "POST /v1/token:429",
    "POST /v1/token:delay=1h",
  ]);
  expect((await create()).status).toBe(429);
  expect(delays).toEqual([5000]);
  expect(await count()).toBe(0);
});

test.each([
  ["GET /v1/token:503", ["GET /v1/token", "GET /v1/token?page=2"]],
  ["GET /v1/token/*:503", ["GET /v1/token/x"]],
  ["get /v1/*:503", ["GET /v1/token", "GET /v1/token?page=2", "GET /v1/token/x"]],
  ["* /*:503", ["GET /v1/token", "GET /v1/token?page=2", "GET /v1/token/x", "POST /v1/token"]],
])("the rule %s applies to its method and path", async (rule, expected) => {
  const { call } = startFailing([rule]);
  const failed: string[] = [];
  for (const line of [
    "GET /v1/token",
    "GET /v1/token?page=2",
    "GET /v1/token/x",
    "POST /v1/token",
  ]) {
    const [method = "", path = ""] = line.split(" ");
    if ((await call(method, path)).status === 503) failed.push(line);
  }
  expect(failed).toEqual(expected);
});

/** Returns the indexes of the requests that fail. */
async function failuresOf(rules: readonly string[], seed?: number): Promise<readonly number[]> {
  const { call } = startFailing(rules, seed);
  const failed: number[] = [];
  for (let i = 0; i < 200; i++) {
    if ((await call("GET", "/v1/me")).status === 503) failed.push(i);
    await call("GET", "/v1/app");
  }
  return failed;
}

test("the rate is the share of failed requests, which the seed determines", async () => {
  const rule = "GET /v1/me:503:0.25";
  const failed = await failuresOf([rule]);
  expect(failed.length).toBeGreaterThan(25);
  expect(failed.length).toBeLessThan(75);
  expect(await failuresOf([rule], 1)).toEqual(failed);
  expect(await failuresOf([rule], 2)).not.toEqual(failed);
  expect(await failuresOf([rule, "GET /v1/app:500:0.5"])).toEqual(failed);
  expect(await failuresOf(["GET /v1/me:503:0"])).toEqual([]);
  expect(await failuresOf(["GET /v1/me:503:1"])).toHaveLength(200);
});
