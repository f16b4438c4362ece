import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket, type TlsOptions } from "node:tls";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** Returns the path of a certificate of `tls/make.sh`. */
export const pem = (name: string) => fileURLToPath(new URL(`./tls/${name}.pem`, import.meta.url));

/** Listens on loopback until the end of the test, and returns the port. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Starts an HTTPS server with a certificate of the folder `tls`, and returns its port. */
export const serveTls = (listener: RequestListener, cert = "server", options: TlsOptions = {}) =>
  listen(
    createTlsServer(
      { cert: readFileSync(pem(cert)), key: readFileSync(pem("key")), ...options },
      listener,
    ),
  );

/** Handles a CONNECT request. */
export type Answer = (socket: Duplex, request: IncomingMessage) => void;

/** Responds with a status instead of a tunnel. */
export const refuse =
  (status: string): Answer =>
  (socket) =>
    socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);

export interface ProxyOptions {
  readonly answer?: Answer;
  /** Makes the proxy an HTTPS proxy. */
  readonly tls?: TlsOptions;
}

/**
 * Starts a forward proxy that connects every hostname to one local port, so that tests need no DNS
 * and can only reach the server through the proxy.
 */
export async function startProxy(port: number, { answer, tls }: ProxyOptions = {}) {
  const seen: string[] = [];
  const requests: IncomingMessage[] = [];
  const certificates: unknown[] = [];
  const lead: Answer = (socket) => {
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    onward.on("error", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  };
  // A request without a tunnel would expose its content to the proxy.
  const refuseToRead: RequestListener = (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(501).end();
  };
  const server = tls ? createTlsServer(tls, refuseToRead) : createServer(refuseToRead);
  server.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    requests.push(request);
    if (socket instanceof TLSSocket) certificates.push(socket.getPeerCertificate());
    socket.on("error", () => {});
    (answer ?? lead)(socket, request);
  });
  const host = `127.0.0.1:${await listen(server)}`;
  return {
    host,
    url: `${tls ? "https" : "http"}://${host}`,
    /** Request lines of the received requests. */
    seen,
    requests,
    /** Client certificates of the TLS connections; empty if the client sent none. */
    certificates,
  };
}
