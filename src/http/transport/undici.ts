import type { IncomingHttpHeaders } from "node:http";
import type { PeerCertificate, TLSSocket } from "node:tls";
import type { buildConnector, Dispatcher } from "undici";
import request from "undici/lib/api/api-request.js";
import Agent from "undici/lib/dispatcher/agent.js";
import Pool from "undici/lib/dispatcher/pool.js";
import { isLoopback } from "../../core/url.ts";
import { CliError } from "../../errors.ts";
import type { Fetch, FetchReply, Network, Peer } from "../../host/host.ts";
import { NotConnectedError } from "../connection-errors.ts";
import { type Connect, connectWith, isTls } from "./connect.ts";
import { withMoreTrust } from "./more-trust.ts";
import { isAddressExcepted } from "./no-proxy.ts";
import type { Tuning } from "./v8-tuning.ts";

/**
 * Fetch over real sockets, by undici's request API: no redirects, no cookies, no decompression.
 * What fails before a connection to the API stood is a NotConnectedError: nothing was sent.
 *
 * @param tuning is told what there is to do, so that the program can tune its process.
 */
export function createFetch(
  { proxy, tls = {}, allowHttp, seen }: Network = {},
  tuning?: Tuning,
): Fetch {
  // undici heeds the signal of a request only once it is connected.
  const attempts = new Set<AbortController>();
  const attempt =
    (connect: Connect): buildConnector.connector =>
    (target, callback) => {
      const controller = new AbortController();
      const { signal } = controller;
      attempts.add(controller);
      connect({ ...target, signal }, (...[error, socket]) => {
        attempts.delete(controller);
        if (!socket)
          return callback(
            error instanceof CliError
              ? error
              : new NotConnectedError(signal.aborted ? signal.reason : error),
            null,
          );
        // A late TLS alert leaves the socket open: undici would go by the end that follows it.
        socket.on("error", (alert) => socket.destroy(alert));
        const peer = seen && isTls(socket) ? describePeer(socket) : undefined;
        if (peer) seen?.(peer);
        tuning?.connected();
        callback(null, socket);
      });
    };
  const agentOptions = {
    connect: withMoreTrust(tls, (each) => connectWith(each, { allowHttp })),
    factory: (origin: string | URL, options: { readonly connect: Connect }) =>
      new Pool(origin, { ...options, connect: attempt(options.connect) }),
  };
  const agent = new Agent(agentOptions);
  let replies = 0;
  let proxied: Promise<Dispatcher> | undefined;
  async function dispatcherFor({ protocol, hostname }: URL): Promise<Dispatcher> {
    // A tunnel is for https; plain http goes to a network that is near.
    if (!proxy || protocol === "http:" || isLoopback(hostname)) return agent;
    if (proxy.exceptions !== "" && isAddressExcepted(hostname, proxy.exceptions)) return agent;
    proxied ??= import("./proxy.ts").then(({ createProxyAgent }) =>
      createProxyAgent(proxy, tls, attempt, agentOptions),
    );
    return proxied;
  }
  return async (url, { method, headers, body = null, signal }) => {
    const address = new URL(url);
    const { origin, pathname, search } = address;
    const dispatcher = await dispatcherFor(address);
    // Only a turn after its last reply does undici take a connection for another request.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) throw new NotConnectedError(signal.reason);
    const giveUp = () => {
      for (const each of attempts) each.abort(new Error("given up", { cause: signal.reason }));
    };
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      const reply = await request.call(dispatcher, {
        origin,
        path: `${pathname}${search}`,
        method: method as "GET",
        headers,
        body,
        signal,
      });
      if (++replies === many || Number(reply.headers["content-length"]) > large) tuning?.loaded();
      return { status: reply.statusCode, headers: toHeaders(reply.headers), body: reply.body };
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  };
}

/** So many replies make a long list, and so many bytes of one do. */
const [many, large] = [16, 1_000_000];

/** A session that is taken up again shows no certificate: then there is nothing new to tell. */
function describePeer(socket: TLSSocket): Peer | undefined {
  const { issuer, valid_to }: Partial<PeerCertificate> = socket.getPeerCertificate();
  if (!issuer || !valid_to) return undefined;
  return {
    protocol: socket.getProtocol() ?? "TLS",
    issuer: [issuer.O ?? issuer.CN].flat().join(", "),
    validTo: new Date(valid_to),
  };
}

/** The global Headers class would do, but it loads all of Node's own fetch. */
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
