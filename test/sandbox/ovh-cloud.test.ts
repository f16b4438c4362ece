import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import * as v from "valibot";
import { beforeEach, describe, expect, test } from "vitest";
import { digest } from "../../src/sandbox/generate.ts";
import { createOvhAccount, type OvhAccount } from "../../src/sandbox/ovh-cloud/account.ts";
import { createOvhCloud, type OvhCloud } from "../../src/sandbox/ovh-cloud/index.ts";

// As a client generated from the contract knows it: a field too many fails like a missing one.
const Timestamp = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/));
const Value = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{64}$/));
const Spec = v.strictObject({
  name: v.string(),
  role: v.string(),
  labelSelector: v.exactOptional(v.string()),
  region: v.string(),
});
const common = {
  id: v.pipe(v.string(), v.uuid()),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  spec: Spec,
};
const Token = v.strictObject({ ...common, status: v.strictObject({ version: v.number() }) });
const IssuedToken = v.strictObject({
  ...common,
  status: v.strictObject({ value: Value, version: v.number() }),
});
const Problem = v.strictObject({ message: v.string(), class: v.string() });
const Regions = v.array(
  v.strictObject({
    id: v.string(),
    version: v.string(),
    cliInstallUrl: v.pipe(v.string(), v.url()),
    documentationUrl: v.pipe(v.string(), v.url()),
    registryUrl: v.pipe(v.string(), v.url()),
  }),
);

const noon = new Date("2026-11-23T12:00:00.178Z");
const unknownId = "0aa3c557-10c9-4331-b168-cd4e45abebdc";
const spec = { name: "ci", role: "ai_training_read", region: "GRA" };

let account: OvhAccount;
let cloud: OvhCloud;
let app: Hono;

beforeEach(() => {
  const surroundings = { now: () => noon, randomBytes };
  account = createOvhAccount(surroundings);
  cloud = createOvhCloud(surroundings, account);
  app = new Hono().route("/", account.routes).route("/", cloud.routes);
});

function call(method: string, path: string, body?: unknown, project = account.project) {
  return app.request(`/1.0/cloud/project/${project}/ai/${path}`, {
    method,
    headers: { authorization: `Bearer ${account.credentials.bearerToken}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function read<S extends v.GenericSchema>(
  reply: Response,
  status: number,
  schema: S,
): Promise<v.InferOutput<S>> {
  expect(reply.status).toBe(status);
  expect(reply.headers.get("content-type")).toMatch(/^application\/json\b/);
  expect(reply.headers.get("x-ovh-queryid")).toMatch(/^EU\.ext-/);
  return v.parse(schema, await reply.json());
}

const create = async (given: object = spec) =>
  read(await call("POST", "token", given), 200, IssuedToken);

describe("tokens", () => {
  test("are created in the region of the spec", async () => {
    const given = { ...spec, labelSelector: "ovh/id=a=b", region: "BHS" };
    const token = await create(given);
    expect(token).toMatchObject({ spec: given, status: { version: 1 } });
    expect(token.createdAt).toBe(token.updatedAt);
  });

  test("are listed for all regions, as an array, without their values", async () => {
    expect(await (await call("GET", "token")).json()).toEqual([]);
    const made = [await create(), await create({ ...spec, region: "BHS" })];
    const shown = made.map((token) => ({ ...token, status: { version: 1 } }));
    expect(await read(await call("GET", "token"), 200, v.array(Token))).toEqual(shown);
    expect(await read(await call("GET", `token/${made[1]?.id}`), 200, Token)).toEqual(shown[1]);
  });

  test("are renewed without a body, and the old value is invalid", async () => {
    const before = await create();
    const after = await read(await call("POST", `token/${before.id}/renew`), 200, IssuedToken);
    const { updatedAt } = after;
    expect(after).toEqual({
      ...before,
      updatedAt,
      status: { value: after.status.value, version: 2 },
    });
    expect(updatedAt > before.updatedAt).toBe(true);
    expect(cloud.specByDigest(digest(before.status.value))).toBeUndefined();
    expect(cloud.specByDigest(digest(after.status.value))).toEqual(spec);
  });

  test("are deleted with 200 and null, and the value is invalid", async () => {
    const { id, status } = await create();
    expect(cloud.specByDigest(digest(status.value))).toEqual(spec);
    const reply = await call("DELETE", `token/${id}`);
    expect([reply.status, await reply.text()]).toEqual([200, "null"]);
    expect(reply.headers.get("x-ovh-queryid")).toMatch(/^EU\.ext-/);
    expect(cloud.specByDigest(digest(status.value))).toBeUndefined();
    await read(await call("GET", `token/${id}`), 404, Problem);
  });

  test("are valid for the regional API, not for this one", async () => {
    const { status } = await create({ ...spec, role: "ai_training_operator" });
    const headers = { authorization: `Bearer ${status.value}` };
    const reply = await app.request(`/1.0/cloud/project/${account.project}/ai/token`, { headers });
    await read(reply, 401, Problem);
  });

  test.each([
    ["region", { name: "ci", role: "ai_training_read" }],
    ["region", { ...spec, region: "gra" }],
    ["role", { ...spec, role: "read" }],
    ["name", { ...spec, name: "" }],
    ["labelSelector", { ...spec, labelSelector: "a=b,c=d" }],
    ["description", { ...spec, description: "hush" }],
  ])("with an invalid %s are refused, without the value", async (field, given) => {
    const problem = await read(await call("POST", "token", given), 400, Problem);
    expect(problem.class).toBe("Client::BadRequest");
    expect(problem.message).toMatch(new RegExp(`^${field} `));
    expect(problem.message).not.toContain("hush");
  });

  test.each(["ai_training_read", "ai_training_operator", "quantum_reader", "quantum_operator"])(
    "can have the role %s",
    async (role) => expect((await create({ ...spec, role })).spec.role).toBe(role),
  );
});

test("the regions are listed with their services", async () => {
  const regions = await read(await call("GET", "capabilities/region"), 200, Regions);
  expect(regions.map(({ id }) => id)).toEqual(["GRA", "BHS"]);
});

describe("errors:", () => {
  test.each([
    ["GET", `token/${unknownId}`],
    ["DELETE", `token/${unknownId}`],
    ["POST", `token/${unknownId}/renew`],
  ])("%s %s is 404", async (method, path) => {
    expect(await read(await call(method, path), 404, Problem)).toEqual({
      message: "This token does not exist",
      class: "Client::NotFound",
    });
  });

  test.each(["token", "capabilities/region"])("%s of another project is 404", async (path) => {
    const reply = await call("GET", path, undefined, "0".repeat(32));
    expect(await read(reply, 404, Problem)).toEqual({
      message: "This service does not exist",
      class: "Client::NotFound",
    });
  });

  test.each([
    ["PUT", "token", "GET, POST"],
    ["PUT", `token/${unknownId}`, "GET, DELETE"],
    ["GET", `token/${unknownId}/renew`, "POST"],
  ])("%s %s is 405", async (method, path, allowed) => {
    const reply = await call(method, path);
    expect(reply.headers.get("allow")).toBe(allowed);
    expect((await read(reply, 405, Problem)).class).toBe("Client::MethodNotAllowed");
  });

  test("a request without a valid credential is 401 first", async () => {
    for (const path of ["token", `token/${unknownId}`, "token/a/b/c", "capabilities/region"]) {
      const reply = await app.request(`/1.0/cloud/project/${account.project}/ai/${path}`);
      await read(reply, 401, Problem);
    }
  });
});

test("the environment has the project and the bearer token", () => {
  expect(cloud.environment("http://127.0.0.1:1")).toEqual({
    TOKCTL_PROVIDER: "ovh-cloud",
    TOKCTL_URL: "http://127.0.0.1:1/1.0",
    TOKCTL_PROJECT: account.project,
    TOKCTL_APP_TOKEN: account.credentials.bearerToken,
  });
});
