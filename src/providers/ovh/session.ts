import { createHash } from "node:crypto";
import * as v from "valibot";
import type { Connection } from "../../core/connection.ts";
import type { Credential } from "../../core/credential.ts";
import type { Identity } from "../../core/provider.ts";
import { NotFoundError } from "../../errors.ts";
import { createHttpClient, type HttpClient } from "../../http/client.ts";
import { bearer } from "../../http/oauth.ts";
import type { OutgoingRequest } from "../../http/send-request.ts";
import type { ErrorResponse } from "../../http/status-errors.ts";

/** An HTTP client of OVHcloud's public API: it signs each request, or sends a Bearer token. */
export function openSignedClient(
  connection: Pick<Connection, "url" | "credential" | "transport" | "replaceCredential">,
): HttpClient {
  const { url, credential, transport } = connection;
  if (credential.kind !== "application")
    return createHttpClient({
      baseUrl: url,
      transport,
      toApiError: toOvhError,
      ...bearer(connection),
    });

  const { applicationKey, applicationSecret, consumerKey } = credential;
  const unsigned = createHttpClient({ baseUrl: url, transport, headers: () => ({}) });
  let clockOffset: Promise<number> | undefined;
  /** A signature holds the server's time, whatever the local clock says: read once, in seconds. */
  async function serverTime(): Promise<number> {
    const local = () => Math.floor(transport.now().getTime() / 1000);
    clockOffset ??= unsigned
      .request("GET /auth/time", v.pipe(v.number(), v.safeInteger(), v.minValue(0)))
      .then((remote) => remote - local());
    return (await clockOffset) + local();
  }
  return createHttpClient({
    baseUrl: url,
    transport,
    toApiError: toOvhError,
    async headers(request) {
      const timestamp = String(await serverTime());
      return {
        "x-ovh-application": applicationKey,
        "x-ovh-consumer": consumerKey.reveal(),
        "x-ovh-timestamp": timestamp,
        "x-ovh-signature": sign(request, {
          applicationSecret: applicationSecret.reveal(),
          consumerKey: consumerKey.reveal(),
          timestamp,
        }),
      };
    },
  });
}

/** What every project has, with or without a namespace. */
const collection =
  /\/cloud\/project\/[^/]+\/ai\/(?:capabilities\/region|token|(serving\/[^/]+)\/token)$/;

/** Explains the 404 of a collection: the project or the namespace does not exist, not a token. */
function toOvhError({
  status,
  url,
  message,
  isHtml,
  requestId,
}: ErrorResponse): NotFoundError | undefined {
  const [path, serving] = collection.exec(url.pathname) ?? [];
  if (status !== 404 || isHtml || path === undefined) return undefined;
  return new NotFoundError(
    `${url.origin} knows no ${url.pathname} (404)${message ? `: ${message}` : "."}`,
    { requestId, hint: `Check --project${serving ? ", --namespace" : ""} and --url.` },
  );
}

/** `$1$` and the SHA-1 of secret, consumer key, method, whole URL, body and time, joined by `+`. */
function sign(
  { method, url, body }: OutgoingRequest,
  {
    applicationSecret,
    consumerKey,
    timestamp,
  }: Readonly<Record<"applicationSecret" | "consumerKey" | "timestamp", string>>,
): string {
  const signed = [applicationSecret, consumerKey, method, url, body, timestamp].join("+");
  return `$1$${createHash("sha1").update(signed).digest("hex")}`;
}

/** All that is known of a credential that this API let in. */
export const identify = (
  provider: string,
  { url, credential, whereabouts }: Connection,
): Identity => ({
  provider,
  url: url.href.replace(/\/$/, ""),
  name: nameOf(credential),
  kind: credential.kind === "token" ? "bearer" : credential.kind,
  roles: [],
  project: whereabouts.project ?? null,
  owner: null,
  pools: [],
  defaultPool: null,
  tokenName: null,
  expiresAt: null,
});

const nameOf = (credential: Credential): string | null =>
  credential.kind === "application"
    ? credential.applicationKey
    : credential.kind === "oauth"
      ? credential.clientId
      : null;
