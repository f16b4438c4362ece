import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { expect } from "vitest";
import type { SandboxRuntime } from "../../src/sandbox/api.ts";
import { createSandbox, type Sandbox } from "../../src/sandbox/app.ts";
import type { ResourceSeed } from "../../src/sandbox/ovh-ai/resources/resources.ts";

/** A runtime with a fixed clock. */
export const frozen: SandboxRuntime = {
  now: () => new Date("2026-05-27T14:03:06.178Z"),
  randomBytes: (size) => randomBytes(size),
};

export const origin = "http://127.0.0.1:8787";

export const Timestamp = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/));
export const Uuid = v.pipe(v.string(), v.uuid());
export const Problem = v.strictObject({ message: v.pipe(v.string(), v.nonEmpty()) });

/** Returns the schema of a page of a list. */
export const pageOf = <Item extends v.GenericSchema>(item: Item) =>
  v.strictObject({
    items: v.array(item),
    metadata: v.strictObject({
      currentPage: v.number(),
      pageCount: v.number(),
      total: v.number(),
      links: v.strictObject({ next: v.nullable(v.string()) }),
    }),
  });

/** Checks the status of a reply and parses its JSON with the schema. */
export async function read<Schema extends v.GenericSchema>(
  reply: Response,
  status: number,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  expect(reply.status).toBe(status);
  expect(reply.headers.get("content-type")).toMatch(/^application\/json\b/);
  return v.parse(schema, await reply.json());
}

/** Returns the environment variables of the regional API, including the bootstrap credential. */
export const environmentOf = (sandbox: Sandbox): Readonly<Record<string, string>> =>
  sandbox.apis.find(({ id }) => id === "ovh-ai")?.environment(origin) ?? {};

const Issued = v.object({ id: v.string(), status: v.object({ value: v.string() }) });
const SignedIn = v.object({ access_token: v.string() });
const Made = v.object({ id: v.string() });

/** Starts the regional API of a sandbox with a fixed clock, and returns functions that call it. */
export function startRegionalApi(seeds?: readonly ResourceSeed[]) {
  const sandbox = createSandbox(frozen, {}, seeds);
  const bootstrap = environmentOf(sandbox)["TOKCTL_APP_TOKEN"] ?? "";

  /** Sends a request with the bootstrap credential or another one. */
  const call = (method: string, path: string, body?: unknown, token = bootstrap) =>
    sandbox.request(`${origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    sandbox,
    bootstrap,
    call,
    /** Creates a token. An empty selector means no scope. */
    async token(role: string, labelSelector = "") {
      const reply = await call("POST", "/v1/token", { name: "t", role, labelSelector });
      const { id, status } = await read(reply, 200, Issued);
      return { id, value: status.value };
    },
    /** Signs in as the sandbox's OpenStack user. */
    async signIn() {
      const { clientId, clientSecret, user, password } = sandbox.logins["ovh-ai"];
      const reply = await sandbox.request(`${origin}/v1/oauth/token`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({
          grant_type: "password",
          client_id: clientId,
          client_secret: clientSecret,
          username: user,
          password,
        }).toString(),
      });
      return { user, accessToken: (await read(reply, 200, SignedIn)).access_token };
    },
    /** Renews a token and returns its new secret. */
    async renew(id: string): Promise<string> {
      return (await read(await call("POST", `/v1/token/${id}/renew`), 200, Issued)).status.value;
    },
    /** Creates an app, job or notebook and returns its id. */
    async make(kind: string, spec: object = {}): Promise<string> {
      const reply = await call("POST", `/v1/${kind}`, { image: "hello-world", ...spec });
      return (await read(reply, 200, Made)).id;
    },
  };
}

export type RegionalApi = ReturnType<typeof startRegionalApi>;
