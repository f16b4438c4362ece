import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { LoopbackHandler, LoopbackServer } from "./host.ts";

/** How many free ports are tried whose number another program uses on the other address. */
const attempts = 20;

/**
 * Serves pages to the browser on this machine: see `Host.serveLoopback`. It listens on both loopback
 * addresses, for `localhost` can mean either, and another program could listen on the other one.
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
      // The last page is on its way yet: connections end by themselves.
      return { port, close: () => servers.forEach((server) => void server.close()) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Without IPv6 there is no other address.
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
