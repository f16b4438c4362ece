import type { Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import { type Play, type Reply, serialise, type Turn } from "../support/hostile-server.ts";

/** Commands that are tested. Each meets the fault in one of its requests. */
export type Operation = "list" | "get" | "create" | "delete" | "renew";

/** Exit code of each command for a fault. The fault does not apply to missing commands. */
export type Ends = Readonly<Partial<Record<Operation, number>>>;

/** One failure mode of a server or the network. */
export interface Fault {
  readonly name: string;
  readonly ends: Ends;
  /** Several plays run one after the other and have the same exit code. */
  readonly play?: Play | readonly Play[];
  /** Truncates this part of the response at every tenth byte, with a reset and a close in turn. */
  readonly sweep?: "headers" | "body";
  readonly connection?: (socket: Socket, expire: () => void) => boolean | undefined;
  /** The client connects with TLS. */
  readonly https?: { readonly tls?: TlsOptions; readonly host?: string; readonly trust?: string };
  /** No server listens on the address. */
  readonly isAway?: true;
  /** Affects only the first request, or the first and all later requests. */
  readonly lasts?: "once" | "always";
}

const every = (read: number, create: number, remove: number, renew: number): Ends => ({
  list: read,
  get: read,
  create,
  delete: remove,
  renew,
});

/** The server rejects the request. */
export const refused = (code: number): Ends => every(code, code, code, code);
/** No request was sent. */
export const unsent = refused(8);
/** All commands succeed. */
export const fine = refused(0);
/** The operation succeeded, but the response was lost: a created token is found and deleted. */
export const lost = every(8, 8, 8, 10);
/** The response was lost and the operation was not executed. */
export const lostUndone = every(8, 10, 8, 10);
/** The operation succeeded, but the response is not in the format of the API. */
export const foreign = every(12, 8, 12, 10);
/** The server failed before the operation. */
export const failed = every(12, 10, 12, 10);
/** The exit codes of some of the commands. */
export const only = (ends: Ends, ...operations: readonly Operation[]): Ends =>
  Object.fromEntries(Object.entries(ends).filter(([key]) => operations.some((op) => op === key)));

/** The original reply after a change. */
export const changed =
  (
    change: (reply: Reply) => Reply,
    headers: Readonly<Record<string, string | undefined>> = {},
  ): Play =>
  async ({ socket, work }) =>
    socket.write(serialise(change(await work()), headers));

/** These bytes instead of a reply, after the operation. */
export const bytes =
  (text: string | Buffer): Play =>
  async ({ socket, work }) => {
    await work();
    socket.write(typeof text === "string" ? Buffer.from(text, "latin1") : text);
  };

/** A successful response with this body. */
export const success = (body: string | Buffer, type = "application/json"): Play =>
  changed((reply) => ({
    status: reply.status === 204 ? 200 : reply.status,
    headers: { "content-type": type },
    body: Buffer.from(body),
  }));

/** An error response, without the operation. */
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

/** Writes the beginning of the original reply, then expires the timeout. */
export const stalled =
  (beginning: (whole: Buffer) => Buffer): Play =>
  async ({ socket, work, expire }: Turn) => {
    const part = beginning(serialise(await work()));
    if (part.length === 0) setImmediate(expire);
    else socket.write(part, () => setImmediate(expire));
  };

/** Returns the length of the status line and headers. */
export const headEnd = (whole: Buffer): number => whole.indexOf("\r\n\r\n") + 4;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The original reply after a change of its token, or of each token of a list. */
export const token = (change: (token: Fields) => unknown): Play =>
  changed(({ status, headers, body }) => {
    const data: unknown = body.length === 0 ? {} : JSON.parse(body.toString());
    const items = isFields(data) ? data["items"] : undefined;
    const changedData = Array.isArray(data)
      ? data.map(change)
      : Array.isArray(items)
        ? { ...(isFields(data) && data), items: items.map(change) }
        : isFields(data)
          ? change(data)
          : data;
    return { status, headers, body: Buffer.from(JSON.stringify(changedData)) };
  });

/** The original reply after a change of one part of the token: `spec` or `status`. */
export const part = (name: string, change: (fields: Fields) => unknown): Play =>
  token((whole) => {
    const fields = whole[name];
    return { ...whole, [name]: change(isFields(fields) ? fields : {}) };
  });

/** The original reply after a change of its text. */
export const text = (change: (text: string) => string | Buffer): Play =>
  changed(({ status, headers, body }) => ({
    status,
    headers,
    body: Buffer.from(change(body.toString())),
  }));
