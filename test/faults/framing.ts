import { serialise } from "../support/hostile-server.ts";
import { bytes, changed, type Fault, fine, foreign, lost, lostUndone, only } from "./fault.ts";

const withBody = ["list", "get", "create", "renew"] as const;
const unchanged = changed((reply) => reply);
const with_ = (headers: Readonly<Record<string, string | undefined>>) =>
  changed((reply) => reply, headers);

/** In chunks of these sizes, which need not be true. */
const chunked = (frame: (body: Buffer) => Buffer | string) =>
  changed(({ status, headers, body }) => ({ status, headers, body: Buffer.from(frame(body)) }), {
    "content-length": undefined,
    "transfer-encoding": "chunked",
  });
const chunk = (body: Buffer) => `${body.length.toString(16)}\r\n${body}\r\n`;

/** What can be wrong with the HTTP of a reply. */
export const framing: readonly Fault[] = [
  { name: "something else than HTTP", ends: lost, play: bytes("SSH-2.0-OpenSSH_9.2\r\n") },
  { name: "NUL bytes", ends: lost, play: bytes("\0".repeat(100)) },
  { name: "HTTP/0.9: no headers", ends: lost, play: bytes('{"items":[]}') },
  { name: "HTTP/9.9", ends: lost, play: bytes("HTTP/9.9 200 OK\r\ncontent-length: 0\r\n\r\n") },
  { name: "a status of two digits", ends: lost, play: bytes("HTTP/1.1 20 OK\r\n\r\n") },
  {
    name: "HTTP/1.0, ended by closing",
    ends: fine,
    play: async ({ socket, work }) => {
      const reply = serialise(await work(), { "content-length": undefined }).toString("latin1");
      socket.end(reply.replace("HTTP/1.1", "HTTP/1.0"), "latin1");
    },
  },
  {
    name: "ended by closing, half-way",
    ends: only(foreign, ...withBody),
    play: async ({ socket, work }) => {
      const { status, headers, body } = await work();
      const half = { status, headers, body: body.subarray(0, body.length / 2) };
      socket.end(serialise(half, { "content-length": undefined, connection: "close" }));
    },
  },
  {
    name: "content-length too large, then closed",
    ends: only(lost, ...withBody),
    play: async ({ socket, work }) =>
      socket.end(serialise(await work(), { "content-length": "100000" })),
  },
  {
    name: "content-length too small",
    ends: only(foreign, ...withBody),
    play: with_({ "content-length": "20" }),
  },
  { name: "content-length negative", ends: lost, play: with_({ "content-length": "-1" }) },
  { name: "content-length in words", ends: lost, play: with_({ "content-length": "many" }) },
  {
    name: "content-length past all numbers",
    ends: lost,
    play: with_({ "content-length": "9".repeat(40) }),
  },
  {
    name: "two lengths that contradict each other",
    ends: lost,
    play: with_({ "Content-Length": "7" }),
  },
  {
    name: "a length and chunks",
    ends: lost,
    play: with_({ "transfer-encoding": "chunked" }),
  },
  {
    name: "chunks as they should be",
    ends: only(fine, ...withBody),
    play: chunked((body) => `${chunk(body)}0\r\n\r\n`),
  },
  {
    name: "a chunk of no size",
    ends: only(lost, ...withBody),
    play: chunked((body) => `zz\r\n${body}\r\n`),
  },
  {
    name: "a chunk of another size",
    ends: only(lost, ...withBody),
    play: chunked((body) => `5\r\n${body}\r\n0\r\n\r\n`),
  },
  {
    name: "chunks without end, then closed",
    ends: only(lost, ...withBody),
    play: async ({ socket, work }) => {
      const { status, headers, body } = await work();
      const reply = { status, headers, body: Buffer.from(chunk(body)) };
      socket.end(serialise(reply, { "content-length": undefined, "transfer-encoding": "chunked" }));
    },
  },
  { name: "a header of 1 MiB", ends: lost, play: with_({ "x-long": "x".repeat(2 ** 20) }) },
  {
    name: "10,000 headers",
    ends: lost,
    play: with_(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`x-${i}`, "x"]))),
  },
  {
    name: "a header without end",
    ends: lostUndone,
    play: ({ socket }) => endless(socket, "x: x\r\n"),
  },
  { name: "a NUL in a header", ends: lost, play: with_({ "x-request-id": "a\0b" }) },
  { name: "an escape in a header", ends: lost, play: with_({ "x-request-id": "\x1b[31mred" }) },
  { name: "a lone line feed in a header", ends: lost, play: with_({ "x-a": "b\nx-c: d" }) },
  { name: "a header with a space in its name", ends: lost, play: with_({ "x request id": "a" }) },
  {
    name: "headers that inject others",
    ends: fine,
    play: with_({
      "set-cookie": "a=b",
      "x-powered-by": "nothing\r\nlocation: http://127.0.0.1:1/",
    }),
  },
  {
    name: "100 Continue, for which nobody waits",
    ends: lost,
    play: after("HTTP/1.1 100 Continue\r\n\r\n"),
  },
  {
    name: "103 Early Hints first, a hundred times",
    ends: fine,
    play: after("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(100)),
  },
  {
    name: "101 Switching Protocols",
    ends: lost,
    play: bytes("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
  },
  {
    name: "1xx without end",
    ends: lost,
    play: async ({ socket, work, expire }) => {
      await work();
      socket.write("HTTP/1.1 102 Processing\r\n\r\n".repeat(1000), () => setImmediate(expire));
    },
  },
  {
    name: "a second reply that nobody asked for, for the next request",
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

/** Writes without end, until the client has had enough. */
function endless(socket: Parameters<typeof unchanged>[0]["socket"], line: string): void {
  socket.write("HTTP/1.1 200 OK\r\n");
  const block = Buffer.from(line.repeat(1000));
  const more = () => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on("drain", more);
  more();
}
