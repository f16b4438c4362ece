import * as v from "valibot";
import type { SandboxRuntime } from "../api.ts";
import { createJwtSigner } from "../jwt.ts";
import { createSecret, ExpiringSecrets } from "../store.ts";
import type { RegisteredClient } from "./clients.ts";
import {
  OAuthErrorResponse,
  type OAuthParameters,
  requestedScope,
  requiredParameter,
} from "./parameters.ts";

const REFRESH_TOKEN_DAYS = 30;

/** What a client was granted, and by whom. */
export interface Grant {
  readonly client: RegisteredClient;
  /** A user's name; of a client that acts for itself, its id. */
  readonly subject: string;
  readonly scope: readonly string[];
  /** When the user signed in, in milliseconds since the epoch. */
  readonly signedInAt?: number;
  /** What the client bound its ID token to (OpenID Connect Core §3.1.2.1). */
  readonly nonce?: string | undefined;
}

/** Whom an access token speaks for. */
export interface TokenHolder {
  readonly subject: string;
  readonly clientId: string;
  readonly scope: readonly string[];
}

/** The reply of the token endpoint: RFC 6749 §5.1, OpenID Connect Core §3.1.3.3. */
export interface OAuthTokenResponse {
  readonly access_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}

const JwtClaims = v.object({
  preferred_username: v.string(),
  /** The client it was issued to. */
  aud: v.string(),
  /** In seconds since the epoch. */
  exp: v.number(),
});

/** What a JWT of this server says of its holder. */
export type JwtClaims = v.InferOutput<typeof JwtClaims>;

/** The tokens of one authorization server. */
export interface OAuthTokens {
  /** Issues what the grant's scope calls for; access may be narrower (RFC 6749 §6). */
  issue(grant: Grant, issuer: string, access?: readonly string[]): Promise<OAuthTokenResponse>;
  /** Redeems a refresh token, which is dead afterwards (RFC 6749 §6, RFC 9700 §2.2.2). */
  refresh(
    client: RegisteredClient,
    parameters: OAuthParameters,
    issuer: string,
  ): Promise<OAuthTokenResponse>;
  /** Whom an access token that still lives speaks for. */
  verify(accessToken: string): TokenHolder | undefined;
  /** The claims of a JWT of this server, expired or not. */
  readJwt(jwt: string): JwtClaims | undefined;
}

/**
 * Access tokens are opaque, but for OpenID clients, whose gateways look into them: there they
 * are JWTs (RFC 9068). With `openid` comes an ID token, with `offline_access` a refresh token.
 */
export function createOAuthTokens(runtime: SandboxRuntime): OAuthTokens {
  const { now, randomBytes, createSigningKeys } = runtime;
  const signer = createJwtSigner(createSigningKeys);
  const holders = new ExpiringSecrets<TokenHolder>(runtime);
  const refreshable = new ExpiringSecrets<Grant>(runtime);
  const random = () => createSecret(randomBytes, 32, "base64url");

  async function issue(
    grant: Grant,
    iss: string,
    access = grant.scope,
  ): Promise<OAuthTokenResponse> {
    const { client, subject, nonce } = grant;
    const iat = Math.floor(now().getTime() / 1000);
    const exp = iat + client.tokenLifetime;
    const scope = access.join(" ");
    const openId = access.includes("openid");
    const claims = { iss, sub: subject, preferred_username: subject, aud: client.id, iat, exp };
    const accessClaims = { ...claims, client_id: client.id, scope, jti: random() };
    const accessToken = openId ? await signer.sign(accessClaims, "at+jwt") : random();
    holders.put(accessToken, { subject, clientId: client.id, scope: access }, exp * 1000);
    const auth_time = grant.signedInAt && Math.floor(grant.signedInAt / 1000);
    return {
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: client.tokenLifetime,
      scope,
      ...(grant.scope.includes("offline_access") && { refresh_token: allowRefresh(grant) }),
      ...(openId && { id_token: await signer.sign({ ...claims, auth_time, nonce }) }),
    };
  }

  function allowRefresh(grant: Grant): string {
    const lifetime = REFRESH_TOKEN_DAYS * 24 * 60 * 60 * 1000;
    return refreshable.issue({ ...grant, nonce: undefined }, lifetime);
  }

  return {
    issue,
    async refresh(client, parameters, issuer) {
      const token = requiredParameter(parameters, "refresh_token");
      const grant = refreshable.get(token);
      if (grant?.client !== client) {
        throw new OAuthErrorResponse(
          "invalid_grant",
          "the refresh token is not valid for this client",
        );
      }
      const access = requestedScope(parameters, grant.scope);
      refreshable.delete(token);
      return issue(grant, issuer, access);
    },
    verify: (accessToken) => holders.get(accessToken),
    readJwt(jwt) {
      const claims = signer.verify(jwt);
      return claims === undefined ? undefined : v.parse(JwtClaims, claims);
    },
  };
}
