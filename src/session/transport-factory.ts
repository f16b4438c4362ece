import { createCounter } from "../core/async.ts";
import {
  createTimeBudget,
  parseRetriesSetting,
  type TimeBudget,
  type Transport,
} from "../core/connection.ts";
import {
  type ClockReading,
  createServerClocks,
  type RequestInterval,
  type ServerClocks,
} from "../core/server-clock.ts";
import { toTimestamp } from "../core/time.ts";
import type { Host, Network, ProxySettings, Tls } from "../host.ts";
import { escapeControls } from "../output/escape.ts";
import { say } from "../output/message.ts";
import type { Progress } from "../output/progress.ts";
import type { OutputOptions } from "../output/view.ts";
import { version } from "../version.ts";
import type { CertificateFiles } from "./target/setting.ts";
import type { Target } from "./target/target.ts";

/** Creates the transports of a session. They share clocks, time budget and counters. */
export interface TransportFactory {
  /**
   * Reads the certificates and returns a transport that uses them.
   * @throws UsageError if a certificate file or TOKCTL_RETRIES is invalid.
   */
  open(certificates: CertificateFiles, allowHttp: boolean): Promise<Transport>;
  /** Returns a transport for a network. @throws UsageError if TOKCTL_RETRIES is invalid. */
  through(network: Network, retries?: number): Transport;
  /** The clocks of the servers that have sent a response. */
  readonly clocks: ServerClocks;
  /** The time limit for all requests of the session together. */
  readonly budget: TimeBudget;
}

/**
 * Milliseconds to reconcile or undo an operation after a lost response, even if the time budget is
 * used up; at most the timeout of a request.
 */
const reserve = 30_000;

/** The limits that the transports of several sessions share. */
export interface TransportLimits {
  readonly notBefore: Transport["notBefore"];
  /** Returns a fetch that waits while too many requests are in progress. */
  readonly limit: (fetch: Transport["fetch"]) => Transport["fetch"];
}

/** Creates the transports for a target's timeouts, retries and proxy. */
export function createTransportFactory(
  host: Host,
  options: OutputOptions & { readonly debug: boolean },
  { timeout, retries: retriesSetting, proxy }: Pick<Target, "timeout" | "retries" | "proxy">,
  progress: Pick<Progress, "trackRequests">,
  { notBefore, limit }: Partial<TransportLimits> = {},
): TransportFactory {
  const warned = new Set<string>();
  const nextRequestNumber = createCounter();
  const budget = createTimeBudget(host.now, timeout.total, Math.min(timeout.request, reserve));
  const clocks = createServerClocks(host.now);
  const through = (network: Network, retries = parseRetriesSetting(retriesSetting)): Transport => ({
    fetch: clocks.watch(
      progress.trackRequests(limit ? limit(host.createFetch(network)) : host.createFetch(network)),
    ),
    now: host.now,
    deadline: host.deadline,
    interrupt: host.interrupt,
    timeout: timeout.request,
    budget,
    retries,
    notBefore: notBefore ?? new Map(),
    userAgent: `tokctl/${version}`,
    sleep: host.sleep,
    randomBytes: host.randomBytes,
    nextRequestNumber,
    trace: (line) => {
      if (options.debug) void host.stderr.write(`debug: ${escapeControls(line)}\n`);
    },
    warn: (warning) => {
      if (!warned.has(warning.text)) void say(warning, options, host);
      warned.add(warning.text);
    },
  });
  return {
    open: async (certificates, allowHttp) =>
      through({ ...(await readNetwork(certificates, proxy, host)), allowHttp }),
    through,
    clocks,
    budget,
  };
}

/**
 * Reads the certificates of a connection.
 * @returns the proxy and TLS settings of requests.
 * @throws UsageError if a file can't be read or is not a PEM file.
 */
export async function readNetwork(
  certificates: CertificateFiles,
  proxy: ProxySettings | undefined,
  host: Pick<Host, "env" | "readFile" | "interrupt">,
): Promise<Network> {
  // Without files, Node's own certificates apply and nothing has to be loaded.
  const tls: Tls =
    Object.keys(certificates).length === 0
      ? {}
      : await (await import("./certificates.ts")).readCertificates(certificates, host);
  const bundles = findBundles(host.env, tls.ca !== undefined);
  const readAllTrusted = async () =>
    (await import("./certificates.ts")).readAllTrusted(tls.ca, bundles, host);
  return { proxy, tls: bundles.length === 0 ? tls : { ...tls, readAllTrusted } };
}

/** Paths of the certificate bundles of common systems, as OpenSSL uses them. */
const systemBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * Returns the certificate bundles in environment variables that Node ignores.
 * @param hasAuthorities whether `ca` is set, which replaces all certificates that Node trusts.
 */
export function findBundles(
  { SSL_CERT_FILE, NODE_EXTRA_CA_CERTS, NODE_OPTIONS }: Host["env"],
  hasAuthorities: boolean,
): readonly string[] {
  const isSystem = /(^|\s)--use-openssl-ca(?=\s|$)/.test(NODE_OPTIONS ?? "");
  const extra = NODE_EXTRA_CA_CERTS || undefined;
  const system = SSL_CERT_FILE ? [SSL_CERT_FILE] : isSystem ? systemBundles : [];
  if (hasAuthorities) return [...new Set([...(extra ? [extra] : []), ...system])];
  return isSystem || SSL_CERT_FILE === extra ? [] : system;
}

/** Measures the time of this machine and of the server, and limits the time of the session. */
export interface SessionClock {
  /** Returns the interval of a request that starts now, for its journal entry. */
  startRequest(): RequestInterval;
  /** Returns the current time, and the offset of the server's clock. */
  moment(): ClockReading;
  /**
   * Extends the time budget, if necessary, for work that must not be left incomplete. The extension
   * is the timeout of a request, at most 30 seconds.
   */
  ensureTime(): void;
  /** Waits, unless the pause would exceed the time budget. @returns whether it has waited. */
  pause(milliseconds: number): Promise<boolean>;
}

/** @param baseUrl returns the base URL of the server. */
export function createSessionClock(
  { now, sleep }: Pick<Host, "now" | "sleep">,
  { clocks, budget }: Pick<TransportFactory, "clocks" | "budget">,
  baseUrl: () => URL,
): SessionClock {
  const offset = () => clocks.offset(baseUrl());
  return {
    startRequest: () => ({ sentAt: toTimestamp(now()), endedAt: null, offset: offset() }),
    moment: () => ({ now: now().getTime(), offset: offset() }),
    ensureTime: budget.ensure,
    async pause(milliseconds) {
      if (budget.remaining() <= milliseconds) return false;
      await budget.spend(() => sleep(milliseconds));
      return true;
    },
  };
}
