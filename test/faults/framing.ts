import { serialise } from "../support/hostile-server.ts";
import { bytes, changed, type Fault, fine, foreign, lost, lostUndone, only } from "./fault.ts";

const withBody = ["list", "get", "create", "renew"] as const;
const unchanged = changed((reply) => reply);
const withHeaders = (headers: Readonly<Record<string, string | undefined>>) =>
  changed((reply) => reply, headers);

/** The original reply with chunked transfer encoding. `frame` can return invalid chunks. */
const chunked = (frame: (body: Buffer) => Buffer | string) =>
  changed(({ status, headers, body }) => ({ status, headers, body: Buffer.from(frame(body)) }), {
    "content-length": undefined,
    "transfer-encoding": "chunked",
  });
const chunk = (body: Buffer) => `${body.length.toString(16)}\r\n${body}\r\n`;

/** Faults of the HTTP framing of a response. */
export const framing: readonly Fault[] = [
  {
    name: "response of another protocol (SSH)",
    ends: lost,
    play: bytes("SSH-2.0-OpenSSH_9.2\r\n"),
  },
  { name: "NUL bytes instead of HTTP", ends: lost, play: bytes("\0".repeat(100)) },
  { name: "HTTP/0.9 response without headers", ends: lost, play: bytes('{"items":[]}') },
  {
    name: "unknown HTTP version 9.9",
    ends: lost,
    play: bytes("HTTP/9.9 200 OK\r\ncontent-length: 0\r\n\r\n"),
  },
  { name: "status code with two digits", ends: lost, play: bytes("HTTP/1.1 20 OK\r\n\r\n") },
  {
    name: "HTTP/1.0 body that ends with the connection",
    ends: fine,
    play: async ({ socket, work }) => {
      const reply = serialise(await work(), { "content-length": undefined }).toString("latin1");
      socket.end(reply.replace("HTTP/1.1", "HTTP/1.0"), "latin1");
    },
  },
  {
    name: "truncated body that ends with the connection",
    ends: only(foreign, ...withBody),
    play: async ({ socket, work }) => {
      const { status, headers, body } = await work();
      const half = { status, headers, body: body.subarray(0, body.length / 2) };
      socket.end(serialise(half, { "content-length": undefined, connection: "close" }));
    },
  },
  {
    name: "content-length too large, then connection closed",
    ends: only(lost, ...withBody),
    play: async ({ socket, work }) =>
      socket.end(serialise(await work(), { "content-length": "100000" })),
  },
  {
    name: "content-length too small",
    ends: only(foreign, ...withBody),
    play: withHeaders({ "content-length": "20" }),
  },
  { name: "negative content-length", ends: lost, play: withHeaders({ "content-length": "-1" }) },
  {
    name: "content-length that is not a number",
    ends: lost,
    play: withHeaders({ "content-length": "many" }),
  },
  {
    name: "content-length of 40 digits",
    ends: lost,
    play: withHeaders({ "content-length": "9".repeat(40) }),
  },
  {
    name: "two different content-length headers",
    ends: lost,
    play: withHeaders({ "Content-Length": "7" }),
  },
  {
    name: "content-length with chunked transfer encoding",
    ends: lost,
    play: withHeaders({ "transfer-encoding": "chunked" }),
  },
  {
    name: "valid chunked transfer encoding",
    ends: only(fine, ...withBody),
    play: chunked((body) => `${chunk(body)}0\r\n\r\n`),
  },
  {
    name: "chunk with an invalid size",
    ends: only(lost, ...withBody),
    play: chunked((body) => `zz\r\n${body}\r\n`),
  },
  {
    name: "chunk with an incorrect size",
    ends: only(lost, ...withBody),
    play: chunked((body) => `5\r\n${body}\r\n0\r\n\r\n`),
  },
  {
    name: "missing last chunk, then connection closed",
    ends: only(lost, ...withBody),
    play: async ({ socket, work }) => {
      const { status, headers, body } = await work();
      const reply = { status, headers, body: Buffer.from(chunk(body)) };
      socket.end(serialise(reply, { "content-length": undefined, "transfer-encoding": "chunked" }));
    },
  },
  { name: "header of 1 MiB", ends: lost, play: withHeaders({ "x-long": "x".repeat(2 ** 20) }) },
  {
    name: "10,000 headers",
    ends: lost,
    play: withHeaders(
      Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`x-${i}`, "x"])),
    ),
  },
  {
    name: "endless headers",
    ends: lostUndone,
    play: ({ socket }) => endless(socket, "x: x\r\n"),
  },
  { name: "NUL in a header value", ends: lost, play: withHeaders({ "x-request-id": "a\0b" }) },
  {
    name: "escape sequence in a header value",
    ends: lost,
    play: withHeaders({ "x-request-id": "\x1b[31mred" }),
  },
  {
    name: "line feed without carriage return in a header",
    ends: lost,
    play: withHeaders({ "x-a": "b\nx-c: d" }),
  },
  { name: "space in a header name", ends: lost, play: withHeaders({ "x request id": "a" }) },
  {
    name: "header value with an injected header",
    ends: fine,
    play: withHeaders({
      "set-cookie": "a=b",
      "x-powered-by": "nothing\r\nlocation: http://127.0.0.1:1/",
    }),
  },
  {
    name: "unexpected 100 Continue",
    ends: lost,
    play: after("HTTP/1.1 100 Continue\r\n\r\n"),
  },
  {
    name: "103 Early Hints 100 times before the response",
    ends: fine,
    play: after("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(100)),
  },
  {
    name: "101 Switching Protocols",
    ends: lost,
    play: bytes("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
  },
  {
    name: "endless 1xx responses",
    ends: lost,
    play: async ({ socket, work, expire }) => {
      await work();
      socket.write("HTTP/1.1 102 Processing\r\n\r\n".repeat(1000), () => setImmediate(expire));
    },
  },
  {
    name: "unsolicited second response on the connection",
    ends: fine,
    play: async (turn) => {
      const forged = '{"message":"forged"}';
      await unchanged(turn);
      turn.socket.write(
        `HTTP/1.1 403 Forbidden\r\ncontent-length: ${forged.length}\r\n\r\n${forged}`,
      );
    },
  },
];

function after(first: string) {
  return async ({ socket, work }: Parameters<typeof unchanged>[0]) =>
    socket.write(Buffer.concat([Buffer.from(first), serialise(await work())]));
}

/** Writes the line repeatedly until the client closes the connection. */
function endless(socket: Parameters<typeof unchanged>[0]["socket"], line: string): void {
  socket.write("HTTP/1.1 200 OK\r\n");
  const block = Buffer.from(line.repeat(1000));
  const more = () => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on("drain", more);
  more();
}
