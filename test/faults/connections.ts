import { readFileSync } from "node:fs";
import { serialise } from "../support/hostile-server.ts";
import { pem } from "../support/proxy.ts";
import { type Fault, fine, headEnd, lost, lostUndone, only, stalled, unsent } from "./fault.ts";

const identity = (cert: string) => ({
  cert: readFileSync(pem(cert)),
  key: readFileSync(pem("key")),
});

/** What can become of a connection. */
export const connections: readonly Fault[] = [
  { name: "nothing listens there", ends: unsent, isAway: true },
  {
    name: "every connection is closed as soon as it stands",
    ends: only(lost, "list", "get", "delete"),
    connection: (socket) => !!socket.end(),
  },
  {
    name: "every connection is reset as soon as it stands",
    ends: only(lost, "list", "get", "delete"),
    connection: (socket) => !!socket.resetAndDestroy(),
  },
  {
    name: "reset before the request is looked at",
    ends: lostUndone,
    play: ({ socket }) => socket.resetAndDestroy(),
  },
  {
    name: "closed without a word, once the work is done",
    ends: lost,
    play: async ({ socket, work }) => {
      await work();
      socket.end();
    },
  },
  {
    name: "reset without a word, once the work is done",
    ends: lost,
    play: async ({ socket, work }) => {
      await work();
      socket.resetAndDestroy();
    },
  },
  {
    name: "cut at every tenth byte of the headers",
    ends: only(lost, "list", "create", "delete"),
    sweep: "headers",
  },
  {
    name: "cut at every tenth byte of the body",
    ends: only(lost, "list", "create", "renew"),
    sweep: "body",
  },
  {
    name: "reset once, then all is well",
    ends: { ...fine, create: 8 },
    lasts: "once",
    play: async ({ socket, work }) => {
      await work();
      socket.resetAndDestroy();
    },
  },
  {
    name: "reset after the work, and nothing but that from then on",
    ends: { create: 10, renew: 10 },
    lasts: "for good",
    play: async ({ socket, work }) => {
      await work();
      socket.resetAndDestroy();
    },
  },
  {
    name: "closed after each reply, though it was to be kept",
    ends: fine,
    play: async ({ socket, work }) => socket.end(serialise(await work())),
  },
  {
    name: "reset after the whole reply",
    ends: fine,
    play: async ({ socket, work }) =>
      socket.write(serialise(await work()), () => setTimeout(() => socket.resetAndDestroy(), 20)),
  },
  { name: "no reply in time", ends: lost, play: stalled(() => Buffer.alloc(0)) },
  {
    name: "half of the headers in time",
    ends: lost,
    play: stalled((whole) => whole.subarray(0, headEnd(whole) / 2)),
  },
  {
    name: "the headers in time, and no body",
    ends: only(lost, "list", "get", "create", "renew"),
    play: stalled((whole) => whole.subarray(0, headEnd(whole))),
  },
  {
    name: "half of the body in time",
    ends: only(lost, "list", "get", "create", "renew"),
    play: stalled((whole) => whole.subarray(0, (headEnd(whole) + whole.length) / 2)),
  },
  {
    name: "a byte at a time, too slowly",
    ends: lost,
    play: async ({ socket, work, expire }) => {
      for (const byte of serialise(await work()).subarray(0, 50))
        await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
      expire();
    },
  },
  {
    name: "a byte at a time, in time",
    ends: fine,
    play: async ({ socket, work }) => {
      for (const byte of serialise(await work()))
        await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
    },
  },
  {
    name: "TLS that is never answered",
    ends: unsent,
    https: {},
    connection: (socket, expire) => {
      socket.once("data", expire);
      return true;
    },
  },
  {
    name: "TLS that is answered in plain text",
    ends: unsent,
    https: {},
    connection: (socket) => !!socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
  },
  {
    name: "TLS that is reset in the handshake",
    ends: unsent,
    https: {},
    connection: (socket) => !!socket.once("data", () => socket.resetAndDestroy()),
  },
  {
    name: "a TLS alert in place of a handshake",
    ends: unsent,
    https: {},
    connection: (socket) =>
      !!socket.once("data", () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))),
  },
  {
    name: "a certificate that nothing vouches for",
    ends: unsent,
    https: { tls: identity("self-signed") },
  },
  { name: "a certificate of an unknown issuer", ends: unsent, https: { tls: identity("server") } },
  {
    name: "a certificate that has expired",
    ends: unsent,
    https: { tls: identity("expired"), trust: pem("authority") },
  },
  {
    name: "a certificate for another name",
    ends: unsent,
    https: { tls: identity("server"), trust: pem("authority"), host: "localhost" },
  },
  {
    name: "a certificate as it should be",
    ends: fine,
    https: { tls: identity("server"), trust: pem("authority") },
  },
];
