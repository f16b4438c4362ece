import type { Connection, Transport } from "../../core/connection.ts";
import { requireTokenCredential } from "../../core/credential.ts";
import { Secret } from "../../core/secret.ts";
import { bearer } from "../../http/bearer.ts";
import { createHttpClient, type HttpClient } from "../../http/client.ts";
import type { ErrorResponse } from "../../http/errors/status-errors.ts";
import { expiryOfJwt } from "../../http/jwt.ts";
import type { OAuthOptions } from "../../http/oauth.ts";
import type { OutgoingRequest } from "../../http/send-request.ts";
import { isDatabaseError, toOsmoError } from "./errors.ts";
import { checkUser, JwtBody } from "./wire.ts";

/** The version of the service's API that this provider implements. */
const clientVersion = "6.4.0";

const commonHeaders = { "x-osmo-client-version": clientVersion };

/** A JWT is replaced this many milliseconds before it expires, so that it does not expire in transit. */
const marginMs = 3000;

/**
 * The margin for a renewal. It is longer, because a renewal may delete the access token and then
 * can't get another JWT.
 */
const renewalMarginMs = 60_000;

/** The gateway expects the ID token, because its audience is the client. */
export const osmoOAuthOptions: OAuthOptions = { idToken: true };

/** HTTP clients that share one JWT. */
export interface OsmoClient {
  readonly http: HttpClient;
  /** Creates a client for a renewal, which ^C does not interrupt. */
  readonly createUninterruptible: () => HttpClient;
  /** Exchanges the access token for a JWT, which the gateway accepts as Bearer. */
  readonly bearer: () => Promise<Secret>;
}

/**
 * Creates clients of a service. An access token is exchanged for a JWT when the first request is sent,
 * before the JWT expires and after a 401. A service in developer mode gets the user name in a header.
 * @see https://nvidia.github.io/OSMO/
 */
export function openOsmoClient(connection: Connection): OsmoClient {
  const { url, credential, transport } = connection;
  const shared = {
    baseUrl: url,
    toApiError: (response: ErrorResponse) =>
      toOsmoError(response, credential.kind === "user" ? credential.user : undefined),
    isTransient: isDatabaseError,
    onResponse: (header: (name: string) => string | undefined) => {
      for (const text of decodeWarnings(header("x-osmo-warning")))
        transport.warn({ text, always: isExpiryWarning(text) });
    },
  };
  let jwt: { readonly value: Secret; readonly expiresAtMs: number } | undefined;

  function withJwt(transport: Transport, isRenewal: boolean) {
    let isPinned = false;
    const accessToken = requireTokenCredential(credential);
    const exchange = createHttpClient({ ...shared, transport, headers: () => commonHeaders });
    async function currentJwt(): Promise<Secret> {
      const margin = isRenewal ? renewalMarginMs : marginMs;
      if (!jwt || (!isPinned && jwt.expiresAtMs - margin <= transport.now().getTime())) {
        const { token, expires_at } = await exchange.request(
          "POST /api/auth/jwt/access_token",
          JwtBody,
          {
            action: "sign in with the access token",
            json: { token: accessToken.reveal() },
            effect: { kind: "repeatable" },
          },
        );
        jwt = {
          value: new Secret(token),
          expiresAtMs: expiryOfJwt(token) ?? (expires_at ?? 0) * 1000,
        };
      }
      // The next request may delete the access token. After that, no other JWT can be requested.
      isPinned = isRenewal;
      return jwt.value;
    }
    return {
      currentJwt,
      headers: async () => ({
        ...commonHeaders,
        authorization: `Bearer ${(await currentJwt()).reveal()}`,
      }),
      reauthorize() {
        jwt = undefined;
      },
    };
  }

  function authentication(transport: Transport, isRenewal: boolean) {
    if (credential.kind === "user") return withUserHeader(credential.user);
    if (credential.kind === "token") return withJwt(transport, isRenewal);
    const options = { ...osmoOAuthOptions, ...(isRenewal && { margin: renewalMarginMs }) };
    const { headers, reauthorize } = bearer({ ...connection, transport }, options);
    return {
      headers: async (request: OutgoingRequest) => ({
        ...commonHeaders,
        ...(await headers(request)),
      }),
      ...(reauthorize && { reauthorize }),
    };
  }

  function createClient(interrupt: AbortSignal, isRenewal: boolean): HttpClient {
    const own = { ...transport, interrupt };
    return createHttpClient({ ...shared, ...authentication(own, isRenewal), transport: own });
  }

  return {
    http: createClient(transport.interrupt, false),
    createUninterruptible: () => createClient(new AbortController().signal, true),
    bearer: () => withJwt(transport, false).currentJwt(),
  };
}

function withUserHeader(name: string) {
  const user = checkUser(name);
  return { headers: () => ({ ...commonHeaders, "x-osmo-user": user }) };
}

/** Returns whether a warning is about the expiry of the credential; the others are about newer clients. */
const isExpiryWarning = (text: string): boolean => /^warning: access token .* expir/i.test(text);

/** Decodes `x-osmo-warning`: Base64 of UTF-8 text with one warning per line. */
const decodeWarnings = (header: string | undefined): readonly string[] =>
  header === undefined
    ? []
    : Buffer.from(header, "base64").toString("utf8").split("\n").filter(Boolean);
