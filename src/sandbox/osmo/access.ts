import type { Context, MiddlewareHandler } from "hono";
import type { AuthorizationServer } from "../oauth2/index.ts";
import { gatewayError } from "./errors.ts";
import type { OsmoJwts } from "./jwt.ts";
import { type OsmoCaller, type OsmoService, roleNames } from "./store.ts";

/** Those whose JWTs the gateway accepts. */
export interface JwtIssuers {
  /** The service itself, in exchange for an access token. */
  readonly exchange: OsmoJwts;
  /** Whoever signs people in, if anyone does. */
  readonly provider?: AuthorizationServer | undefined;
}

/** The caller a Bearer JWT speaks for, or the gateway's refusal. */
export function callerOfJwt(
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
  if (!isIssuedForService(claims)) throw gatewayError(403, "Audiences in Jwt are not allowed");
  const user = service.users.get(claims.preferred_username);
  if (!user) throw gatewayError(403, "access denied");
  return { user: user.id, roles: roleNames(user.roles), tokenName: null };
}

function requireUnexpired(exp: number, { now }: OsmoService): void {
  if (exp * 1000 <= now().getTime()) throw gatewayError(401, "Jwt is expired");
}

/** What the gateway leaves on a request for the service. */
export interface OsmoEnv {
  Variables: { caller: OsmoCaller };
}

const PUBLIC_PATHS = new Set(["/api/auth/login", "/api/auth/jwt/access_token", "/api/version"]);
const ANONYMOUS: OsmoCaller = { user: "", roles: [], tokenName: null };

/** The gateway refuses a `/` hidden in a path segment, whoever asks. */
export const refuseEscapedSlash: MiddlewareHandler = async (c, next) => {
  if (/%2f/i.test(new URL(c.req.url).pathname)) throw gatewayError(400, "Bad Request");
  return next();
};

/** Lets a request through with the caller it finds, or answers 401. */
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
 * A real service has a gateway or is in developer mode; here one port is both. The rule: a
 * request that brings no Authorization header but an `x-osmo-user` whose value is an existing
 * user is developer mode, as that user, unless a credential is required. Everything else stands before the gateway, where
 * `x-osmo-user` means nothing.
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

/** The public clients by which people log in to the service. */
export const OSMO_DEVICE_CLIENT = "osmo-device";
export const OSMO_BROWSER_CLIENT = "osmo-browser";

const AUDIENCES = [OSMO_DEVICE_CLIENT, OSMO_BROWSER_CLIENT];

/** What a service says of its logins. Without an identity provider it is in developer mode. */
export function loginInfo(provider: AuthorizationServer | undefined, url: string) {
  const endpoints = provider?.endpoints(url);
  return {
    device_endpoint: endpoints?.device ?? null,
    device_client_id: endpoints ? OSMO_DEVICE_CLIENT : null,
    browser_endpoint: endpoints?.authorization ?? null,
    browser_client_id: endpoints ? OSMO_BROWSER_CLIENT : null,
    token_endpoint: endpoints?.token ?? null,
    logout_endpoint: null,
  };
}

/** Whether a JWT of the identity provider was issued for this service. */
export const isIssuedForService = ({ aud }: { readonly aud: string }): boolean =>
  AUDIENCES.includes(aud);
