import { isIP } from "node:net";
import { anySignal, raceAbort } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import { dayMs, parseHttpDate } from "../core/time.ts";
import { isLoopback, withoutTrailingSlash } from "../core/url.ts";
import { CliError, InterruptedError } from "../errors.ts";
import type { Peer } from "../host.ts";
import { noEffect } from "../http/errors/network-errors.ts";
import { exchange } from "../http/exchange.ts";
import { type HttpResponse, readResponse } from "../http/response.ts";
import { unwrap } from "../session/target/target.ts";
import type { CheckResult, DoctorContext, RunCheck } from "./check-runner.ts";

const maxClockOffsetSeconds = 60;
const slowResponseMs = 2000;
/** Milliseconds before the expiry of a certificate from when the check warns. */
const certificateNoticeMs = 14 * dayMs;

/**
 * Checks proxy, certificates, DNS, connection, TLS, clock and latency.
 * @returns true if the server responded.
 */
export async function runConnectivityChecks(
  context: DoctorContext,
  url: URL | undefined,
  runCheck: RunCheck,
): Promise<true | undefined> {
  const { host } = context;
  const isLocal = url !== undefined && isLoopback(url.hostname);
  const proxy = await runCheck("proxy", () => checkProxy(context, isLocal));
  const network = await runCheck("certificates", async () => {
    const network = await context.network();
    const hint = await findUnreadableBundles(context.host);
    return { detail: describeTrust(context), hint, value: network };
  });
  let peer: Peer | undefined;
  const seen = (each: Peer) => {
    peer = each;
  };
  const transport = network && context.directTransport({ ...network, seen });
  // Behind a proxy, the proxy resolves the server's name.
  const name = proxy && (proxy.hostname ?? url?.hostname);
  await runCheck(
    "dns",
    name === undefined || !transport ? undefined : () => checkDns(name, host.lookup, transport),
  );
  const response = await runCheck(
    "connection",
    url && transport && (() => checkConnection(context, url, transport)),
  );
  await runCheck("tls", response && (() => checkCertificate(peer, host.now())));
  await runCheck("clock", response && (() => checkClock(response, host.now())));
  await runCheck(
    "latency",
    url && transport && response && (() => checkLatency(context, url, transport)),
  );
  return response && true;
}

interface ProxyInForce {
  /** Undefined without a proxy. */
  readonly hostname?: string;
}

/** Checks the proxy. @throws UsageError for a proxy variable that is not a valid URL. */
async function checkProxy(
  context: DoctorContext,
  isLocal: boolean,
): Promise<CheckResult<ProxyInForce>> {
  const { proxy } = context.target;
  if (!proxy) return { detail: "none", value: {} };
  const { parseProxyUrl } = await import("../http/transport/proxy.ts");
  const { host, hostname } = parseProxyUrl(proxy.url, proxy.variable).url;
  if (isLocal)
    return { detail: `${host} (${proxy.variable}), not used for loopback addresses`, value: {} };
  const exceptions = proxy.noProxy === "" ? "" : `, except for ${proxy.noProxy} (NO_PROXY)`;
  return { detail: `${host} (${proxy.variable})${exceptions}`, value: { hostname } };
}

/** Environment variables that name a file with further trusted certificates. */
const bundleVariables = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"] as const;

/** Returns a hint for certificate files that can't be read or contain no certificate. */
async function findUnreadableBundles(host: DoctorContext["host"]): Promise<string | undefined> {
  const unreadable: string[] = [];
  for (const name of bundleVariables) {
    const path = host.env[name];
    if (!path) continue;
    const { readAllTrusted } = await import("../session/certificates.ts");
    if ((await readAllTrusted([], [path], host)).length === 0) unreadable.push(name);
  }
  if (unreadable.length === 0) return undefined;
  const isOne = unreadable.length === 1;
  return `${unreadable.join(" and ")} ${isOne ? "is" : "are"} ignored: the file is not readable or contains no PEM certificate.`;
}

function describeTrust({ target, host: { env } }: DoctorContext): string {
  const { caFile, certFile } = unwrap(target.certificates);
  const bundles = bundleVariables.filter((name) => env[name]);
  const paths = new Set(bundles.map((name) => env[name]));
  return [
    "Node's built-in certificates",
    ...(caFile ? [`${caFile.value} (${caFile.source})`] : []),
    ...[...paths].map(
      (path) => `${path} (${bundles.filter((name) => env[name] === path).join(", ")})`,
    ),
    ...(certFile ? [`client certificate ${certFile.value} (${certFile.source})`] : []),
  ].join("; ");
}

/**
 * Checks that the name of the server or proxy resolves.
 * @throws CliError `network` if it does not; InterruptedError.
 */
async function checkDns(
  name: string,
  lookup: DoctorContext["host"]["lookup"],
  { deadline, interrupt, timeout }: Transport,
): Promise<CheckResult<true>> {
  const address = name.replace(/^\[|\]$/g, "");
  if (isLoopback(name)) return { detail: `${address} is this machine`, value: true };
  if (isIP(address) !== 0)
    return { detail: `${address} is an IP address`, skipped: true, value: true };
  const { signal, release } = anySignal(deadline(timeout), interrupt);
  try {
    const addresses = await raceAbort(lookup(address), signal, () => signal.reason);
    return { detail: `${address} resolves to ${addresses.join(", ")}`, value: true };
  } catch (error) {
    if (interrupt.aborted)
      throw new InterruptedError(`Interrupted while resolving ${address}.`, interrupt);
    const code = error instanceof Error && "code" in error ? error.code : "timed out";
    throw new CliError("network", `Cannot resolve host ${address} (${code}).`, {
      hint: "Check the spelling of the host and your network connection. Behind a proxy, set HTTPS_PROXY.",
      cause: error,
    });
  } finally {
    release();
  }
}

/** Sends a request that needs no credential. @throws CliError without a response. */
function requestPublicPage(
  context: DoctorContext,
  url: URL,
  transport: Transport,
): Promise<HttpResponse> {
  const path = unwrap(context.target.provider).clockPath ?? "/";
  const request = {
    action: `read ${path}`,
    method: "GET",
    url: new URL(`${withoutTrailingSlash(url)}${path}`),
    headers: { accept: "application/json", "user-agent": transport.userAgent },
    effect: noEffect,
  };
  return exchange(request, transport, (reply) => readResponse(reply, request));
}

async function measureRequest(context: DoctorContext, url: URL, transport: Transport) {
  const { now } = context.host;
  const started = now().getTime();
  const response = await requestPublicPage(context, url, transport);
  return { response, elapsedMs: now().getTime() - started };
}

async function checkConnection(
  context: DoctorContext,
  url: URL,
  transport: Transport,
): Promise<CheckResult<HttpResponse>> {
  const { response, elapsedMs } = await measureRequest(context, url, transport);
  return {
    detail: `connected in ${elapsedMs} ms (HTTP ${response.status} without a credential)`,
    hint: hintForStatus(response.status),
    value: response,
  };
}

const hintForStatus = (status: number): string | undefined =>
  status >= 500
    ? "The server or a gateway in front of it failed. Try again later."
    : status >= 300 && status < 400
      ? "The server redirects. Check that the URL is the base URL of the API."
      : undefined;

/** Measures a second request, on the open connection. */
async function checkLatency(
  context: DoctorContext,
  url: URL,
  transport: Transport,
): Promise<CheckResult<true>> {
  const { elapsedMs } = await measureRequest(context, url, transport);
  return {
    detail: `${elapsedMs} ms`,
    hint:
      elapsedMs > slowResponseMs
        ? "The network or the server is slow. Use a nearer --region if possible."
        : undefined,
    value: true,
  };
}

function checkCertificate(peer: Peer | undefined, now: Date): CheckResult<true> {
  if (!peer) return { detail: "plain http, not encrypted", skipped: true, value: true };
  const { protocol, issuer, validTo } = peer;
  return {
    detail: `${protocol}, certificate from ${issuer}, valid until ${validTo.toISOString().slice(0, 10)}`,
    hint:
      validTo.getTime() - now.getTime() < certificateNoticeMs
        ? "The server's certificate expires soon. Ask its administrator to renew it."
        : undefined,
    value: true,
  };
}

/**
 * Compares this machine's clock with the server's: a response body with the time in seconds, else
 * the Date header.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1
 */
function checkClock({ json, header }: HttpResponse, now: Date): CheckResult<true> {
  const date = header("date");
  const serverTime = typeof json === "number" ? json * 1000 : parseHttpDate(date ?? "");
  if (Number.isNaN(serverTime))
    return { detail: "the server does not report its time", skipped: true, value: true };
  const seconds = Math.round((now.getTime() - serverTime) / 1000);
  const offset = Math.abs(seconds);
  return {
    detail:
      offset <= 1
        ? "in sync with the server"
        : `${offset} s ${seconds > 0 ? "ahead of" : "behind"} the server`,
    hint:
      offset > maxClockOffsetSeconds
        ? "Set the clock of this machine: expiry times depend on it."
        : undefined,
    value: true,
  };
}
