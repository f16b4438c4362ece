import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { LoopbackHandler, LoopbackServer } from "./host.ts";

/** Attempts to find a port that is free on both loopback addresses. */
const attempts = 20;

/**
 * Serves pages to the browser of this machine: see `Host.serveLoopback`. It listens on both loopback
 * addresses, because `localhost` can resolve to either, and another program could use the other one.
 */
export async function serveLoopback(answer: LoopbackHandler): Promise<LoopbackServer> {
  const listener: RequestListener = (request, response) => {
    const { status, html } = answer(new URL(request.url ?? "/", "http://localhost"));
    response
      .writeHead(status, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        connection: "close",
      })
      .end(html);
  };
  for (let attempt = 1; ; attempt++) {
    const first = await listen(listener, "127.0.0.1", 0);
    const { port } = first.address() as AddressInfo;
    try {
      const servers = [first, await listen(listener, "::1", port)];
      // The last response may still be in transit; its connection then closes.
      return { port, close: () => servers.forEach((server) => void server.close()) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The machine has no IPv6.
      if (code !== "EADDRINUSE") return { port, close: () => void first.close() };
      first.close();
      if (attempt === attempts) throw error;
    }
  }
}

async function listen(listener: RequestListener, host: string, port: number): Promise<Server> {
  const server = createServer(listener).listen({ host, port, ipv6Only: host === "::1" });
  await once(server, "listening");
  return server;
}
