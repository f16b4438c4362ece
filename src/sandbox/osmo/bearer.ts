import type { AuthorizationServer } from "../oauth2/index.ts";
import type { Caller } from "./caller.ts";
import { gatewayError } from "./errors.ts";
import { isForUs } from "./identity-provider.ts";
import type { ServiceJwts } from "./jwt.ts";
import { roleNames, type Service } from "./store.ts";

/** Those whose JWTs the gateway accepts. */
export interface Issuers {
  /** The service itself, in exchange for an access token. */
  readonly exchange: ServiceJwts;
  /** Whoever signs people in, if anyone does. */
  readonly provider?: AuthorizationServer | undefined;
}

/** The caller a Bearer JWT speaks for, or the gateway's refusal. */
export function callerOfJwt(
  jwt: string,
  service: Service,
  { exchange, provider }: Issuers,
): Caller {
  if (jwt.split(".").length !== 3) {
    const form = "Header.Payload.Signature with two dots and 3 sections";
    throw gatewayError(401, `Jwt is not in the form of ${form}`);
  }
  const own = exchange.read(jwt);
  if (own) {
    requireAlive(own.exp, service);
    return { user: own.unique_name, roles: own.roles, tokenName: own.osmo_token_name ?? null };
  }
  const claims = provider?.readJwt(jwt);
  if (!claims) throw gatewayError(401, "Jwt verification fails");
  requireAlive(claims.exp, service);
  if (!isForUs(claims)) throw gatewayError(403, "Audiences in Jwt are not allowed");
  const user = service.users.get(claims.preferred_username);
  if (!user) throw gatewayError(403, "access denied");
  return { user: user.id, roles: roleNames(user.roles), tokenName: null };
}

function requireAlive(exp: number, { now }: Service): void {
  if (exp * 1000 <= now().getTime()) throw gatewayError(401, "Jwt is expired");
}
