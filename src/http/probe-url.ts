import type { Transport } from "../core/connection.ts";
import type { Secret } from "../core/secret.ts";
import { exchange, numberRequest } from "./exchange.ts";

/** The response of a URL to a token. */
export interface ProbeResult {
  readonly status: number;
  /** Time from the request to the response's headers. */
  readonly milliseconds: number;
}

/**
 * Sends a GET with a token as Bearer (RFC 6750 §2.1) and returns the status. Redirects are not
 * followed, and the body is not read, because it may be endless.
 * @throws CliError `network` without a response; InterruptedError.
 */
export function probeUrl(url: URL, token: Secret, transport: Transport): Promise<ProbeResult> {
  const { now, userAgent } = transport;
  const started = now().getTime();
  const headers = {
    accept: "*/*",
    "user-agent": userAgent,
    authorization: `Bearer ${token.reveal()}`,
  };
  const enough = new AbortController();
  const request = { method: "GET", url, headers, enough: enough.signal };
  return exchange(request, numberRequest(transport), async ({ status }) => {
    const milliseconds = now().getTime() - started;
    enough.abort();
    return { status, milliseconds };
  });
}
