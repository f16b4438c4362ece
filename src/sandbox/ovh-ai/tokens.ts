import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Surroundings } from "../api.ts";
import { createSecret, TokenStore } from "../store.ts";
import { type AuthenticatedEnv, requireTokenManager } from "./access.ts";
import { createPage, parsePageRequest } from "./paging.ts";
import { createTimestamps, createUuid, parseTokenSpec, type TokenSpec } from "./wire.ts";

/** A token as the API shows it: `Token` of the API. */
export interface Token {
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly spec: TokenSpec;
  readonly status: { readonly version: number };
}

/** A token with its value, as only the replies to create and renew have it. */
export interface IssuedToken extends Token {
  readonly status: { readonly value: string; readonly version: number };
}

/** A credential as the API makes them: 64 characters of standard base64. */
export function createValue(randomBytes: Surroundings["randomBytes"]): string {
  return createSecret(randomBytes, 48, "base64");
}

/** The tokens of one project and what can be done with them; `undefined` and `false` mean: unknown id. */
export interface Tokens {
  create(spec: TokenSpec): IssuedToken;
  get(id: string): Token | undefined;
  list(): readonly Token[];
  renew(id: string): IssuedToken | undefined;
  delete(id: string): boolean;
  /** The token whose value has this digest. */
  withDigest(digest: string): Token | undefined;
}

/** A project without tokens. */
export function createTokens({ now, randomBytes }: Surroundings): Tokens {
  const store = new TokenStore<Token>();
  const timestamp = createTimestamps(now);

  function issue(token: Token): IssuedToken {
    const value = createValue(randomBytes);
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
    withDigest: (digest) => store.withDigest(digest),
  };
}

/** The token endpoints; who calls must be known by then. A create replies 200, not 201. */
export function createTokenRoutes(tokens: Tokens): Hono<AuthenticatedEnv> {
  const routes = new Hono<AuthenticatedEnv>();
  routes.use("/v1/token/*", requireTokenManager);

  routes.get("/v1/token", (c) =>
    c.json(createPage(tokens.list(), parsePageRequest(c.req.query()), "/v1/token")),
  );
  routes.post("/v1/token", async (c) => c.json(tokens.create(parseTokenSpec(await c.req.text()))));

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
