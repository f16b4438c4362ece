import type { Context, MiddlewareHandler } from "hono";
import { callerOfJwt, type Issuers } from "./bearer.ts";
import type { Caller } from "./caller.ts";
import { gatewayError } from "./errors.ts";
import { roleNames, type Service } from "./store.ts";

/** What the gateway leaves on a request for the service. */
export interface OsmoEnv {
  Variables: { caller: Caller };
}

const OPEN_PATHS = new Set(["/api/auth/login", "/api/auth/jwt/access_token", "/api/version"]);
const NOBODY: Caller = { user: "", roles: [], tokenName: null };

/** The gateway refuses a `/` hidden in a path segment, whoever asks. */
export const refuseEscapedSlash: MiddlewareHandler = async (c, next) => {
  if (/%2f/i.test(new URL(c.req.url).pathname)) throw gatewayError(400, "Bad Request");
  return next();
};

/** Lets a request through with the caller it finds, or answers 401. */
export function identify(
  service: Service,
  issuers: Issuers,
  requiresCredential: boolean,
): MiddlewareHandler<OsmoEnv> {
  return async (c, next) => {
    const open = OPEN_PATHS.has(c.req.path);
    c.set("caller", open ? NOBODY : callerOf(c, service, issuers, requiresCredential));
    return next();
  };
}

/**
 * A real service has a gateway or is in developer mode; here one port is both. The rule: a
 * request that brings no Authorization header but an `x-osmo-user` whose value is an existing
 * user is developer mode, as that user, unless a credential is required. Everything else stands before the gateway, where
 * `x-osmo-user` means nothing.
 */
function callerOf(
  c: Context,
  service: Service,
  issuers: Issuers,
  requiresCredential: boolean,
): Caller {
  const authorization = c.req.header("authorization");
  if (authorization === undefined && !requiresCredential) {
    const developer = service.users.get(c.req.header("x-osmo-user") ?? "");
    if (developer) {
      return {
        user: developer.id,
        roles: roleNames(developer.roles),
        toldRoles: [],
        tokenName: null,
      };
    }
  }
  if (!authorization?.startsWith("Bearer ")) throw gatewayError(401, "Jwt is missing");
  return callerOfJwt(authorization.slice("Bearer ".length), service, issuers);
}

/**
 * The `auth:Token` rule as its name promises: other users are an administrator's business. The
 * default roles of a service grant it to everybody.
 */
export const administratorsOnly: MiddlewareHandler<OsmoEnv> = async (c, next) => {
  if (!c.get("caller").roles.includes("osmo-admin")) throw gatewayError(403, "access denied");
  return next();
};
