import { anySignal } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import { CliError } from "../errors.ts";
import type { FetchReply } from "../host/host.ts";
import { NotConnectedError, toNetworkError } from "./network-errors.ts";
import { headersOf } from "./reply.ts";

/** A request as it is sent. */
export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body?: string | undefined;
  /** What to tell someone whose change may have been made though its reply was lost. */
  readonly ifLost?: string | undefined;
  /** An earlier attempt was sent, and what became of it is not known. */
  readonly wasSentBefore?: boolean | undefined;
  /** Ends it before its reply is read to the end. */
  readonly enough?: AbortSignal;
}

/**
 * Sends a request and has its reply read, all within the time there is.
 * @throws CliError `network`, `outcome_unknown` or InterruptedError without a reply that can be
 * read; whatever `read` throws.
 */
export async function exchange<T>(
  { method, url, headers, body, ifLost, wasSentBefore, enough }: Outgoing,
  { fetch, now, deadline, interrupt, timeout, trace }: Transport,
  read: (reply: FetchReply) => Promise<T>,
): Promise<T> {
  trace(`${method} ${url.href}`);
  traceHeaders(">", Object.entries(headers), trace);
  const started = now().getTime();
  let begun: number | undefined;
  const { signal, release } = anySignal(deadline(timeout), interrupt, ...(enough ? [enough] : []));
  try {
    // What came before it, a sign-in say, may have taken all the time: it is not sent.
    if (signal.aborted) throw new NotConnectedError(signal.reason);
    const reply = await fetch(url.href, {
      method,
      headers,
      ...(body !== undefined && { body }),
      signal,
    });
    begun = reply.status;
    const result = await read(reply);
    trace(`${reply.status} in ${now().getTime() - started} ms`);
    traceHeaders("<", headersOf(reply), trace);
    return result;
  } catch (error) {
    trace(`${begun ?? "no response"}, failed after ${now().getTime() - started} ms`);
    if (error instanceof CliError) throw error;
    throw toNetworkError(error, { method, url, timeout, interrupt, ifLost, wasSentBefore, begun });
  } finally {
    release();
  }
}

/** The same transport, with a number in front of all that it traces: the next of its requests. */
export function numberRequest(transport: Transport): Transport {
  const number = transport.nextNumber();
  return { ...transport, trace: (line) => transport.trace(`#${number} ${line}`) };
}

/** Headers that can't carry a credential; of the others only the name is shown. */
const harmless =
  /^(accept|content-type|content-length|date|server|user-agent|retry-after|x-request-id|x-ovh-queryid|allow|via|cache-control)$/;

function traceHeaders(
  direction: ">" | "<",
  headers: Iterable<readonly [string, string]>,
  trace: (line: string) => void,
): void {
  for (const [name, value] of headers)
    trace(`${direction} ${name}: ${harmless.test(name) ? value : "•••"}`);
}
