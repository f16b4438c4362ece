import type { Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import { type Play, type Reply, serialise, type Turn } from "../support/hostile-server.ts";

/** The commands that meet faults, each at its own request. */
export type Operation = "list" | "get" | "create" | "delete" | "renew";

/** The exit code of each command that meets a fault; of those left out, there is nothing to see. */
export type Ends = Readonly<Partial<Record<Operation, number>>>;

export interface Fault {
  readonly name: string;
  readonly ends: Ends;
  /** Several are played one after the other, and end alike. */
  readonly play?: Play | readonly Play[];
  /** The connection is cut at every tenth byte of this part of a reply: reset, or closed, in turn. */
  readonly sweep?: "headers" | "body";
  readonly connection?: (socket: Socket, expire: () => void) => boolean | undefined;
  /** Reached by TLS, or so the client believes. */
  readonly https?: { readonly tls?: TlsOptions; readonly host?: string; readonly trust?: string };
  /** Nothing listens there. */
  readonly isAway?: true;
  /** Met by the first of the requests alone, or by that and all that follow. */
  readonly lasts?: "once" | "for good";
}

const every = (read: number, create: number, remove: number, renew: number): Ends => ({
  list: read,
  get: read,
  create,
  delete: remove,
  renew,
});

/** The server's own refusal. */
export const refused = (code: number): Ends => every(code, code, code, code);
/** Nothing was sent. */
export const unsent = refused(8);
/** Nothing is wrong with it. */
export const fine = refused(0);
/** Done, and no whole answer came back: what was created is found and deleted again. */
export const lost = every(8, 8, 8, 10);
/** The same, though nothing was done. */
export const lostUndone = every(8, 10, 8, 10);
/** Done, and what came back is not what the API says. */
export const foreign = every(12, 8, 12, 10);
/** The server failed, and did nothing. */
export const failed = every(12, 10, 12, 10);
export const only = (ends: Ends, ...operations: readonly Operation[]): Ends =>
  Object.fromEntries(Object.entries(ends).filter(([key]) => operations.some((op) => op === key)));

/** The true reply, with this done to it. */
export const changed =
  (
    change: (reply: Reply) => Reply,
    headers: Readonly<Record<string, string | undefined>> = {},
  ): Play =>
  async ({ socket, work }) =>
    socket.write(serialise(change(await work()), headers));

/** These bytes in place of a reply, after the work was done. */
export const bytes =
  (text: string | Buffer): Play =>
  async ({ socket, work }) => {
    await work();
    socket.write(typeof text === "string" ? Buffer.from(text, "latin1") : text);
  };

/** A success with this body. */
export const success = (body: string | Buffer, type = "application/json"): Play =>
  changed((reply) => ({
    status: reply.status === 204 ? 200 : reply.status,
    headers: { "content-type": type },
    body: Buffer.from(body),
  }));

/** A refusal; nothing is done. */
export const status =
  (
    code: number,
    headers: Readonly<Record<string, string>> = {},
    body: string | Buffer = '{"message":"because"}',
  ): Play =>
  ({ socket }) =>
    socket.write(
      serialise({
        status: code,
        headers: { "content-type": "application/json", ...headers },
        body: Buffer.from(body),
      }),
    );

/** Writes the beginning of the true reply, and lets the time run out. */
export const stalled =
  (beginning: (whole: Buffer) => Buffer): Play =>
  async ({ socket, work, expire }: Turn) => {
    const part = beginning(serialise(await work()));
    if (part.length === 0) setImmediate(expire);
    else socket.write(part, () => setImmediate(expire));
  };

export const headEnd = (whole: Buffer): number => whole.indexOf("\r\n\r\n") + 4;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The true reply, with this done to the token in it, or to each of a list. */
export const token = (change: (token: Fields) => unknown): Play =>
  changed(({ status, headers, body }) => {
    const data: unknown = body.length === 0 ? {} : JSON.parse(body.toString());
    const items = isFields(data) ? data["items"] : undefined;
    const spoilt = Array.isArray(data)
      ? data.map(change)
      : Array.isArray(items)
        ? { ...(isFields(data) && data), items: items.map(change) }
        : isFields(data)
          ? change(data)
          : data;
    return { status, headers, body: Buffer.from(JSON.stringify(spoilt)) };
  });

/** The same for one part of it: `spec` or `status`. */
export const part = (name: string, change: (fields: Fields) => unknown): Play =>
  token((whole) => {
    const fields = whole[name];
    return { ...whole, [name]: change(isFields(fields) ? fields : {}) };
  });

/** The true reply, with this done to its text. */
export const text = (change: (text: string) => string | Buffer): Play =>
  changed(({ status, headers, body }) => ({
    status,
    headers,
    body: Buffer.from(change(body.toString())),
  }));
