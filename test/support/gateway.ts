import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/**
 * `silent`: forwards the request and never responds. `cut`: forwards it and closes the connection.
 * `refused`: responds with 503 and does not forward it.
 */
export type GatewayFault = "silent" | "cut" | "refused";

/** Serves a gateway to a server, with a fault in some requests (default: each POST). */
export async function serveGateway(
  target: string,
  fault: GatewayFault,
  isAffected = ({ method }: IncomingMessage) => method === "POST",
) {
  let tellReached = () => {};
  const reached = new Promise<void>((resolve) => {
    tellReached = resolve;
  });
  const server = createServer(async (request, reply) => {
    const isFaulty = isAffected(request);
    if (isFaulty && fault === "refused") return reply.writeHead(503).end();
    const { authorization = "", "content-type": type = "application/json" } = request.headers;
    const body = await text(request);
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? "GET",
      headers: { authorization, "content-type": type },
      ...(body !== "" && { body }),
    });
    if (!isFaulty) {
      const content = answer.status === 204 ? undefined : await answer.text();
      return reply.writeHead(answer.status, { "content-type": "application/json" }).end(content);
    }
    tellReached();
    if (fault === "cut") request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves when the server has processed an affected request. */
    reached,
  };
}
