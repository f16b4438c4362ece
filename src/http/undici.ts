import { lookup } from "node:dns";
import type { IncomingHttpHeaders } from "node:http";
import type { LookupFunction } from "node:net";
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
  let connected = false;
  const agent = new Agent({
    connect: (options, callback) =>
      connectLocalhostToo(options, (...result) => {
        connected ||= result[0] === null;
        callback(...result);
      }),
  });
  return async (url, init) => {
    const { origin, pathname, search } = new URL(url);
    try {
      const { statusCode, headers, body } = await request.call(agent, {
        origin,
        path: `${pathname}${search}`,
        method: init.method as "GET",
        headers: init.headers,
        body: init.body ?? null,
        signal: init.signal,
      });
      return { status: statusCode, headers: toHeaders(headers), body };
    } catch (error) {
      if (connected) throw error;
      throw Object.assign(new Error("no connection", { cause: error }), {
        code: "ERR_NOT_CONNECTED",
      });
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
