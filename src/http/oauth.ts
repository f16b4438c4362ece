import * as v from "valibot";
import type { Transport } from "../core/connection.ts";
import type { OAuthCredential } from "../core/credential.ts";
import { Secret } from "../core/secret.ts";
import { clampTimestamp } from "../core/time.ts";
import { CliError, type ErrorCode, type ErrorDetails, UnauthenticatedError } from "../errors.ts";
import { parseBaseUrl } from "./base-url.ts";
import { createHttpClient } from "./client.ts";
import { describeStatus, type ErrorResponse } from "./errors/status-errors.ts";
import { expiryOfJwt } from "./jwt.ts";
import { SecretText } from "./schema.ts";

/** An OAuth 2.0 client and its token endpoint. */
export type OAuthClient = Pick<OAuthCredential, "tokenUrl" | "clientId" | "clientSecret">;

/** The response of a token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3). */
const TokenResponse = v.object({
  access_token: SecretText,
  /** The lifetime in seconds. */
  expires_in: v.nullish(v.number()),
  refresh_token: v.nullish(SecretText),
  id_token: v.nullish(SecretText),
});
export type TokenResponse = v.InferOutput<typeof TokenResponse>;

/** An error response of an authorization server (RFC 6749 §5.2, RFC 8628 §3.5). */
export class OAuthError extends CliError {
  override name = "OAuthError";
  /** The error code of the RFC: `invalid_grant`, `authorization_pending`. */
  readonly error: string;
  constructor(error: string, code: ErrorCode, message: string, details: ErrorDetails) {
    super(code, message, details);
    this.error = error;
  }
}

/** Error codes for an invalid request. All others mean that the user must sign in differently. */
const invalidRequests = ["invalid_request", "unsupported_grant_type", "invalid_scope"];

function toOAuthError({ status, url, body, requestId }: ErrorResponse): OAuthError | undefined {
  if (typeof body !== "object" || body === null || !("error" in body)) return undefined;
  const { error } = body;
  if (typeof error !== "string") return undefined;
  const description =
    "error_description" in body && typeof body.error_description === "string"
      ? body.error_description
      : error;
  return new OAuthError(
    error,
    invalidRequests.includes(error) ? "usage" : "unauthenticated",
    `Cannot sign in at ${url.origin}: ${describeStatus(status, description.slice(0, 500))}`,
    {
      hint: "Check the user name, password and client, and sign in again: tokctl login",
      requestId,
    },
  );
}

/**
 * Requests tokens with the parameters of one grant (RFC 6749 §3.2). The client authenticates in the
 * body (§2.3.1).
 * @throws OAuthError for an error response; CliError without a response.
 */
export function requestTokens(
  transport: Transport,
  { tokenUrl, clientId, clientSecret }: OAuthClient,
  parameters: Readonly<Record<string, string>>,
): Promise<TokenResponse> {
  return postForm(transport, tokenUrl, TokenResponse, {
    ...parameters,
    client_id: clientId,
    ...(clientSecret && { client_secret: clientSecret.reveal() }),
  });
}

/**
 * Posts a form to an endpoint of an authorization server.
 * @throws OAuthError for an error response; UsageError for a plain HTTP URL of another machine.
 */
export async function postForm<Schema extends v.GenericSchema>(
  transport: Transport,
  endpoint: string,
  schema: Schema,
  form: Readonly<Record<string, string>>,
): Promise<v.InferOutput<Schema>> {
  const { origin, pathname } = parseBaseUrl(endpoint, "The token endpoint");
  const http = createHttpClient({
    baseUrl: new URL(origin),
    transport,
    headers: () => ({}),
    toApiError: toOAuthError,
  });
  return http.request(`POST ${pathname as `/${string}`}`, schema, {
    action: "sign in",
    form,
    effect: { kind: "repeatable" },
  });
}

export interface OAuthOptions {
  /** Whether the API expects the ID token as Bearer, if the response contains one. */
  readonly idToken?: boolean;
}

/**
 * Converts a token response to a credential. Without a new refresh token, the previous one stays
 * valid (RFC 6749 §6).
 * @param previous the client, and the refreshed credential unless this is a sign-in.
 */
export function toOAuthCredential(
  previous: OAuthClient & Pick<OAuthCredential, "grant" | "refreshToken" | "scope">,
  { access_token, id_token, expires_in, refresh_token }: TokenResponse,
  now: Date,
  { idToken = false }: OAuthOptions = {},
): OAuthCredential {
  const token = (idToken ? id_token : undefined) ?? access_token;
  // A lifetime that is not positive counts as unknown: the token is used until it is rejected.
  const lifetimeMs = expires_in && expires_in > 0 ? expires_in * 1000 : undefined;
  const expiry =
    expiryOfJwt(token) ?? (lifetimeMs === undefined ? undefined : now.getTime() + lifetimeMs);
  return {
    kind: "oauth",
    grant: previous.grant,
    tokenUrl: previous.tokenUrl,
    clientId: previous.clientId,
    clientSecret: previous.clientSecret,
    scope: previous.scope,
    refreshToken: refresh_token ? new Secret(refresh_token) : previous.refreshToken,
    accessToken: new Secret(token),
    expiresAt: expiry === undefined ? undefined : clampTimestamp(expiry),
  };
}

/**
 * Requests the next access token with the credential's grant: refresh_token (RFC 6749 §6) or
 * client_credentials (§4.4).
 * @throws UnauthenticatedError without a refresh token; OAuthError for an error response.
 */
export async function refreshCredential(
  transport: Transport,
  credential: OAuthCredential,
  options: OAuthOptions = {},
): Promise<OAuthCredential> {
  const { grant, refreshToken, scope } = credential;
  if (grant === "refresh_token" && !refreshToken)
    throw new UnauthenticatedError("The sign-in has expired, and there is no refresh token.", {
      hint: "Sign in again: tokctl login",
    });
  const response = await requestTokens(transport, credential, {
    grant_type: grant,
    ...(refreshToken && { refresh_token: refreshToken.reveal() }),
    ...(grant === "client_credentials" && scope !== undefined && { scope }),
  });
  return toOAuthCredential(credential, response, transport.now(), options);
}
