import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** A received request. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A reply before it is changed. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A request and its connection. */
export interface Turn {
  readonly socket: Socket;
  readonly asked: Asked;
  /** Expires the client's timeout. */
  expire(): void;
  /** Executes the request and returns the original reply. */
  work(): Promise<Reply>;
}

/** Replaces a response with a fault. The connection stays open unless the play closes it. */
export type Play = (turn: Turn) => unknown;

export interface Hostility {
  /** Handles a connection before the first request. Returns true if no request is to be read. */
  readonly connection?: ((socket: Socket) => boolean | undefined) | undefined;
  /** Returns whether a request meets the fault. */
  readonly spoils: (asked: Asked) => boolean;
  readonly play: Play;
  readonly work: (asked: Asked) => Promise<Response>;
  readonly expire: () => void;
  readonly tls?: TlsOptions | undefined;
}

/** Returns the bytes of a reply. Omits headers that are undefined. */
export function serialise(
  { status, headers, body }: Reply,
  changes: Readonly<Record<string, string | undefined>> = {},
): Buffer {
  const all = { ...headers, "content-length": String(body.length), ...changes };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  );
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status} Whatever\r\n${lines.join("")}\r\n`, "latin1"),
    body,
  ]);
}

/**
 * Starts an HTTP server on plain sockets, which can send responses that no HTTP library sends.
 * Requests without a fault get the original reply.
 */
export async function serveHostilely(hostility: Hostility) {
  const { connection, spoils, play, work, expire, tls } = hostility;
  const sockets = new Set<Socket>();
  const seen: string[] = [];
  const meet = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    if (connection?.(socket)) return;
    void serve(socket);
  };
  async function serve(socket: Socket): Promise<void> {
    for await (const asked of requestsOf(socket)) {
      seen.push(`${asked.method} ${asked.path}`);
      const turn = {
        socket,
        asked,
        expire,
        work: async () => toReply(await work(asked)),
      };
      await (spoils(asked) ? play(turn) : answer(turn));
    }
  }
  const server = tls ? createTlsServer(tls, meet) : createServer(meet);
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    /** Request lines of the received requests. */
    seen,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

export const answer: Play = async ({ socket, work }) => socket.write(serialise(await work()));

async function toReply(response: Response): Promise<Reply> {
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  };
}

/** Yields the requests of a connection until it closes. */
async function* requestsOf(socket: Socket): AsyncGenerator<Asked> {
  let read = Buffer.alloc(0);
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      read = Buffer.concat([read, chunk]);
      for (;;) {
        const end = read.indexOf("\r\n\r\n");
        if (end < 0) break;
        const [first = "", ...lines] = read.subarray(0, end).toString("latin1").split("\r\n");
        const headers = Object.fromEntries(
          lines.map((line) => {
            const colon = line.indexOf(":");
            return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
          }),
        );
        const whole = end + 4 + Number(headers["content-length"] ?? 0);
        if (read.length < whole) break;
        const [method = "", path = ""] = first.split(" ");
        const body = read.subarray(end + 4, whole).toString("utf8");
        read = read.subarray(whole);
        yield { method, path, headers, body };
      }
    }
  } catch {
    // The client closed the connection.
  }
}
