import * as v from "valibot";
import type { Connection, Transport } from "../core/connection.ts";
import {
  type Credential,
  type OAuthCredential,
  requireTokenCredential,
} from "../core/credential.ts";
import { Secret } from "../core/secret.ts";
import { clampTimestamp } from "../core/time.ts";
import { CliError, type ErrorCode, type ErrorDetails, UnauthenticatedError } from "../errors.ts";
import { createHttpClient, type HttpClientOptions } from "./client.ts";
import { SecretText } from "./schema.ts";
import type { ErrorResponse } from "./status-errors.ts";
import { parseBaseUrl } from "./url.ts";

/**
 * Sends the credential as Bearer (RFC 6750 §2.1): a ready token as it is, one of an authorization
 * server as long as it lasts, and then the next.
 * @throws UsageError for a credential of another kind.
 */
export function bearer(
  connection: Pick<Connection, "credential" | "transport" | "replaceCredential">,
  options?: OAuthOptions,
): Pick<HttpClientOptions, "headers" | "reauthorize"> {
  const { credential } = connection;
  return credential.kind === "oauth"
    ? renewedBearer(connection, credential, options)
    : { headers: () => staticBearer(credential) };
}

const staticBearer = (credential: Credential) => ({
  authorization: `Bearer ${requireTokenCredential(credential).reveal()}`,
});

/** Who asks a token endpoint, and where that is. */
export type OAuthClient = Pick<OAuthCredential, "tokenUrl" | "clientId" | "clientSecret">;

/** A success of the token endpoint: RFC 6749 §5.1, OpenID Connect Core §3.1.3.3. */
const TokenReply = v.object({
  access_token: SecretText,
  /** Seconds. */
  expires_in: v.nullish(v.number()),
  refresh_token: v.nullish(SecretText),
  id_token: v.nullish(SecretText),
});
export type TokenReply = v.InferOutput<typeof TokenReply>;

/** A refusal in the words of RFC 6749 §5.2 or RFC 8628 §3.5: `error` tells what a client may act on. */
export class OAuthError extends CliError {
  override name = "OAuthError";
  readonly error: string;
  constructor(error: string, code: ErrorCode, message: string, details: ErrorDetails) {
    super(code, message, details);
    this.error = error;
  }
}

/** The request itself was wrong; whatever else is refused, somebody has to sign in otherwise. */
const wrongRequests = ["invalid_request", "unsupported_grant_type", "invalid_scope"];

/** Reads a refusal of an OAuth 2.0 endpoint, if it is one. */
function toOAuthError({ status, url, body, requestId }: ErrorResponse): OAuthError | undefined {
  if (typeof body !== "object" || body === null || !("error" in body)) return undefined;
  if (typeof body.error !== "string") return undefined;
  const words =
    "error_description" in body && typeof body.error_description === "string"
      ? body.error_description
      : body.error;
  return new OAuthError(
    body.error,
    wrongRequests.includes(body.error) ? "usage" : "unauthenticated",
    `${url.origin} does not let you sign in (${status}): ${words.slice(0, 500)}`,
    { hint: "Check what you signed in with, and sign in once more with tokctl login.", requestId },
  );
}

/**
 * Asks a token endpoint (RFC 6749 §3.2) for what the parameters say; the client authenticates in
 * the body (§2.3.1).
 * @throws OAuthError for a refusal; CliError without an answer.
 */
export async function requestTokens(
  transport: Transport,
  { tokenUrl, clientId, clientSecret }: OAuthClient,
  parameters: Readonly<Record<string, string>>,
): Promise<TokenReply> {
  return postForm(transport, tokenUrl, TokenReply, {
    ...parameters,
    client_id: clientId,
    ...(clientSecret && { client_secret: clientSecret.reveal() }),
  });
}

/**
 * Posts a form to an endpoint of an authorization server.
 * @throws OAuthError for a refusal; UsageError for an address that would take secrets unencrypted.
 */
export async function postForm<Schema extends v.GenericSchema>(
  transport: Transport,
  address: string,
  schema: Schema,
  form: Readonly<Record<string, string>>,
): Promise<v.InferOutput<Schema>> {
  const { origin, pathname } = parseBaseUrl(address, "The token endpoint");
  const http = createHttpClient({
    baseUrl: new URL(origin),
    transport,
    headers: () => ({}),
    toApiError: toOAuthError,
  });
  return http.request(`POST ${pathname as `/${string}`}`, schema, {
    form,
  });
}

/** Which of the tokens an API takes as Bearer. */
export interface OAuthOptions {
  /** The ID token, if there is one, which names the client as its audience. */
  readonly idToken?: boolean;
  /** An access token is given up so many milliseconds before it ends. */
  readonly margin?: number;
}

/** What a reply leaves of the tokens before it: a refresh token stays good unless another comes. */
export function toOAuthCredential(
  before: OAuthClient & Pick<OAuthCredential, "grant" | "refreshToken" | "scope">,
  { access_token, id_token, expires_in, refresh_token }: TokenReply,
  now: Date,
  { idToken = false }: OAuthOptions = {},
): OAuthCredential {
  const bearer = (idToken ? id_token : undefined) ?? access_token;
  // What is no lifetime tells nothing: the token is used until it is refused.
  const lifetime = expires_in && expires_in > 0 ? expires_in * 1000 : undefined;
  const end = endOfJwt(bearer) ?? (lifetime === undefined ? undefined : now.getTime() + lifetime);
  return {
    kind: "oauth",
    grant: before.grant,
    tokenUrl: before.tokenUrl,
    clientId: before.clientId,
    clientSecret: before.clientSecret,
    scope: before.scope,
    refreshToken: refresh_token ? new Secret(refresh_token) : before.refreshToken,
    accessToken: new Secret(bearer),
    expiresAt: end === undefined ? undefined : clampTimestamp(end),
  };
}

/** What a JWT says (RFC 7519 §4), as far as it is one; its signature is the service's to check. */
export function claimsOf(jwt: string): Readonly<Record<string, unknown>> {
  try {
    const claims = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
}

/** The `exp` of a JWT (RFC 7519 §4.1.4), in milliseconds. */
export function endOfJwt(jwt: string): number | undefined {
  const { exp } = claimsOf(jwt);
  return typeof exp === "number" ? exp * 1000 : undefined;
}

/**
 * Sends an access token as Bearer (RFC 6750 §2.1), which is got anew before it ends and once after
 * it was refused. Another process may have done that already: then its token is taken.
 */
export function renewedBearer(
  { transport, replaceCredential }: Pick<Connection, "transport" | "replaceCredential">,
  credential: OAuthCredential,
  options: OAuthOptions = {},
): Required<Pick<HttpClientOptions, "headers" | "reauthorize">> {
  const { margin = 10_000 } = options;
  let current = credential;
  let refused = false;
  let renewal: Promise<OAuthCredential> | undefined;
  const lasts = ({ accessToken, expiresAt }: OAuthCredential) =>
    accessToken !== undefined &&
    (expiresAt === undefined || Date.parse(expiresAt) - margin > transport.now().getTime());
  // A refresh token may be good for one use: no ^C between its use and the keeping of the next.
  const steady = { ...transport, interrupt: new AbortController().signal };
  const renew = async (): Promise<OAuthCredential> => {
    const replaced = await replaceCredential(async (kept) =>
      kept.kind === "oauth" && !sameToken(kept, current) && lasts(kept)
        ? kept
        : redeem(steady, kept.kind === "oauth" ? kept : current, options),
    );
    return replaced.kind === "oauth" ? replaced : current;
  };
  return {
    async headers() {
      if (refused || !lasts(current)) {
        renewal ??= renew().finally(() => {
          renewal = undefined;
        });
        current = await renewal;
        refused = false;
      }
      return { authorization: `Bearer ${current.accessToken?.reveal()}` };
    },
    reauthorize() {
      refused = true;
    },
  };
}

const sameToken = (a: OAuthCredential, b: OAuthCredential): boolean =>
  a.accessToken?.reveal() === b.accessToken?.reveal();

async function redeem(
  transport: Transport,
  credential: OAuthCredential,
  options: OAuthOptions,
): Promise<OAuthCredential> {
  const { grant, refreshToken, scope } = credential;
  if (grant === "refresh_token" && !refreshToken)
    throw new UnauthenticatedError("The sign-in has ended, and the server gave nothing to go on.", {
      hint: "Sign in once more with tokctl login.",
    });
  const reply = await requestTokens(transport, credential, {
    grant_type: grant,
    ...(refreshToken && { refresh_token: refreshToken.reveal() }),
    ...(grant === "client_credentials" && scope !== undefined && { scope }),
  });
  return toOAuthCredential(credential, reply, transport.now(), options);
}
