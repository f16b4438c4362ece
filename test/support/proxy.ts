import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket, type TlsOptions } from "node:tls";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The path of one of the certificates that `tls/make.sh` made. */
export const pem = (name: string) => fileURLToPath(new URL(`./tls/${name}.pem`, import.meta.url));

/** Listens on loopback until the test is over, and returns the port. */
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

/** An https server with a certificate of the folder `tls`. Returns its port. */
export const serveTls = (listener: RequestListener, cert = "server", options: TlsOptions = {}) =>
  listen(
    createTlsServer(
      { cert: readFileSync(pem(cert)), key: readFileSync(pem("key")), ...options },
      listener,
    ),
  );

/** What a proxy does with one request for a tunnel. */
export type Answer = (socket: Duplex, request: IncomingMessage) => void;

/** Answers with a status, and no tunnel. */
export const refuse =
  (status: string): Answer =>
  (socket) =>
    socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);

export interface ProxyOptions {
  readonly answer?: Answer;
  /** Makes it a proxy that is itself reached by TLS. */
  readonly tls?: TlsOptions;
}

/**
 * A forward proxy. Whatever name it is asked for, it leads to this port of this machine: so the
 * names of the tests need no resolver, and only the proxy can know the way.
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
  // A request for no tunnel would show the proxy everything.
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
    /** The first lines of what it was asked for. */
    seen,
    requests,
    /** Of those who asked by TLS; an empty one where none was shown. */
    certificates,
  };
}
