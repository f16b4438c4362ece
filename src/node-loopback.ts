import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Loopback, LoopbackAnswer } from "./host.ts";

/** Serves pages to the browser on this machine: see `Host.serveLoopback`. */
export async function serveLoopback(answer: LoopbackAnswer): Promise<Loopback> {
  const server = createServer((request, response) => {
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
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    // The last page is on its way yet: connections end by themselves.
    close: () => void server.close(),
  };
}
