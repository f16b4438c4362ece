import type { MiddlewareHandler } from "hono";
import { osmoError, serverError } from "./errors.ts";
import type { OsmoEnv } from "./gateway.ts";
import type { OsmoService, OsmoToken } from "./service.ts";
import { addDays, formatDate } from "./values.ts";

/** Version of the service and of the newest client. */
export const SERVICE_VERSION = "6.4.0";
const OLDEST_CLIENT = "6.0.0";
const WARNING_DAYS = 7;

/**
 * Checks the client version and the access token of each request. Sends warnings in
 * `x-osmo-warning` if a newer client exists or the token expires within 7 days; rejects a client
 * that is too old and a token that expired after its exchange for a JWT.
 */
export function clientNotices(service: OsmoService): MiddlewareHandler<OsmoEnv> {
  return async (c, next) => {
    const client = c.req.header("x-osmo-client-version");
    if (client !== undefined) {
      c.header("x-osmo-service-version", SERVICE_VERSION);
      requireSupportedClient(client);
    }

    const { user, tokenName } = c.get("caller");
    const token = service.users.get(user)?.tokens.get(tokenName ?? "");
    if (token && token.expiresAt <= service.now()) {
      throw osmoError(`Access token ${token.name} has expired.`);
    }

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
  if (!/^\d+\.\d+\.\d+(\.[a-zA-Z0-9]+)?$/.test(client)) {
    throw serverError("Version should be of the format major.minor.revision");
  }
  if (isOlder(client, OLDEST_CLIENT)) {
    const newest = `the newest client version is ${SERVICE_VERSION}`;
    throw osmoError(`Your client is out of date. Client version is ${client} but ${newest}.`);
  }
}

const newClientWarning = (client: string) =>
  isOlder(client, SERVICE_VERSION)
    ? [`WARNING: New client ${SERVICE_VERSION} available.\nCurrent version: ${client}.`]
    : [];

function expiryWarning(token: OsmoToken | undefined, now: Date): string[] {
  if (!token || startOfWarning(token) > now) return [];
  const date = formatDate(token.expiresAt);
  return [`WARNING: Access token ${token.name} is expiring on ${date} at 12AM UTC.`];
}

const startOfWarning = (token: OsmoToken) => addDays(token.expiresAt, -WARNING_DAYS);
