import { createHash } from "node:crypto";

/** What a signature vouches for. */
export interface SignedRequest {
  readonly applicationSecret: string;
  readonly consumerKey: string;
  readonly method: string;
  /** As the client called it, scheme and host included. */
  readonly url: string;
  readonly body: string;
  /** Seconds of the server's clock, as they stand in the header. */
  readonly timestamp: string;
}

/** `X-Ovh-Signature` of a request. */
export function sign(request: SignedRequest): string {
  const { applicationSecret, consumerKey, method, url, body, timestamp } = request;
  const signed = [applicationSecret, consumerKey, method, url, body, timestamp].join("+");
  return `$1$${createHash("sha1").update(signed).digest("hex")}`;
}
