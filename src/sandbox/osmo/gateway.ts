import type { Context, MiddlewareHandler } from "hono";
import { type JwtIssuers, osmoBrowserClient, osmoDeviceClient } from "./login.ts";
import { type OsmoCaller, type OsmoService, type OsmoToken, roleNames } from "./service.ts";
import { addDays, formatDate, gatewayError, osmoError, serverError } from "./wire.ts";

/** Context variables that the gateway sets. */
export interface OsmoEnv {
  Variables: { caller: OsmoCaller };
}

const audiences: readonly string[] = [osmoDeviceClient, osmoBrowserClient];
const publicPaths = new Set(["/api/auth/login", "/api/auth/jwt/access_token", "/api/version"]);
const anonymous: OsmoCaller = { user: "", roles: [], tokenName: null };

/** Rejects an encoded slash (`%2F`) in a path segment with 400, with or without a credential. */
export const refuseEscapedSlash: MiddlewareHandler = async (c, next) => {
  if (/%2f/i.test(new URL(c.req.url).pathname)) throw gatewayError(400, "Bad Request");
  return next();
};

/**
 * Sets the caller of a request, or responds with 401 or 403.
 * @param requiresCredential whether a request with only `x-osmo-user` is rejected.
 * @see https://nvidia.github.io/OSMO/release/6.4/deployment_guide/appendix/authentication/authentication_flow.html
 */
export function identifyCaller(
  service: OsmoService,
  issuers: JwtIssuers,
  requiresCredential: boolean,
): MiddlewareHandler<OsmoEnv> {
  return async (c, next) => {
    const open = publicPaths.has(c.req.path);
    c.set("caller", open ? anonymous : callerOf(c, service, issuers, requiresCredential));
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
  if (!audiences.includes(claims.aud)) throw gatewayError(403, "Audiences in Jwt are not allowed");
  const user = service.users.get(claims.preferred_username);
  if (!user) throw gatewayError(403, "access denied");
  return { user: user.id, roles: roleNames(user.roles), tokenName: null };
}

function requireUnexpired(exp: number, { now }: OsmoService): void {
  if (exp * 1000 <= now().getTime()) throw gatewayError(401, "Jwt is expired");
}

/** Version of the service and of the newest client. */
export const serviceVersion = "6.4.0";
const oldestClient = "6.0.0";
const warningDays = 7;

/**
 * Checks the client version and the access token of each request. Sends warnings in
 * `x-osmo-warning` if a newer client exists or the token expires within 7 days; rejects a client
 * that is too old and a token that expired after its exchange for a JWT.
 */
export function clientNotices(service: OsmoService): MiddlewareHandler<OsmoEnv> {
  return async (c, next) => {
    const client = c.req.header("x-osmo-client-version");
    if (client !== undefined) {
      c.header("x-osmo-service-version", serviceVersion);
      requireSupportedClient(client);
    }

    const { user, tokenName } = c.get("caller");
    const token = service.users.get(user)?.tokens.get(tokenName ?? "");
    if (token && token.expiresAt <= service.now())
      throw osmoError(`Access token ${token.name} has expired.`);

    if (client !== undefined) {
      const warnings = [...newClientWarning(client), ...expiryWarning(token, service.now())].join(
        "\n",
      );
      if (warnings) c.header("x-osmo-warning", Buffer.from(warnings).toString("base64"));
    }
    return next();
  };
}

const isOlder = (version: string, than: string) =>
  version.localeCompare(than, "en", { numeric: true }) < 0;

function requireSupportedClient(client: string): void {
  if (!/^\d+\.\d+\.\d+(\.[a-zA-Z0-9]+)?$/.test(client))
    throw serverError("Version should be of the format major.minor.revision");
  if (isOlder(client, oldestClient)) {
    const newest = `the newest client version is ${serviceVersion}`;
    throw osmoError(`Your client is out of date. Client version is ${client} but ${newest}.`);
  }
}

const newClientWarning = (client: string) =>
  isOlder(client, serviceVersion)
    ? [`WARNING: New client ${serviceVersion} available.\nCurrent version: ${client}.`]
    : [];

function expiryWarning(token: OsmoToken | undefined, now: Date): string[] {
  if (!token || startOfWarning(token) > now) return [];
  const date = formatDate(token.expiresAt);
  return [`WARNING: Access token ${token.name} is expiring on ${date} at 12AM UTC.`];
}

const startOfWarning = (token: OsmoToken) => addDays(token.expiresAt, -warningDays);
