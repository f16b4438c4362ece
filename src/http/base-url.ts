import type { LookupFunction } from "node:net";
import { anySignal, raceAbort } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import { isLoopback, withoutTrailingSlash } from "../core/url.ts";
import { InterruptedError, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

/**
 * Hosts for which a base URL may be plain HTTP: this machine (loopback names and addresses); also
 * names, which `checkPlainHttp()` and each connection resolve; or any host.
 */
export type HttpHosts = "this machine" | "names" | "any";

/**
 * Parses the base URL of an API.
 * @param source names the setting in errors: `--url`.
 * @throws UsageError unless it is https, or http for `httpHosts`, without user, query or fragment.
 */
export function parseBaseUrl(
  text: string,
  source: string,
  httpHosts: HttpHosts = "this machine",
): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) {
    const candidates = withScheme(text);
    // Other text may be a secret.
    const isUrlLike = candidates.length > 0 || /^\w+:\/\/[^@]*$/.test(text);
    throw new UsageError(`${source} is not an http(s) URL${isUrlLike ? `: ${text}` : "."}`, {
      hint: "Use an https URL, for example https://gra.example.com.",
      unknownWord: { word: text, candidates, isDerived: true },
    });
  }
  if (url.username || url.password)
    throw new UsageError(`${source} contains a user name or password.`, {
      hint: "Remove it from the URL and pass the credential with --app-token-file or TOKCTL_APP_TOKEN.",
    });
  if (/[?#]/.test(url.href))
    throw new UsageError(`${source} contains a query or a fragment.`, {
      hint: "Remove the ? or # and everything after it.",
    });
  // A regular expression instead of net.isIP, because loading node:net takes time.
  const isName = !/^(\[.*|[\d.]+)$/.test(url.hostname);
  if (isPlainHttp(url) && httpHosts !== "any" && !(httpHosts === "names" && isName))
    throw new UsageError(
      `Refusing to send the credential over plain HTTP to ${url.host} (${source}, not a loopback host).`,
      {
        unknownWord: {
          word: text,
          candidates: [text.replace(/^http:/i, "https:")],
          isDerived: true,
        },
        hint: plainHttpHint,
      },
    );
  return url;
}

/**
 * Suggests the URL for a host without a scheme, or with an unknown one: http for this machine. Text
 * that is not a host name gets no suggestion, because it may be a secret.
 */
function withScheme(text: string): readonly string[] {
  const rest = text.replace(/^(\w+:)?\/+/, "");
  const [host = ""] = /^(\[[\da-f:.]+\]|[\w.-]+)(?=(:\d+)?(\/[^@]*)?$)/i.exec(rest) ?? [];
  const isHere = isLoopback(host);
  const isName = host.split(".").every(({ length }) => length > 0 && length < 64);
  const isMeant =
    isHere || (isName && (/\.([a-z]+|\d{1,3})$/i.test(host) || rest.startsWith(`${host}:`)));
  return isMeant ? [`${isHere ? "http" : "https"}://${rest}`] : [];
}

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
const plainHttpHint = [
  "Use https. Plain HTTP is allowed for loopback hosts only (127.0.0.1, [::1], localhost).",
  "If you trust the network, allow it with --allow-http (TOKCTL_ALLOW_HTTP=1).",
];
