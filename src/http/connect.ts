import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { addAbortSignal } from "node:stream";
import type { buildConnector } from "undici";
import createConnector from "undici/lib/core/connect.js";
import type { Tls } from "../host.ts";

/** Node asks the resolver for `*.localhost`, which knows none: RFC 6761 §6.3 makes it loopback. */
const lookupLocalhost: LookupFunction = (hostname, options, callback) => {
  if (!hostname.endsWith(".localhost")) return lookup(hostname, options, callback);
  const address = { address: "127.0.0.1", family: 4 };
  if (options.all) callback(null, [address]);
  else callback(null, address.address, address.family);
};

/** Makes a connection, or gives up when its signal says so. */
export type Connect = (
  target: buildConnector.Options & { readonly signal?: AbortSignal },
  callback: buildConnector.Callback,
) => void;

/** Makes connections itself, or TLS over a socket that leads to the host. */
export function connectWith(tls: Tls): Connect {
  const connect = createConnector({ lookup: lookupLocalhost, ...tls });
  return ({ signal, ...target }, callback) => {
    const socket = connect(target, callback);
    if (signal) addAbortSignal(signal, socket);
  };
}
