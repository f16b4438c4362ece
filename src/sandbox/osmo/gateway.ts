import type { Context, MiddlewareHandler } from "hono";
import { gatewayError } from "./errors.ts";
import { type JwtIssuers, OSMO_BROWSER_CLIENT, OSMO_DEVICE_CLIENT } from "./login.ts";
import { type OsmoCaller, type OsmoService, roleNames } from "./service.ts";

/** Context variables that the gateway sets. */
export interface OsmoEnv {
  Variables: { caller: OsmoCaller };
}

const AUDIENCES: readonly string[] = [OSMO_DEVICE_CLIENT, OSMO_BROWSER_CLIENT];
const PUBLIC_PATHS = new Set(["/api/auth/login", "/api/auth/jwt/access_token", "/api/version"]);
const ANONYMOUS: OsmoCaller = { user: "", roles: [], tokenName: null };

/** Rejects an encoded slash (`%2F`) in a path segment with 400, with or without a credential. */
export const refuseEscapedSlash: MiddlewareHandler = async (c, next) => {
  if (/%2f/i.test(new URL(c.req.url).pathname)) throw gatewayError(400, "Bad Request");
  return next();
};

/**
 * Sets the caller of a request, or responds with 401 or 403.
 * @param requiresCredential Whether a request with only `x-osmo-user` is rejected.
 * @see https://nvidia.github.io/OSMO/release/6.4/deployment_guide/appendix/authentication/authentication_flow.html
 */
export function identifyCaller(
  service: OsmoService,
  issuers: JwtIssuers,
  requiresCredential: boolean,
): MiddlewareHandler<OsmoEnv> {
  return async (c, next) => {
    const open = PUBLIC_PATHS.has(c.req.path);
    c.set("caller", open ? ANONYMOUS : callerOf(c, service, issuers, requiresCredential));
    return next();
  };
}

/**
 * Allows requests about other users only to administrators. The `auth:Token` policy of a real
 * service allows them to every user by default.
 * @see https://nvidia.github.io/OSMO/release/6.4/deployment_guide/appendix/authentication/roles_policies.html
 */
export const administratorsOnly: MiddlewareHandler<OsmoEnv> = async (c, next) => {
  if (!c.get("caller").roles.includes("osmo-admin")) throw gatewayError(403, "access denied");
  return next();
};

/**
 * Returns the caller of a request. A real service is either behind a gateway or in developer mode;
 * the sandbox is both on one port. A request with an existing user in `x-osmo-user` and without an
 * Authorization header is in developer mode, unless a credential is required. For every other
 * request, the gateway ignores `x-osmo-user`.
 */
function callerOf(
  c: Context,
  service: OsmoService,
  issuers: JwtIssuers,
  requiresCredential: boolean,
): OsmoCaller {
  const authorization = c.req.header("authorization");
  if (authorization === undefined && !requiresCredential) {
    const developer = service.users.get(c.req.header("x-osmo-user") ?? "");
    if (developer) {
      return {
        user: developer.id,
        roles: roleNames(developer.roles),
        headerRoles: [],
        tokenName: null,
      };
    }
  }
  if (!authorization?.startsWith("Bearer ")) throw gatewayError(401, "Jwt is missing");
  return callerOfJwt(authorization.slice("Bearer ".length), service, issuers);
}

/** Returns the caller of a JWT. @throws OsmoErrorResponse 401 or 403 */
function callerOfJwt(
  jwt: string,
  service: OsmoService,
  { exchange, provider }: JwtIssuers,
): OsmoCaller {
  if (jwt.split(".").length !== 3) {
    const form = "Header.Payload.Signature with two dots and 3 sections";
    throw gatewayError(401, `Jwt is not in the form of ${form}`);
  }
  const own = exchange.read(jwt);
  if (own) {
    requireUnexpired(own.exp, service);
    return { user: own.unique_name, roles: own.roles, tokenName: own.osmo_token_name ?? null };
  }
  const claims = provider?.readJwt(jwt);
  if (!claims) throw gatewayError(401, "Jwt verification fails");
  requireUnexpired(claims.exp, service);
  if (!AUDIENCES.includes(claims.aud)) throw gatewayError(403, "Audiences in Jwt are not allowed");
  const user = service.users.get(claims.preferred_username);
  if (!user) throw gatewayError(403, "access denied");
  return { user: user.id, roles: roleNames(user.roles), tokenName: null };
}

function requireUnexpired(exp: number, { now }: OsmoService): void {
  if (exp * 1000 <= now().getTime()) throw gatewayError(401, "Jwt is expired");
}
