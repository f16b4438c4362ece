import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { PeerCertificate, TLSSocket } from "node:tls";
import { setFlagsFromString } from "node:v8";
import type { buildConnector, Dispatcher } from "undici";
import request from "undici/lib/api/api-request.js";
import Agent from "undici/lib/dispatcher/agent.js";
import Pool from "undici/lib/dispatcher/pool.js";
import { isLoopback } from "../../core/url.ts";
import { CliError } from "../../errors.ts";
import type { Fetch, FetchReply, Network, Peer } from "../../host.ts";
import { NotConnectedError } from "../errors/network-fault.ts";
import {
  type Connect,
  createConnect,
  createConnectWithAllTrusted,
  isTlsSocket,
} from "./connect.ts";

/** Is notified of network events, to tune the process. */
export interface Tuning {
  /** Called for each new connection. */
  connected(): void;
  /** Called when much data is being read. */
  loaded(): void;
}

/**
 * Sets V8 flags. They apply to the whole process, so only the program uses this, not the library.
 * They are set as late as possible: Node's code cache is invalid once the flags have changed.
 */
export const v8Tuning: Tuning = {
  // undici compiles its parser (WebAssembly) at the first connection. Optimizing it takes longer than
  // a short command runs.
  connected: () => setFlagsFromString("--liftoff-only"),
  // Collects garbage of a long list earlier, instead of growing the heap by half.
  loaded() {
    setFlagsFromString("--optimize-for-size");
    setFlagsFromString("--semi-space-growth-factor=1");
  },
};

/**
 * Creates a fetch over sockets with undici's request API: no redirects, no cookies, no decompression.
 * It rejects with NotConnectedError if the connection failed before anything was sent.
 * @param tuning is notified of connections and load, so that the program can tune its process.
 */
export function createFetch(network: Network = {}, tuning?: Tuning): Fetch {
  const attempts = createAttempts((socket) => {
    if (network.seen && isTlsSocket(socket)) {
      const peer = describePeer(socket);
      if (peer) network.seen(peer);
    }
    tuning?.connected();
  });
  const selectDispatcher = createDispatcherSelector(network, attempts.track);
  let responses = 0;

  return async (url, { method, headers, body = null, signal }) => {
    const target = new URL(url);
    const dispatcher = await selectDispatcher(target);
    // undici reuses a connection only in the event loop turn after its last response.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) throw new NotConnectedError(signal.reason);
    const abortAttempts = () => attempts.abort(signal.reason);
    signal.addEventListener("abort", abortAttempts, { once: true });
    try {
      const response = await request.call(dispatcher, {
        origin: target.origin,
        path: `${target.pathname}${target.search}`,
        method: method as "GET",
        headers,
        body,
        signal,
      });
      const { statusCode: status, headers: received } = response;
      if (++responses === manyResponses || Number(received["content-length"]) > largeBody)
        tuning?.loaded();
      return { status, headers: toHeaders(received), body: response.body };
    } finally {
      signal.removeEventListener("abort", abortAttempts);
    }
  };
}

/** A run counts as a long list after this many responses, or with a response of this many bytes. */
const [manyResponses, largeBody] = [16, 1_000_000];

/** Connection attempts in progress. */
interface Attempts {
  /** Makes the connector for undici: its failures are NotConnectedErrors, and `abort` ends it. */
  track(connect: Connect): buildConnector.connector;
  /** Ends all attempts. Needed because undici observes the signal of a request only once it is connected. */
  abort(reason: unknown): void;
}

function createAttempts(connected: (socket: Socket) => void): Attempts {
  const controllers = new Set<AbortController>();
  return {
    track: (connect) => (target, callback) => {
      const controller = new AbortController();
      const { signal } = controller;
      controllers.add(controller);
      connect({ ...target, signal }, (...[error, socket]) => {
        controllers.delete(controller);
        if (!socket) {
          const cause = signal.aborted ? signal.reason : error;
          return callback(error instanceof CliError ? error : new NotConnectedError(cause), null);
        }
        // A TLS alert after the handshake leaves the socket open, and undici would report the end of
        // the connection instead of the alert.
        socket.on("error", (alert) => socket.destroy(alert));
        connected(socket);
        callback(null, socket);
      });
    },
    abort(reason) {
      for (const each of controllers) each.abort(new Error("aborted", { cause: reason }));
    },
  };
}

/** Returns a function that selects between direct connections and the proxy, which is loaded on first use. */
function createDispatcherSelector(
  { proxy, tls = {}, allowHttp }: Network,
  track: Attempts["track"],
): (target: URL) => Promise<Dispatcher> {
  const direct = {
    connect: createConnectWithAllTrusted(tls, (each) => createConnect(each, { allowHttp })),
    factory: (origin: string | URL, options: { readonly connect: Connect }) =>
      new Pool(origin, { ...options, connect: track(options.connect) }),
  };
  const directAgent = new Agent(direct);
  let proxyAgent: Dispatcher | undefined;
  return async ({ protocol, hostname }) => {
    // The proxy gets https only, because plain HTTP is for hosts in the local network.
    if (!proxy || protocol === "http:" || isLoopback(hostname)) return directAgent;
    const { createProxyAgent, isAddressExcepted } = await import("./proxy.ts");
    if (isAddressExcepted(hostname, proxy.noProxy)) return directAgent;
    proxyAgent ??= createProxyAgent(proxy, tls, track, direct);
    return proxyAgent;
  };
}

/** Describes the server of a TLS connection; undefined for a resumed session, which has no certificate. */
function describePeer(socket: TLSSocket): Peer | undefined {
  const { issuer, valid_to }: Partial<PeerCertificate> = socket.getPeerCertificate();
  if (!issuer || !valid_to) return undefined;
  return {
    protocol: socket.getProtocol() ?? "TLS",
    issuer: [issuer.O ?? issuer.CN].flat().join(", "),
    validTo: new Date(valid_to),
  };
}

/** Wraps received headers. The global Headers class would load all of Node's own fetch. */
function toHeaders(headers: IncomingHttpHeaders): FetchReply["headers"] {
  const entries = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    [value ?? []].flat().join(", "),
  ]);
  const byName = new Map(entries);
  return {
    get: (name) => byName.get(name) ?? null,
    forEach(visit) {
      for (const [name, value] of entries) visit(value, name);
    },
  };
}
