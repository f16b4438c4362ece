import { createCounter } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import { createServerClocks, type ServerClocks } from "../core/server-clock.ts";
import { createTimeBudget, type TimeBudget } from "../core/time-budget.ts";
import type { Host, Network } from "../host/host.ts";
import { escapeControls } from "../output/escape.ts";
import type { Progress } from "../output/progress.ts";
import { type OutputOptions, say } from "../output/render.ts";
import { version } from "../version.ts";
import type { Certificates } from "./certificate-files.ts";
import { resolveNetwork } from "./network.ts";

/** How requests leave the program. */
export interface TransportFactory {
  /** By the network that the environment, these certificates and the rule for plain http make. */
  trusting(certificates: Certificates, allowHttp: boolean): Promise<Transport>;
  /** @throws UsageError for a number of retries that is none. */
  through(network: Network, retries?: number): Transport;
  /** What time it is for the servers that have answered. */
  readonly clocks: ServerClocks;
  /** What the requests of the command may take together. */
  readonly budget: TimeBudget;
}

/** Milliseconds to find out what became of a lost request, or to undo one; the timeout where that is less. */
const reserve = 30_000;

export function createTransportFactory(
  host: Host,
  options: OutputOptions & { readonly debug: boolean },
  { timeout, total }: Pick<Transport, "timeout"> & { readonly total: number },
  /** Asked when there is something to send. */
  findRetries: () => number,
  progress: Pick<Progress, "trackRequests">,
): TransportFactory {
  const warned = new Set<string>();
  const nextRequestNumber = createCounter();
  const budget = createTimeBudget(host.now, total, Math.min(timeout, reserve));
  const clocks = createServerClocks(host.now);
  const through = (network: Network, retries = findRetries()): Transport => ({
    fetch: clocks.watch(progress.trackRequests(host.createFetch(network))),
    now: host.now,
    deadline: host.deadline,
    interrupt: host.interrupt,
    timeout,
    budget,
    retries,
    notBefore: new Map(),
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
    trusting: async (certificates, allowHttp) =>
      through({ ...(await resolveNetwork(certificates, host)), allowHttp }),
    through,
    clocks,
    budget,
  };
}
