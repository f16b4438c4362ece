import * as v from "valibot";
import type { SandboxRuntime } from "../api.ts";
import { createSecret } from "../generate.ts";
import { createJwtSigner } from "../jwt-signer.ts";
import { ExpiringSecrets } from "../store.ts";
import type { RegisteredClient } from "./clients.ts";
import {
  OAuthErrorResponse,
  type OAuthParameters,
  requestedScope,
  requiredParameter,
} from "./parameters.ts";

const refreshTokenDays = 30;

/** Access granted to a client by a user. */
export interface Grant {
  readonly client: RegisteredClient;
  /** Name of the user, or ID of the client for the client credentials grant. */
  readonly subject: string;
  readonly scope: readonly string[];
  /** Time of the sign-in, in milliseconds since the epoch. */
  readonly signedInAt?: number;
  /**
   * Value that the ID token repeats.
   * @see https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
   */
  readonly nonce?: string | undefined;
}

/** User, client and scope of an access token. */
interface TokenHolder {
  readonly subject: string;
  readonly clientId: string;
  readonly scope: readonly string[];
}

/**
 * Response of the token endpoint.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 * @see https://openid.net/specs/openid-connect-core-1_0.html#TokenResponse
 */
interface OAuthTokenResponse {
  readonly access_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}

const JwtClaims = v.object({
  preferred_username: v.string(),
  /** Client ID. */
  aud: v.string(),
  /** Seconds since the epoch. */
  exp: v.number(),
});

/** Claims of a JWT of this server. */
type JwtClaims = v.InferOutput<typeof JwtClaims>;

/** The tokens of one authorization server. */
export interface OAuthTokens {
  /**
   * Issues tokens for a grant.
   * @param access Scope of the access token, which can be narrower after a refresh
   */
  issue(grant: Grant, issuer: string, access?: readonly string[]): Promise<OAuthTokenResponse>;
  /**
   * Exchanges a refresh token, which is valid once.
   * @throws OAuthErrorResponse invalid_grant
   * @see https://www.rfc-editor.org/rfc/rfc6749#section-6
   * @see https://www.rfc-editor.org/rfc/rfc9700#section-2.2.2
   */
  refresh(
    client: RegisteredClient,
    parameters: OAuthParameters,
    issuer: string,
  ): Promise<OAuthTokenResponse>;
  /** Returns the holder of an access token, or undefined if it is unknown or expired. */
  verify(accessToken: string): TokenHolder | undefined;
  /** Returns the claims of a JWT of this server, even if it has expired. */
  readJwt(jwt: string): JwtClaims | undefined;
}

/**
 * Returns the tokens of an authorization server, initially none. Access tokens are opaque, or JWTs
 * with the scope `openid`, which the gateway verifies. The scope `openid` adds an ID token, and
 * `offline_access` a refresh token.
 * @see https://www.rfc-editor.org/rfc/rfc9068
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
    const exp = iat + client.tokenLifetimeSeconds;
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
      expires_in: client.tokenLifetimeSeconds,
      scope,
      ...(grant.scope.includes("offline_access") && { refresh_token: issueRefreshToken(grant) }),
      ...(openId && { id_token: await signer.sign({ ...claims, auth_time, nonce }) }),
    };
  }

  function issueRefreshToken(grant: Grant): string {
    const lifetimeMs = refreshTokenDays * 24 * 60 * 60 * 1000;
    return refreshable.issue({ ...grant, nonce: undefined }, lifetimeMs);
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
