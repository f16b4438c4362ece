import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { SandboxRuntime } from "../api.ts";
import {
  alternate,
  createSecret,
  createTimestamps,
  createUuid,
  generateTokens,
} from "../generate.ts";
import { TokenStore } from "../store.ts";
import {
  type OvhAiEnv,
  type OvhAiTokenSpec,
  ovhAiRoles,
  parseOvhAiTokenSpec,
  requireTokenManager,
} from "./access.ts";
import { createPage, parsePageRequest } from "./paging.ts";

/** A token in the format of the API: `Token`. */
export interface OvhAiToken {
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly spec: OvhAiTokenSpec;
  readonly status: { readonly version: number };
}

/** A token with its secret, which only the responses to create and renew contain. */
export interface IssuedOvhAiToken extends OvhAiToken {
  readonly status: { readonly value: string; readonly version: number };
}

/** Returns a new secret: 64 characters of standard base64. */
export function createTokenValue(randomBytes: SandboxRuntime["randomBytes"]): string {
  return createSecret(randomBytes, 48, "base64");
}

/** The tokens of one project. Methods return undefined or false if the ID is unknown. */
export interface OvhAiTokens {
  create(spec: OvhAiTokenSpec): IssuedOvhAiToken;
  get(id: string): OvhAiToken | undefined;
  list(): readonly OvhAiToken[];
  renew(id: string): IssuedOvhAiToken | undefined;
  delete(id: string): boolean;
  /** Returns the token of the secret with this digest. */
  findByDigest(digest: string): OvhAiToken | undefined;
}

/** Label selectors of generated tokens; the first one allows all resources. */
const generatedSelectors = [undefined, "group=A", "group=B", "env=production", "env=test"] as const;

/** Returns generated tokens with alternating roles and label selectors. */
export const generateOvhAiTokens = (
  runtime: SandboxRuntime,
  count: number,
  api: string,
): readonly OvhAiToken[] =>
  generateTokens(runtime, count, api).map(({ index, name, id, createdAt, updatedAt }) => {
    const role = alternate(ovhAiRoles, index);
    const labelSelector = alternate(generatedSelectors, index);
    const spec = { name, role, ...(labelSelector !== undefined && { labelSelector }) };
    return { id, createdAt, updatedAt, spec, status: { version: updatedAt > createdAt ? 2 : 1 } };
  });

/** Returns the tokens of a project. @param generated the tokens that exist at the start. */
export function createOvhAiTokens(
  { now, randomBytes }: SandboxRuntime,
  generated: readonly OvhAiToken[],
): OvhAiTokens {
  const store = new TokenStore<OvhAiToken>();
  for (const token of generated) store.putWithoutSecret(token);
  const timestamp = createTimestamps(now);

  function issue(token: OvhAiToken): IssuedOvhAiToken {
    const value = createTokenValue(randomBytes);
    store.put(token, value);
    return { ...token, status: { value, ...token.status } };
  }

  return {
    create(spec) {
      const createdAt = timestamp();
      const id = createUuid(randomBytes);
      return issue({ id, createdAt, updatedAt: createdAt, spec, status: { version: 1 } });
    },
    renew(id) {
      const token = store.get(id);
      if (!token) return undefined;
      const version = token.status.version + 1;
      return issue({ ...token, updatedAt: timestamp(), status: { version } });
    },
    get: (id) => store.get(id),
    list: () => store.list(),
    delete: (id) => store.delete(id),
    findByDigest: (digest) => store.findByDigest(digest),
  };
}

/**
 * Returns the token endpoints, to be added after the authentication. Create responds with 200, not
 * 201.
 */
export function ovhAiTokenRoutes(tokens: OvhAiTokens): Hono<OvhAiEnv> {
  const routes = new Hono<OvhAiEnv>();
  routes.use("/v1/token/*", requireTokenManager);

  routes.get("/v1/token", (c) =>
    c.json(createPage(tokens.list(), parsePageRequest(c.req.query()), "/v1/token")),
  );
  routes.post("/v1/token", async (c) =>
    c.json(tokens.create(parseOvhAiTokenSpec(await c.req.text()))),
  );

  routes.get("/v1/token/:id", (c) => c.json(tokens.get(c.req.param("id")) ?? unknownToken()));
  routes.delete("/v1/token/:id", (c) =>
    tokens.delete(c.req.param("id")) ? c.body(null, 204) : unknownToken(),
  );

  routes.post("/v1/token/:id/renew", (c) =>
    c.json(tokens.renew(c.req.param("id")) ?? unknownToken()),
  );
  return routes;
}

function unknownToken(): never {
  throw new HTTPException(404, { message: "no such token" });
}
