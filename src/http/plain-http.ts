import type { LookupFunction } from "node:net";
import { anySignal, raceAbort } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import { isLoopback, withoutTrailingSlash } from "../core/url.ts";
import { InterruptedError, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

/** Returns whether a URL is plain HTTP to a host other than `localhost` and loopback addresses. */
export const isPlainHttp = ({ protocol, hostname }: URL): boolean =>
  protocol === "http:" && !isLoopback(hostname);

/** The rule for plain HTTP. */
interface Rule {
  /** Whether every host is allowed; otherwise, only hosts with loopback addresses and no others. */
  readonly allowHttp: boolean;
  readonly lookup: Host["lookup"];
}

/**
 * Checks a URL before a credential is sent there. Warns if the user allowed plain HTTP.
 * @returns whether the credential is sent to another machine without encryption.
 * @throws UsageError for plain HTTP to a host with another address than loopback, or without any;
 * InterruptedError.
 */
export async function checkPlainHttp(
  url: URL,
  { allowHttp, lookup }: Rule,
  {
    deadline,
    timeout,
    interrupt,
    warn,
  }: Pick<Transport, "deadline" | "timeout" | "interrupt" | "warn">,
): Promise<boolean> {
  if (!isPlainHttp(url)) return false;
  if (allowHttp) {
    warn({
      text: `warning: ${url.origin} uses plain http: the credential is sent unencrypted.`,
      always: true,
    });
    return true;
  }
  const { signal, release } = anySignal(deadline(timeout), interrupt);
  try {
    const found = lookup(url.hostname).catch((error: unknown) => error);
    const addresses = await raceAbort(found, signal, () => signal.reason);
    const error = refusePlainHttp(url.host, Array.isArray(addresses) ? addresses : [], url);
    if (error) throw error;
    return false;
  } catch (error) {
    if (interrupt.aborted)
      throw new InterruptedError(`Interrupted while resolving ${url.hostname}.`, interrupt);
    throw error instanceof UsageError
      ? error
      : toPlainHttpError(url.host, "the DNS lookup timed out", url);
  } finally {
    release();
  }
}

/**
 * Wraps a DNS lookup for plain HTTP connections: fails with a UsageError unless all addresses are
 * loopback addresses. The connection uses exactly the checked addresses.
 */
export const lookupLoopback =
  (lookup: LookupFunction): LookupFunction =>
  (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const all = Array.isArray(found) ? found : [];
      const addresses = all.map(({ address }) => address);
      const failure = error ?? refusePlainHttp(hostname, addresses);
      const [first] = all;
      if (failure || !first) callback(failure ?? null, []);
      else if (options.all) callback(null, all);
      else callback(null, first.address, first.family);
    });

/**
 * Returns the error for plain HTTP to a host; undefined if all its addresses are loopback addresses.
 * @param url the URL to suggest with https.
 */
export function refusePlainHttp(
  host: string,
  addresses: readonly string[],
  url?: URL,
): UsageError | undefined {
  const remote = addresses.find((address) => !isLoopback(address));
  if (remote !== undefined)
    return toPlainHttpError(host, `${remote} is not a loopback address`, url);
  return addresses.length > 0 ? undefined : toPlainHttpError(host, "could not resolve host", url);
}

function toPlainHttpError(host: string, reason: string, url?: URL): UsageError {
  const word = url && withoutTrailingSlash(url);
  return new UsageError(`Refusing to send the credential over plain HTTP to ${host} (${reason}).`, {
    unknownWord:
      word === undefined
        ? undefined
        : { word, candidates: [word.replace("http:", "https:")], isDerived: true },
    hint: plainHttpHint,
  });
}

/** The hint of errors that reject plain HTTP. */
export const plainHttpHint =
  "Use https. Plain HTTP is allowed for loopback hosts only (127.0.0.1, [::1], localhost). If you trust the network, allow it with --allow-http (TOKCTL_ALLOW_HTTP=1).";
