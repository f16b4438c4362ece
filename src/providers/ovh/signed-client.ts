import { createHash } from "node:crypto";
import * as v from "valibot";
import type { Connection } from "../../core/connection.ts";
import { NotFoundError } from "../../errors.ts";
import { bearer } from "../../http/bearer.ts";
import { createHttpClient, type HttpClient } from "../../http/client.ts";
import {
  describeFailure,
  describeStatus,
  type ErrorResponse,
} from "../../http/errors/status-errors.ts";
import type { OutgoingRequest } from "../../http/send-request.ts";

/**
 * Creates an HTTP client of OVHcloud's public API. It signs each request with the application's keys,
 * or sends a Bearer token.
 * @see https://docs.ovh.com/gb/en/customer/first-steps-with-ovh-api/
 */
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
  /** Returns the server's time in seconds, by an offset that is read once: the local clock may be wrong. */
  async function serverTime(): Promise<number> {
    const local = () => Math.floor(transport.now().getTime() / 1000);
    clockOffset ??= unsigned
      .request("GET /auth/time", v.pipe(v.number(), v.safeInteger(), v.minValue(0)), {
        action: "read the time of the server",
      })
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

/** Paths of the collections of a project or namespace. */
const collectionPath =
  /\/cloud\/project\/[^/]+\/ai\/(?:capabilities\/region|token|(serving\/[^/]+)\/token)$/;

/** Converts the 404 of a collection: the project or the namespace does not exist. */
function toOvhError(response: ErrorResponse): NotFoundError | undefined {
  const { status, url, message, isHtml, requestId } = response;
  const [path, serving] = collectionPath.exec(url.pathname) ?? [];
  if (status !== 404 || isHtml || path === undefined) return undefined;
  const { sentence, reason } = describeFailure(response, describeStatus(404, message));
  return new NotFoundError(sentence, {
    reason,
    requestId,
    hint: `Check --project${serving ? ", --namespace" : ""} and --url.`,
  });
}

/** Returns `$1$` and the SHA-1 of secret, consumer key, method, URL, body and timestamp, joined by `+`. */
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
