import { lookup } from "node:dns";
import type { IncomingHttpHeaders } from "node:http";
import type { LookupFunction, Socket } from "node:net";
import request from "undici/lib/api/api-request.js";
import buildConnector from "undici/lib/core/connect.js";
import Agent from "undici/lib/dispatcher/agent.js";
import type { Fetch, FetchReply } from "../host.ts";

/** Node asks the resolver for `*.localhost`, which knows none: RFC 6761 §6.3 makes it loopback. */
const lookupLocalhost: LookupFunction = (hostname, options, callback) => {
  if (!hostname.endsWith(".localhost")) return lookup(hostname, options, callback);
  const address = { address: "127.0.0.1", family: 4 };
  if (options.all) callback(null, [address]);
  else callback(null, address.address, address.family);
};

/**
 * Fetch over real sockets, by undici's request API: no redirects, no cookies, no decompression.
 * What fails before any connection stood is wrapped in code ERR_NOT_CONNECTED: nothing was sent.
 */
export function createFetch(): Fetch {
  const connectLocalhostToo = buildConnector({ lookup: lookupLocalhost });
  const connecting = new Set<Socket>();
  let connected = false;
  const agent = new Agent({
    connect(options, callback) {
      const socket = connectLocalhostToo(options, (...result) => {
        connecting.delete(socket);
        connected ||= result[0] === null;
        callback(...result);
      });
      connecting.add(socket);
    },
  });
  return async (url, { method, headers, body = null, signal }) => {
    const { origin, pathname, search } = new URL(url);
    // undici heeds the signal only once it is connected.
    const giveUp = () => {
      for (const socket of connecting)
        socket.destroy(new Error("given up", { cause: signal.reason }));
    };
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      signal.throwIfAborted();
      const reply = await request.call(agent, {
        origin,
        path: `${pathname}${search}`,
        method: method as "GET",
        headers,
        body,
        signal,
      });
      return { status: reply.statusCode, headers: toHeaders(reply.headers), body: reply.body };
    } catch (error) {
      if (connected) throw error;
      throw Object.assign(new Error("no connection", { cause: error }), {
        code: "ERR_NOT_CONNECTED",
      });
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
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
