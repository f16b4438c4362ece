import { Hono } from "hono";
import * as v from "valibot";
import { digest } from "../store.ts";
import { type JwtIssuers, loginInfo } from "./access.ts";
import { userError } from "./errors.ts";
import { readBody } from "./input.ts";
import type { OsmoJwtClaims } from "./jwt.ts";
import { existingUser, type OsmoService, roleNames } from "./store.ts";
import { DEVELOPER_USER } from "./tokens.ts";

/** 64 is the length of the tokens of older services. */
const SECRET_LENGTHS = [43, 64];

const Exchange = v.object({ token: v.string() });

/** How a client logs in: where the identity provider is, and an access token for a JWT. */
export function osmoLoginRoutes(service: OsmoService, { exchange, provider }: JwtIssuers): Hono {
  const routes = new Hono();

  routes.get("/api/auth/login", (c) => c.json(loginInfo(provider, c.req.url)));

  routes.post("/api/auth/jwt/access_token", async (c) => {
    const { token } = await readBody(c, Exchange);
    return c.json(await exchange.issue(subjectOf(service, token)));
  });

  return routes;
}

function subjectOf(service: OsmoService, secret: string): Omit<OsmoJwtClaims, "exp"> {
  const length = [...secret].length;
  if (!SECRET_LENGTHS.includes(length)) {
    throw userError(`Access token has invalid length ${length}`);
  }
  const presented = digest(secret);
  if (presented === service.bootstrapDigest) {
    const developer = existingUser(service, DEVELOPER_USER);
    return { unique_name: developer.id, roles: roleNames(developer.roles) };
  }
  for (const user of service.users.values()) {
    for (const token of user.tokens.values()) {
      if (token.digest !== presented) continue;
      if (token.expiresAt <= service.now()) throw userError("Access Token has expired");
      return {
        unique_name: user.id,
        roles: roleNames(token.roles),
        osmo_token_name: token.name,
      };
    }
  }
  throw userError("Access Token is invalid");
}
