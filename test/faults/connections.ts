import { readFileSync } from "node:fs";
import { serialise } from "../support/hostile-server.ts";
import { pem } from "../support/proxy.ts";
import { type Fault, fine, headEnd, lost, lostUndone, only, stalled, unsent } from "./fault.ts";

const identity = (cert: string) => ({
  cert: readFileSync(pem(cert)),
  key: readFileSync(pem("key")),
});

/** Faults of the TCP or TLS connection. */
export const connections: readonly Fault[] = [
  { name: "connection refused", ends: unsent, isAway: true },
  {
    name: "every connection is closed when it is established",
    ends: only(lost, "list", "get", "delete"),
    connection: (socket) => !!socket.end(),
  },
  {
    name: "every connection is reset when it is established",
    ends: only(lost, "list", "get", "delete"),
    connection: (socket) => !!socket.resetAndDestroy(),
  },
  {
    name: "connection reset before the request is processed",
    ends: lostUndone,
    play: ({ socket }) => socket.resetAndDestroy(),
  },
  {
    name: "connection closed after the operation, without a response",
    ends: lost,
    play: async ({ socket, work }) => {
      await work();
      socket.end();
    },
  },
  {
    name: "connection reset after the operation, without a response",
    ends: lost,
    play: async ({ socket, work }) => {
      await work();
      socket.resetAndDestroy();
    },
  },
  {
    name: "response truncated in the headers, at every tenth byte",
    ends: only(lost, "list", "create", "delete"),
    sweep: "headers",
  },
  {
    name: "response truncated in the body, at every tenth byte",
    ends: only(lost, "list", "create", "renew"),
    sweep: "body",
  },
  {
    name: "first connection reset after the operation, all others work",
    ends: { ...fine, create: 8 },
    lasts: "once",
    play: async ({ socket, work }) => {
      await work();
      socket.resetAndDestroy();
    },
  },
  {
    name: "connection reset after the operation, and all later ones",
    ends: { create: 10, renew: 10 },
    lasts: "always",
    play: async ({ socket, work }) => {
      await work();
      socket.resetAndDestroy();
    },
  },
  {
    name: "keep-alive connection closed after each response",
    ends: fine,
    play: async ({ socket, work }) => socket.end(serialise(await work())),
  },
  {
    name: "connection reset after the complete response",
    ends: fine,
    play: async ({ socket, work }) =>
      socket.write(serialise(await work()), () => setTimeout(() => socket.resetAndDestroy(), 20)),
  },
  { name: "timeout before the response", ends: lost, play: stalled(() => Buffer.alloc(0)) },
  {
    name: "timeout in the response headers",
    ends: lost,
    play: stalled((whole) => whole.subarray(0, headEnd(whole) / 2)),
  },
  {
    name: "timeout after the response headers",
    ends: only(lost, "list", "get", "create", "renew"),
    play: stalled((whole) => whole.subarray(0, headEnd(whole))),
  },
  {
    name: "timeout in the response body",
    ends: only(lost, "list", "get", "create", "renew"),
    play: stalled((whole) => whole.subarray(0, (headEnd(whole) + whole.length) / 2)),
  },
  {
    name: "response sent byte by byte, timeout",
    ends: lost,
    play: async ({ socket, work, expire }) => {
      for (const byte of serialise(await work()).subarray(0, 50))
        await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
      expire();
    },
  },
  {
    name: "response sent byte by byte, complete before the timeout",
    ends: fine,
    play: async ({ socket, work }) => {
      for (const byte of serialise(await work()))
        await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
    },
  },
  {
    name: "TLS handshake timeout",
    ends: unsent,
    https: {},
    connection: (socket, expire) => {
      socket.once("data", expire);
      return true;
    },
  },
  {
    name: "plain HTTP response to a TLS handshake",
    ends: unsent,
    https: {},
    connection: (socket) => !!socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
  },
  {
    name: "connection reset during the TLS handshake",
    ends: unsent,
    https: {},
    connection: (socket) => !!socket.once("data", () => socket.resetAndDestroy()),
  },
  {
    name: "TLS alert: handshake failure",
    ends: unsent,
    https: {},
    connection: (socket) =>
      !!socket.once("data", () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))),
  },
  {
    name: "self-signed certificate",
    ends: unsent,
    https: { tls: identity("self-signed") },
  },
  { name: "certificate with an unknown issuer", ends: unsent, https: { tls: identity("server") } },
  {
    name: "expired certificate",
    ends: unsent,
    https: { tls: identity("expired"), trust: pem("authority") },
  },
  {
    name: "certificate for another hostname",
    ends: unsent,
    https: { tls: identity("server"), trust: pem("authority"), host: "localhost" },
  },
  {
    name: "valid certificate",
    ends: fine,
    https: { tls: identity("server"), trust: pem("authority") },
  },
];
