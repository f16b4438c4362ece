import { createCounter } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import { createServerClocks, type ServerClocks } from "../core/server-clock.ts";
import { createTimeBudget, type TimeBudget } from "../core/time-budget.ts";
import type { Host, Network } from "../host.ts";
import { escapeControls } from "../output/escape.ts";
import { say } from "../output/message.ts";
import type { Progress } from "../output/progress.ts";
import type { OutputOptions } from "../output/view.ts";
import { version } from "../version.ts";
import { readNetwork } from "./network.ts";
import { parseRetriesSetting } from "./target/retries.ts";
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
