import type { Connection, Transport } from "../../core/connection.ts";
import { requireTokenCredential } from "../../core/credential.ts";
import { Secret } from "../../core/secret.ts";
import { bearer } from "../../http/bearer.ts";
import { createHttpClient, type HttpClient } from "../../http/client.ts";
import { expiryOfJwt } from "../../http/jwt.ts";
import type { OAuthOptions } from "../../http/oauth.ts";
import type { OutgoingRequest } from "../../http/send-request.ts";
import type { ErrorResponse } from "../../http/status-errors.ts";
import { isDatabaseFault, toOsmoError } from "./errors.ts";
import { checkUser, JwtBody } from "./wire.ts";

/** The version of the service's API that this provider speaks. */
const clientVersion = "6.4.0";

const common = { "x-osmo-client-version": clientVersion };

/** A JWT is given up this long before it ends, so that it does not end on its way. */
const marginMs = 3000;

/** How long a JWT must last for a renewal, which can't exchange the very token that it deletes. */
const steadyMarginMs = 60_000;

/** The gateway takes the ID token, whose audience is the client. */
export const osmoOAuthOptions: OAuthOptions = { idToken: true };

/** One sign-in, and the clients that share it. */
export interface OsmoClient {
  readonly http: HttpClient;
  /** Makes a client that ^C does not stop, for what must not be left half done. */
  readonly steady: () => HttpClient;
  /** Returns the JWT that an access token is exchanged for, which the gateway takes as Bearer. */
  readonly bearer: () => Promise<Secret>;
}

/**
 * Signs in as it is needed: an access token is exchanged for a JWT, which is kept in memory for its
 * life and exchanged once more if it is refused; to a development service a user is named.
 */
export function openOsmoClient(connection: Connection): OsmoClient {
  const { url, credential, transport } = connection;
  const shared = {
    baseUrl: url,
    toApiError: (response: ErrorResponse) =>
      toOsmoError(response, credential.kind === "user" ? credential.user : undefined),
    isTransient: isDatabaseFault,
    onResponse: (header: (name: string) => string | undefined) => {
      for (const text of decodeWarning(header("x-osmo-warning")))
        transport.warn({ text, always: isAboutLoss(text) });
    },
  };
  let jwt: { readonly value: Secret; readonly endsAt: number } | undefined;

  /** Clients share the JWT; each of them fetches it as steadily as it does everything else. */
  function exchanged(transport: Transport, isSteady: boolean) {
    let pinned = false;
    const accessToken = requireTokenCredential(credential);
    const exchange = createHttpClient({ ...shared, transport, headers: () => common });
    async function currentJwt(): Promise<Secret> {
      const margin = isSteady ? steadyMarginMs : marginMs;
      if (!jwt || (!pinned && jwt.endsAt - margin <= transport.now().getTime())) {
        const { token, expires_at } = await exchange.request(
          "POST /api/auth/jwt/access_token",
          JwtBody,
          { json: { token: accessToken.reveal() } },
        );
        jwt = { value: new Secret(token), endsAt: expiryOfJwt(token) ?? (expires_at ?? 0) * 1000 };
      }
      // The token that was exchanged may be deleted by the next request: its JWT must do.
      pinned = isSteady;
      return jwt.value;
    }
    return {
      currentJwt,
      headers: async () => ({
        ...common,
        authorization: `Bearer ${(await currentJwt()).reveal()}`,
      }),
      reauthorize() {
        jwt = undefined;
      },
    };
  }

  function identify(transport: Transport, isSteady: boolean) {
    if (credential.kind === "user") return named(credential.user);
    if (credential.kind === "token") return exchanged(transport, isSteady);
    const options = { ...osmoOAuthOptions, ...(isSteady && { margin: steadyMarginMs }) };
    const { headers, reauthorize } = bearer({ ...connection, transport }, options);
    return {
      headers: async (request: OutgoingRequest) => ({ ...common, ...(await headers(request)) }),
      ...(reauthorize && { reauthorize }),
    };
  }

  function client(interrupt: AbortSignal, isSteady: boolean): HttpClient {
    const own = { ...transport, interrupt };
    const identity = identify(own, isSteady);
    return createHttpClient({ ...shared, ...identity, transport: own });
  }

  return {
    http: client(transport.interrupt, false),
    steady: () => client(new AbortController().signal, true),
    bearer: () => exchanged(transport, false).currentJwt(),
  };
}

function named(name: string) {
  const user = checkUser(name);
  return { headers: () => ({ ...common, "x-osmo-user": user }) };
}

/** The service warns of two things in one header: the credential that ends soon, and a newer client. */
const isAboutLoss = (text: string): boolean => /^warning: access token .* expir/i.test(text);

/** Base64 of UTF-8 text, a warning a line. */
const decodeWarning = (header: string | undefined): readonly string[] =>
  header === undefined
    ? []
    : Buffer.from(header, "base64").toString("utf8").split("\n").filter(Boolean);
