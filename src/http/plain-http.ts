import type { LookupFunction } from "node:net";
import { anySignal, raceAbort } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import { isLoopback } from "../core/url.ts";
import { InterruptedError, UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";

/** Returns whether a URL is plain http to a host that is not this machine by its very name. */
export const isPlainHttp = ({ protocol, hostname }: URL): boolean =>
  protocol === "http:" && !isLoopback(hostname);

/** Which plain http is allowed. */
interface Rule {
  /** To every host; otherwise only to a host all of whose addresses are loopback addresses. */
  readonly allowHttp: boolean;
  readonly lookup: Host["lookup"];
}

/**
 * Checks a URL before a credential is sent there. Warns where plain http is allowed by the user.
 * @returns whether the credential is sent to another machine without encryption.
 * @throws UsageError for plain http to a host that has an address of another machine, or none;
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
      text: `Warning: ${url.origin} is plain http: the credential is sent without encryption.`,
      always: true,
    });
    return true;
  }
  const { signal, release } = anySignal(deadline(timeout), interrupt);
  try {
    const found = lookup(url.hostname).catch((error: unknown) => error);
    const addresses = await raceAbort(found, signal, () => signal.reason);
    const refusal = refusePlainHttp(url.host, Array.isArray(addresses) ? addresses : [], url);
    if (refusal) throw refusal;
    return false;
  } catch (error) {
    if (interrupt.aborted)
      throw new InterruptedError(`Stopped while looking up ${url.hostname}.`, interrupt);
    throw error instanceof UsageError
      ? error
      : toRefusal(url.host, "its name lookup timed out", url);
  } finally {
    release();
  }
}

/**
 * Looks up a host for a plain http connection, which is made to exactly the addresses that are
 * checked here. Fails with a UsageError unless all of them are loopback addresses.
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
 * The error for plain http to a host, unless all of its addresses are loopback addresses.
 * @param url for which https is suggested.
 */
export function refusePlainHttp(
  host: string,
  addresses: readonly string[],
  url?: URL,
): UsageError | undefined {
  const remote = addresses.find((address) => !isLoopback(address));
  if (remote !== undefined) return toRefusal(host, `${remote} is not a loopback address`, url);
  return addresses.length > 0 ? undefined : toRefusal(host, "its name can't be looked up", url);
}

function toRefusal(host: string, reason: string, url?: URL): UsageError {
  const word = url?.href.replace(/\/$/, "");
  return new UsageError(`The credential would be sent unencrypted to ${host}: ${reason}.`, {
    misspelt:
      word === undefined
        ? undefined
        : { word, known: [word.replace("http:", "https:")], isDerived: true },
    hint: plainHttpHint,
  });
}

/** What to do where plain http is refused. */
export const plainHttpHint =
  "Use https. Plain http is allowed to this machine (127.0.0.1, [::1], localhost, or a name with loopback addresses only); elsewhere, if you trust the network, with --allow-http (TOKCTL_ALLOW_HTTP=1).";
