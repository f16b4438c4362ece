import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Sandbox } from "./app.ts";
import { ConnectionDroppedError } from "./failures.ts";

/** Address to listen on. Port 0 selects any free port. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
}

/** A sandbox that listens on a socket. */
export interface Listening {
  /** Base URL for clients on this machine, without a trailing slash. */
  readonly url: string;
  /**
   * Stops listening and closes all connections, since idle keep-alive connections would delay the
   * exit.
   */
  close(): Promise<void>;
}

/** Loopback addresses to connect to when the sandbox listens on a wildcard address. */
const loopback: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/**
 * Serves the sandbox over HTTP.
 * @throws The error of the operating system if it can't listen, such as EADDRINUSE.
 */
export async function listen(
  sandbox: Pick<Sandbox, "fetch">,
  { host, port }: ListenOptions,
): Promise<Listening> {
  const server = createServer(
    getRequestListener(async (request, { outgoing }) => {
      try {
        return await sandbox.fetch(request);
      } catch (error) {
        if (!(error instanceof ConnectionDroppedError)) throw error;
        outgoing.destroy();
        return RESPONSE_ALREADY_SENT;
      }
    }),
  );
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
