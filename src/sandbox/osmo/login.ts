import { Hono } from "hono";
import * as v from "valibot";
import type { SandboxRuntime } from "../api.ts";
import { digest } from "../generate.ts";
import { createJwtSigner } from "../jwt-signer.ts";
import type { AuthorizationServer } from "../oauth2/index.ts";
import { developerUser, existingUser, type OsmoService, roleNames } from "./service.ts";
import { readBody, userError } from "./wire.ts";

/** OAuth client IDs of the service: public clients (RFC 6749 section 2.1). */
export const osmoDeviceClient = "osmo-device";
export const osmoBrowserClient = "osmo-browser";

/** Lengths of access tokens: 43 characters, or 64 in older services. */
const secretLengths = [43, 64];

const Exchange = v.object({ token: v.string() });

/**
 * Returns the login endpoints: the identity provider and the exchange of an access token for a JWT.
 * @see https://nvidia.github.io/OSMO/release/6.4/deployment_guide/appendix/authentication/authentication_flow.html
 */
export function osmoLoginRoutes(service: OsmoService, { exchange, provider }: JwtIssuers): Hono {
  const routes = new Hono();

  routes.get("/api/auth/login", (c) => c.json(loginInfo(provider, c.req.url)));

  routes.post("/api/auth/jwt/access_token", async (c) => {
    const { token } = await readBody(c, Exchange);
    return c.json(await exchange.issue(subjectOf(service, token)));
  });

  return routes;
}

/** Returns the endpoints of the identity provider. They are null in developer mode. */
function loginInfo(provider: AuthorizationServer | undefined, url: string) {
  const endpoints = provider?.endpoints(url);
  return {
    device_endpoint: endpoints?.device ?? null,
    device_client_id: endpoints ? osmoDeviceClient : null,
    browser_endpoint: endpoints?.authorization ?? null,
    browser_client_id: endpoints ? osmoBrowserClient : null,
    token_endpoint: endpoints?.token ?? null,
    logout_endpoint: null,
  };
}

/**
 * Returns the claims for an access token.
 * @throws OsmoErrorResponse 400 if it is invalid or expired.
 */
function subjectOf(service: OsmoService, secret: string): Omit<OsmoJwtClaims, "exp"> {
  const length = [...secret].length;
  if (!secretLengths.includes(length)) throw userError(`Access token has invalid length ${length}`);
  const presented = digest(secret);
  if (presented === service.bootstrapDigest) {
    const developer = existingUser(service, developerUser);
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

const lifetimeSeconds = 300;

const OsmoJwtClaims = v.object({
  unique_name: v.string(),
  roles: v.array(v.string()),
  /** Absent from the JWT of the bootstrap credential, which is not a token. */
  osmo_token_name: v.optional(v.string()),
  exp: v.number(),
});

/** User, roles and access token in a JWT of the service. */
type OsmoJwtClaims = v.InferOutput<typeof OsmoJwtClaims>;

/**
 * Issues and verifies the JWTs that the service exchanges for access tokens. They expire after 300
 * seconds.
 */
interface OsmoJwts {
  issue(subject: Omit<OsmoJwtClaims, "exp">): Promise<{ token: string; expires_at: number }>;
  /** Returns the claims of a JWT of this service, even if it has expired. */
  read(jwt: string): OsmoJwtClaims | undefined;
}

/** Issuers of the JWTs that the gateway accepts. */
export interface JwtIssuers {
  /** The service, which exchanges access tokens for JWTs. */
  readonly exchange: OsmoJwts;
  /** The identity provider that users sign in with. Undefined in developer mode. */
  readonly provider?: AuthorizationServer | undefined;
}

/** Returns the JWT issuer of one service. */
export function createOsmoJwts({ now, createSigningKeys }: SandboxRuntime): OsmoJwts {
  const signer = createJwtSigner(createSigningKeys);

  return {
    async issue(subject) {
      const iat = Math.floor(now().getTime() / 1000);
      const exp = iat + lifetimeSeconds;
      const claims = { iss: "osmo", aud: "osmo", iat, nbf: iat, exp, ...subject };
      return { token: await signer.sign(claims), expires_at: exp };
    },

    read(jwt) {
      const { success, output } = v.safeParse(OsmoJwtClaims, signer.verify(jwt));
      return success ? output : undefined;
    },
  };
}
