import { anySignal } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import type { Secret } from "../core/secret.ts";
import { CliError } from "../errors.ts";
import type { FetchReply } from "../host.ts";
import { noEffect, type RequestEffect, toNetworkError } from "./errors/network-errors.ts";
import { NotConnectedError } from "./errors/network-fault.ts";
import { headerEntries } from "./response.ts";

/** One HTTP request. */
export interface HttpRequest {
  /** What the request does, as a phrase for errors. */
  readonly action?: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body?: string | undefined;
  /** The effect of a request other than GET. */
  readonly effect?: RequestEffect;
  /** Whether an earlier attempt was sent and its outcome is unknown. */
  readonly wasSentBefore?: boolean | undefined;
  /** Aborts the request once enough of its response is read. */
  readonly enough?: AbortSignal;
}

/**
 * Sends a request and reads the response within the transport's timeout.
 * @throws CliError `network`, `outcome_unknown` or InterruptedError without a complete response;
 * errors of `read`.
 */
export async function exchange<T>(
  { action, method, url, headers, body, effect = noEffect, wasSentBefore, enough }: HttpRequest,
  { fetch, now, deadline, interrupt, timeout, trace }: Transport,
  read: (response: FetchReply) => Promise<T>,
): Promise<T> {
  trace(`${method} ${url.href}`);
  traceHeaders(">", Object.entries(headers), trace);
  const started = now().getTime();
  const elapsed = () => `${now().getTime() - started} ms`;
  let statusReceived: number | undefined;
  const { signal, release } = anySignal(deadline(timeout), interrupt, ...(enough ? [enough] : []));
  try {
    // An earlier step, such as signing in, may have used up the time.
    if (signal.aborted) throw new NotConnectedError(signal.reason);
    const response = await fetch(url.href, {
      method,
      headers,
      ...(body !== undefined && { body }),
      signal,
    });
    statusReceived = response.status;
    const result = await read(response);
    trace(`${response.status} in ${elapsed()}`);
    traceHeaders("<", headerEntries(response), trace);
    return result;
  } catch (error) {
    trace(`${statusReceived ?? "no response"}, failed after ${elapsed()}`);
    if (error instanceof CliError) throw error;
    const request = {
      action,
      method,
      url,
      timeout,
      interrupt,
      effect,
      wasSentBefore,
      statusReceived,
    };
    throw toNetworkError(error, request);
  } finally {
    release();
  }
}

/** Returns a transport that prefixes its trace with the number of the request. */
export function numberRequest(transport: Transport): Transport {
  const number = transport.nextRequestNumber();
  return { ...transport, trace: (line) => transport.trace(`#${number} ${line}`) };
}

/** Headers that never contain a credential. The values of all others are masked. */
const unmasked =
  /^(accept|content-type|content-length|date|server|user-agent|retry-after|x-request-id|x-ovh-queryid|allow|via|cache-control)$/;

function traceHeaders(
  direction: ">" | "<",
  headers: Iterable<readonly [string, string]>,
  trace: (line: string) => void,
): void {
  for (const [name, value] of headers)
    trace(`${direction} ${name}: ${unmasked.test(name) ? value : "•••"}`);
}

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
