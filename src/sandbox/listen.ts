import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Sandbox } from "./app.ts";

/** Where to bind; port 0 takes any free one. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
}

/** A sandbox on a socket. */
export interface Listening {
  /** What clients on this machine connect to, without a trailing slash. */
  readonly url: string;
  /** Stops at once: idle keep-alive connections would otherwise hold the process for seconds. */
  close(): Promise<void>;
}

/** A wildcard address is for binding; these are the ones to connect to. */
const loopback: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Serves the sandbox over HTTP. Rejects with the system's own error, such as EADDRINUSE. */
export async function listen(
  sandbox: Pick<Sandbox, "fetch">,
  { host, port }: ListenOptions,
): Promise<Listening> {
  const server = createServer(getRequestListener(sandbox.fetch));
  server.listen(port, host);
  await once(server, "listening");
  const bound = server.address() as AddressInfo;
  const name = loopback[bound.address] ?? host;
  return {
    url: `http://${isIPv6(name) ? `[${name}]` : name}:${bound.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
