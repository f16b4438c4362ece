import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import * as v from "valibot";
import { beforeEach, describe, expect, test } from "vitest";
import type { SandboxApi } from "../../src/sandbox/api.ts";
import { createOvhAccount, type OvhAccount } from "../../src/sandbox/ovh-cloud/account.ts";
import { createOvhServing } from "../../src/sandbox/ovh-serving/index.ts";

// As a client generated from the contract knows it: a field too many fails like a missing one.
const common = {
  id: v.pipe(v.string(), v.uuid()),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  groups: v.array(v.picklist(["model-management", "model-evaluation"])),
  resource: v.string(),
};
const Token = v.strictObject(common);
const Jwt = v.pipe(v.string(), v.regex(/^[\w-]+\.[\w-]+\.[\w-]+$/));
const IssuedToken = v.strictObject({ ...common, token: Jwt });
const Problem = v.strictObject({ message: v.string(), class: v.string() });

const unknownId = "0aa3c557-10c9-4331-b168-cd4e45abebdc";
const spec = { resource: "iris*", groups: ["model-evaluation"] };

let account: OvhAccount;
let serving: SandboxApi;
let namespace: string;
let app: Hono;

beforeEach(() => {
  const surroundings = { now: () => new Date("2026-11-23T12:00:00Z"), randomBytes };
  account = createOvhAccount(surroundings);
  serving = createOvhServing(surroundings, account);
  namespace = serving.environment("")["TOKCTL_NAMESPACE"] ?? "";
  app = new Hono().route("/", account.routes).route("/", serving.routes);
});

interface Place {
  readonly project?: string;
  readonly namespace?: string;
  readonly credential?: string;
}

function call(method: string, path: string, body?: unknown, place: Place = {}) {
  const project = place.project ?? account.project;
  const within = `/1.0/cloud/project/${project}/ai/serving/${place.namespace ?? namespace}`;
  return app.request(`${within}/${path}`, {
    method,
    headers: { authorization: `Bearer ${place.credential ?? account.credentials.bearerToken}` },
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
  test("are created with a value in the form of a JWT", async () => {
    const token = await create();
    expect(token).toMatchObject(spec);
    expect(Date.parse(token.createdAt)).toBe(Date.parse("2026-11-23T12:00:00Z"));
  });

  test("are listed and shown without it, oldest first", async () => {
    expect(await (await call("GET", "token")).json()).toEqual([]);
    const made = [await create(), await create({ resource: "*", groups: ["model-management"] })];
    const shown = made.map(({ token, ...rest }) => rest);
    expect(await read(await call("GET", "token"), 200, v.array(Token))).toEqual(shown);
    expect(await read(await call("GET", `token/${made[1]?.id}`), 200, Token)).toEqual(shown[1]);
  });

  test.each([
    ["no body", undefined],
    ["a null body", null],
  ])("are regenerated with %s: only the value changes", async (_, body) => {
    const before = await create();
    const after = await read(await call("PUT", `token/${before.id}`, body), 200, IssuedToken);
    expect(after).toEqual({ ...before, token: after.token });
    expect(after.token).not.toBe(before.token);
  });

  test("can't be updated", async () => {
    const { id } = await create();
    const problem = await read(await call("PUT", `token/${id}`, spec), 400, Problem);
    expect(problem.class).toBe("Client::BadRequest");
  });

  test("are deleted with 200 and null", async () => {
    const { id } = await create();
    const reply = await call("DELETE", `token/${id}`);
    expect([reply.status, await reply.text()]).toEqual([200, "null"]);
    await read(await call("GET", `token/${id}`), 404, Problem);
    expect(await (await call("GET", "token")).json()).toEqual([]);
  });

  test.each(["*", "a", "iris*", "iris.v1-2", `${"a".repeat(49)}*`, "a".repeat(50)])(
    "can be for the resource %s",
    async (resource) => expect((await create({ ...spec, resource })).resource).toBe(resource),
  );

  test.each(["", "**", "a*b", "*a", "iris_v1", "iris v1", "é", "a\n", "a".repeat(51), null])(
    "can't be for the resource %j",
    async (resource) => {
      const reply = await call("POST", "token", { ...spec, resource });
      expect((await read(reply, 400, Problem)).message).toMatch(/^resource /);
    },
  );

  test("can have both groups", async () => {
    const groups = ["model-evaluation", "model-management"];
    expect((await create({ ...spec, groups })).groups).toEqual(groups);
  });

  test.each([
    { groups: [] },
    { groups: ["model-deletion"] },
    { groups: ["model-evaluation", "model-evaluation"] },
    { groups: "model-evaluation" },
    { groups: undefined },
  ])("can't have the groups $groups", async ({ groups }) => {
    const reply = await call("POST", "token", { ...spec, groups });
    expect((await read(reply, 400, Problem)).message).toMatch(/^groups /);
  });

  test("have no name", async () => {
    const reply = await call("POST", "token", { ...spec, name: "hush" });
    expect((await read(reply, 400, Problem)).message).toMatch(/^name /);
  });
});

describe("errors:", () => {
  test.each(["GET", "PUT", "DELETE"])("%s of an unknown token is 404", async (method) => {
    expect(await read(await call(method, `token/${unknownId}`), 404, Problem)).toEqual({
      message: "This token does not exist",
      class: "Client::NotFound",
    });
  });

  test("another project and another namespace are 404", async () => {
    for (const [place, message] of [
      [{ project: "0".repeat(32) }, "This service does not exist"],
      [{ namespace: "0".repeat(24) }, "This namespace does not exist"],
    ] as const) {
      const reply = await call("GET", "token", undefined, place);
      expect(await read(reply, 404, Problem)).toEqual({ message, class: "Client::NotFound" });
    }
  });

  test("an unknown method is 405", async () => {
    const reply = await call("POST", `token/${unknownId}`);
    expect(reply.headers.get("allow")).toBe("GET, DELETE, PUT");
    await read(reply, 405, Problem);
  });
});

test("the value is not a credential of this API", async () => {
  const { token } = await create();
  await read(await call("GET", "token", undefined, { credential: token }), 401, Problem);
});

test("the environment has the namespace and the bearer token", () => {
  expect(serving.environment("http://127.0.0.1:1")).toEqual({
    TOKCTL_PROVIDER: "ovh-serving",
    TOKCTL_URL: "http://127.0.0.1:1/1.0",
    TOKCTL_PROJECT: account.project,
    TOKCTL_NAMESPACE: expect.stringMatching(/^[0-9a-f]{24}$/),
    TOKCTL_APP_TOKEN: account.credentials.bearerToken,
  });
});
