import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { beforeEach, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../../src/sandbox/app.ts";
import {
  environmentOf,
  frozen,
  origin,
  Problem,
  pageOf,
  read,
  Timestamp,
  Uuid,
} from "../support/regional-api.ts";

// The wire format as a client generated from the contract knows it: strict, so that a field too
// many fails like a missing one.
const Value = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{64}$/));
const Version = v.pipe(v.number(), v.integer(), v.minValue(1));
const Spec = v.strictObject({
  name: v.string(),
  role: v.string(),
  labelSelector: v.exactOptional(v.string()),
});
const common = { id: Uuid, createdAt: Timestamp, updatedAt: Timestamp, spec: Spec };
const Token = v.strictObject({ ...common, status: v.strictObject({ version: Version }) });
const IssuedToken = v.strictObject({
  ...common,
  status: v.strictObject({ value: Value, version: Version }),
});
const List = pageOf(Token);
const Me = v.strictObject({
  name: v.string(),
  tenant: v.string(),
  role: v.picklist(["administrator", "ai_training_operator", "ai_training_read"]),
  tokenKind: v.literal("app"),
  trustId: v.string(),
  quotas: v.strictObject({
    resources: v.strictObject({ CPU: v.number(), GPU: v.number() }),
    storage: v.number(),
  }),
});

const unknownId = "0aa3c557-10c9-4331-b168-cd4e45abebdc";

let sandbox: Sandbox;
let bootstrap: string;

beforeEach(() => {
  sandbox = createSandbox(frozen);
  bootstrap = bootstrapOf(sandbox);
});

function bootstrapOf(from: Sandbox): string {
  return environmentOf(from)["TOKCTL_APP_TOKEN"] ?? "";
}

function call(method: string, path: string, token = bootstrap, body?: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return sandbox.request(path, { method, headers, ...(body !== undefined && { body }) });
}

async function create(spec: v.InferInput<typeof Spec>): Promise<v.InferOutput<typeof IssuedToken>> {
  return read(await call("POST", "/v1/token", bootstrap, JSON.stringify(spec)), 200, IssuedToken);
}

const operator = { name: "ci", role: "ai_training_operator" };

describe("the wire format", () => {
  test("create replies 200 with the token and its value", async () => {
    const spec = { name: "ci", role: "ai_training_read", labelSelector: "group=A" };
    const token = await create(spec);
    expect(token.spec).toEqual(spec);
    expect(token.status.version).toBe(1);
    expect(token.createdAt).toBe(token.updatedAt);
    expect(token.createdAt).toMatch(/^2026-05-27T14:03:06\.178\d{6}Z$/);
  });

  test.each(["", undefined])("an unscoped token keeps its selector: %j", async (it) => {
    const { spec } = await create({ ...operator, ...(it !== undefined && { labelSelector: it }) });
    expect(Object.hasOwn(spec, "labelSelector")).toBe(it !== undefined);
  });

  test.each(["ai_training_read", "ai_training_operator", "quantum_reader", "quantum_operator"])(
    "%s is a role",
    async (role) => expect((await create({ name: "t", role })).spec.role).toBe(role),
  );

  test.each(["ovh/id=0aa3c557-10c9-4331-b168-cd4e45abebdc", "group=a=b"])(
    "%s is a selector",
    async (labelSelector) =>
      expect((await create({ ...operator, labelSelector })).spec.labelSelector).toBe(labelSelector),
  );

  test("get and list return the token without its value", async () => {
    const { id, createdAt, updatedAt, spec } = await create(operator);
    const shown = { id, createdAt, updatedAt, spec, status: { version: 1 } };
    expect(await read(await call("GET", `/v1/token/${id}`), 200, Token)).toEqual(shown);
    expect((await read(await call("GET", "/v1/token"), 200, List)).items).toEqual([shown]);
  });

  test("renew, without a body, replies 200 with a new value and the next version", async () => {
    const before = await create({ ...operator, labelSelector: "group=A" });
    const after = await read(await call("POST", `/v1/token/${before.id}/renew`), 200, IssuedToken);
    expect(after).toEqual({
      ...before,
      updatedAt: after.updatedAt,
      status: { value: after.status.value, version: 2 },
    });
    expect(after.updatedAt > before.updatedAt).toBe(true);
    expect(after.status.value).not.toBe(before.status.value);
  });

  test("delete replies 204 with nothing", async () => {
    const { id } = await create(operator);
    const reply = await call("DELETE", `/v1/token/${id}`);
    expect(reply.status).toBe(204);
    expect(reply.headers.has("content-type")).toBe(false);
    expect(await reply.text()).toBe("");
    await read(await call("GET", `/v1/token/${id}`), 404, Problem);
  });

  test("me returns the owner of the credential", async () => {
    const { status } = await create({ name: "scoped", role: "ai_training_read" });
    const me = await read(await call("GET", "/v1/me", status.value), 200, Me);
    expect(me).toMatchObject({ name: "scoped", role: "ai_training_read" });
    const own = await read(await call("GET", "/v1/me"), 200, Me);
    expect(own).toMatchObject({ role: "ai_training_operator", tenant: me.tenant });
  });

  test("names can be repeated and have any characters", async () => {
    const spec = { ...operator, name: "\u001b[31mred\u202e" };
    const [one, two] = [await create(spec), await create(spec)];
    expect(one.spec.name).toBe(spec.name);
    expect(one.id).not.toBe(two.id);
  });

  test("tokens created at the same time have different ids, values and increasing times", async () => {
    const made = await Promise.all(Array.from({ length: 50 }, () => create(operator)));
    const { items } = await read(await call("GET", "/v1/token?size=50"), 200, List);
    expect(new Set(made.map((token) => token.id)).size).toBe(50);
    expect(new Set(made.map((token) => token.status.value)).size).toBe(50);
    expect(new Set(items.map((token) => token.createdAt)).size).toBe(50);
    expect(items).toEqual(items.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1)));
  });
});

describe("authentication", () => {
  test.each([
    ["no header", undefined],
    ["another scheme", "Basic dXNlcjpwYXNz"],
    ["nothing after the scheme", "Bearer "],
    ["an unknown token", `Bearer ${"A".repeat(64)}`],
  ])("%s is 401 at every path", async (_, authorization) => {
    for (const path of ["/v1/me", "/v1/token", `/v1/token/${unknownId}`, "/v1/nothing"]) {
      const headers = authorization === undefined ? {} : { authorization };
      const reply = await sandbox.request(path, { headers });
      await read(reply, 401, Problem);
      expect(reply.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  test("the scheme is case-insensitive", async () => {
    const headers = { authorization: `bearer ${bootstrap}` };
    expect((await sandbox.request("/v1/me", { headers })).status).toBe(200);
  });

  test("the bootstrap credential is in the environment and in no list", async () => {
    expect(environmentOf(sandbox)).toEqual({
      TOKCTL_PROVIDER: "ovh-ai",
      TOKCTL_URL: origin,
      TOKCTL_APP_TOKEN: v.parse(Value, bootstrap),
    });
    expect((await read(await call("GET", "/v1/token"), 200, List)).items).toEqual([]);
  });

  test("each sandbox has its own credential", async () => {
    const other = bootstrapOf(createSandbox(frozen));
    expect((await call("GET", "/v1/me", other)).status).toBe(401);
  });

  test("renew invalidates the old value", async () => {
    const before = await create(operator);
    const after = await read(await call("POST", `/v1/token/${before.id}/renew`), 200, IssuedToken);
    expect((await call("GET", "/v1/me", before.status.value)).status).toBe(401);
    expect((await call("GET", "/v1/me", after.status.value)).status).toBe(200);
  });

  test("a token may renew itself, then delete itself", async () => {
    const { id, status } = await create(operator);
    const renewed = await call("POST", `/v1/token/${id}/renew`, status.value);
    const { value } = (await read(renewed, 200, IssuedToken)).status;
    expect((await call("DELETE", `/v1/token/${id}`, value)).status).toBe(204);
    expect((await call("GET", "/v1/me", value)).status).toBe(401);
  });

  test.each([
    ["ai_training_operator", undefined, 200],
    ["ai_training_operator", "", 200],
    ["quantum_operator", undefined, 200],
    ["ai_training_operator", "group=A", 403],
    ["quantum_operator", "group=A", 403],
    ["ai_training_read", undefined, 403],
    ["quantum_reader", undefined, 403],
    ["ai_training_read", "group=A", 403],
  ])("a token of role %s, selector %j gets %i on token management", async (role, it, status) => {
    const own = await create({ name: "t", role, ...(it !== undefined && { labelSelector: it }) });
    const target = `/v1/token/${(await create(operator)).id}`;
    const { value } = own.status;
    const replies = [
      await call("GET", "/v1/token", value),
      await call("POST", "/v1/token", value, JSON.stringify(operator)),
      await call("GET", target, value),
      await call("POST", `${target}/renew`, value),
    ];
    expect(replies.map((reply) => reply.status)).toEqual([status, status, status, status]);
    expect((await call("DELETE", target, value)).status).toBe(status === 200 ? 204 : 403);
    expect((await call("GET", "/v1/me", value)).status).toBe(200);
  });
});

describe("pagination", () => {
  async function names(query: string) {
    const { items, metadata } = await read(await call("GET", `/v1/token${query}`), 200, List);
    return { names: items.map((token) => token.spec.name), metadata };
  }

  beforeEach(async () => {
    for (let n = 1; n <= 12; n++) await create({ ...operator, name: `t${n}` });
  });

  test("the first page is 1 and has ten tokens", async () => {
    expect(await names("")).toEqual({
      names: ["t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "t10"],
      metadata: {
        currentPage: 1,
        pageCount: 2,
        total: 12,
        links: { next: "/v1/token?page=2&size=10" },
      },
    });
  });

  test("the next links lead through all pages", async () => {
    const seen: string[] = [];
    let next: string | null = "?size=5";
    while (next !== null) {
      const page: Awaited<ReturnType<typeof names>> = await names(next.replace("/v1/token", ""));
      seen.push(...page.names);
      next = page.metadata.links.next;
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => `t${index + 1}`));
  });

  test("a page after the last is empty", async () => {
    expect(await names("?page=3")).toEqual({
      names: [],
      metadata: { currentPage: 3, pageCount: 2, total: 12, links: { next: null } },
    });
  });

  test("a renewed token keeps its position, and a deleted one leaves no gap", async () => {
    const { items } = await read(await call("GET", "/v1/token?size=3"), 200, List);
    await call("POST", `/v1/token/${items[0]?.id}/renew`);
    await call("DELETE", `/v1/token/${items[1]?.id}`);
    expect((await names("?size=3")).names).toEqual(["t1", "t3", "t4"]);
  });

  test.each(["page=0", "page=-1", "page=x", "page=1.5", "page=", "size=0", "size=ten", "size=1e3"])(
    "%s is 400",
    async (query) => {
      const { message } = await read(await call("GET", `/v1/token?${query}`), 400, Problem);
      expect(message).toContain(query.slice(0, 4));
    },
  );
});

test("an empty list has no pages", async () => {
  expect(await read(await call("GET", "/v1/token"), 200, List)).toEqual({
    items: [],
    metadata: { currentPage: 1, pageCount: 0, total: 0, links: { next: null } },
  });
});

test("a selector of null counts as none", async () => {
  const body = JSON.stringify({ ...operator, labelSelector: null });
  const reply = await call("POST", "/v1/token", bootstrap, body);
  expect([reply.status, await reply.json()]).toMatchObject([200, { spec: operator }]);
});

describe("errors", () => {
  test.each(["", "{", "{'name': 'ci'}"])("a body of %j is not JSON: 400", async (body) => {
    const { message } = await read(await call("POST", "/v1/token", bootstrap, body), 400, Problem);
    expect(message).toContain("JSON");
  });

  test.each([
    ["the body", null],
    ["the body", "s3cret"],
    ["name", { role: operator.role }],
    ["name", { ...operator, name: "" }],
    ["name", { ...operator, name: ["s3cret"] }],
    ["role", { name: "ci" }],
    ["role", { ...operator, role: "s3cret" }],
    ["role", { ...operator, role: "read" }],
    ["role", { ...operator, role: "operator" }],
    ["labelSelector", { ...operator, labelSelector: "s3cret" }],
    ["labelSelector", { ...operator, labelSelector: "=s3cret" }],
    ["labelSelector", { ...operator, labelSelector: "group=" }],
    ["labelSelector", { ...operator, labelSelector: "group=A,team=s3cret" }],
    ["constructor", { ...operator, constructor: "s3cret" }],
    ["expiresAt", { ...operator, expiresAt: "s3cret" }],
  ])("400 names %s without the value: %j", async (field, body) => {
    const reply = await call("POST", "/v1/token", bootstrap, JSON.stringify(body));
    const { message } = await read(reply, 400, Problem);
    expect(message.startsWith(`${field} `)).toBe(true);
    expect(message).not.toContain("s3cret");
    expect((await read(await call("GET", "/v1/token"), 200, List)).items).toEqual([]);
  });

  test.each([
    ["GET", `/v1/token/${unknownId}`],
    ["DELETE", `/v1/token/${unknownId}`],
    ["POST", `/v1/token/${unknownId}/renew`],
    ["GET", "/v1/token/..%2Fme"],
    ["GET", "/v1/nothing"],
    ["GET", "/nothing"],
  ])("%s %s is 404", async (method, path) => {
    await read(await call(method, path), 404, Problem);
  });

  test.each([
    ["PUT", "/v1/token", "GET, POST"],
    ["DELETE", "/v1/token", "GET, POST"],
    ["PATCH", `/v1/token/${unknownId}`, "GET, DELETE"],
    ["POST", `/v1/token/${unknownId}`, "GET, DELETE"],
    ["GET", `/v1/token/${unknownId}/renew`, "POST"],
    ["POST", "/v1/me", "GET"],
  ])("%s %s is 405 with the allowed methods", async (method, path, allowed) => {
    const reply = await call(method, path);
    await read(reply, 405, Problem);
    expect(reply.headers.get("allow")).toBe(allowed);
  });

  test("a body can have at most 64 KiB", async () => {
    const fitting = JSON.stringify(operator).padEnd(64 * 1024);
    expect((await call("POST", "/v1/token", bootstrap, fitting)).status).toBe(200);
    await read(await call("POST", "/v1/token", bootstrap, `${fitting} `), 413, Problem);
  });

  test("an unexpected error is 500 without details", async () => {
    let broken = false;
    const failing = createSandbox({
      ...frozen,
      randomBytes: (size) => {
        if (broken) throw new Error("entropy source at /dev/random failed");
        return randomBytes(size);
      },
    });
    const token = bootstrapOf(failing);
    broken = true;
    const reply = await failing.request("/v1/token", {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(operator),
    });
    expect(reply.headers.has("x-request-id")).toBe(true);
    expect(await read(reply, 500, Problem)).toEqual({ message: "internal server error" });
  });

  test("every response has a request id, that of the client if it sent one", async () => {
    const tooLarge = " ".repeat(64 * 1024 + 1);
    const replies = [
      await call("GET", "/v1/me"),
      await call("GET", "/v1/me", "unknown"),
      await call("GET", "/nothing"),
      await call("PUT", "/v1/token"),
      await call("POST", "/v1/token", bootstrap, "{"),
      await call("POST", "/v1/token", bootstrap, tooLarge),
      await call("DELETE", `/v1/token/${(await create(operator)).id}`),
    ];
    const ids = replies.map((reply) => v.parse(Uuid, reply.headers.get("x-request-id")));
    expect(new Set(ids).size).toBe(replies.length);
    const echoed = await sandbox.request("/v1/me", { headers: { "x-request-id": "mine" } });
    expect(echoed.headers.get("x-request-id")).toBe("mine");
  });
});
