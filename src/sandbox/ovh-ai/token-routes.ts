import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { type AuthenticatedEnv, requireTokenManager } from "./access.ts";
import { createPage, parsePageRequest } from "./paging.ts";
import { parseTokenSpec } from "./spec.ts";
import type { Tokens } from "./tokens.ts";

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
