import type { Transport } from "../core/connection.ts";
import type { Secret } from "../core/secret.ts";
import { exchange, numberRequest } from "./exchange.ts";

/** How a token was received at an address. */
export interface ProbeResult {
  readonly status: number;
  /** From the request to the beginning of the reply. */
  readonly milliseconds: number;
}

/**
 * Sends a GET with a token as Bearer (RFC 6750 §2.1), to see how it is received. A redirect is not
 * followed, and of the reply nothing is read: it may have no end.
 * @throws CliError `network` without a reply, InterruptedError.
 */
export function probe(url: URL, token: Secret, transport: Transport): Promise<ProbeResult> {
  const { now, userAgent } = transport;
  const started = now().getTime();
  const headers = {
    accept: "*/*",
    "user-agent": userAgent,
    authorization: `Bearer ${token.reveal()}`,
  };
  const enough = new AbortController();
  const outgoing = { method: "GET", url, headers, enough: enough.signal };
  return exchange(outgoing, numberRequest(transport), async ({ status }) => {
    const milliseconds = now().getTime() - started;
    enough.abort();
    return { status, milliseconds };
  });
}
