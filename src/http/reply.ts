import { isUtf8 } from "node:buffer";
import { CliError } from "../errors.ts";
import type { FetchReply } from "../host/host.ts";
import { codeIfLost, type Refusal } from "./errors.ts";

/** A whole reply, read to its end. */
export interface Reply {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
  /** Parsed: undefined if it is empty, `notJson` if it is something else. */
  readonly json: unknown;
}

/** Takes a body as it comes. */
export interface BodyReader {
  /** How much of it is read at most, in MiB. */
  readonly most: number;
  take(chunk: Uint8Array): void;
  /** What there is once all of it was taken. */
  end(): Pick<Reply, "text" | "json">;
}

/** Stands for a body that is not JSON, for undefined and null mean something. */
export const notJson = Symbol("not JSON");

/** What is read at most, in MiB, of a body that is kept as a whole: 100,000 tokens; and of a refusal or the reply to a change. */
const [mostKept, mostElse] = [32, 4];

/**
 * @param request what the reply is to, and what to tell someone who loses it.
 * @param createReader what takes the body of a success.
 * @throws CliError `server_error` or `outcome_unknown` for a body that is too large: over 4 MiB for
 * a change, else what its reader says; whatever reading it throws. Of a refusal its status is enough.
 */
export async function readReply(
  { status, headers, body }: FetchReply,
  request: Pick<Refusal, "method" | "ifLost">,
  createReader = readWhole,
): Promise<Reply> {
  const isSuccess = status >= 200 && status < 300;
  const reader = isSuccess ? createReader() : readWhole();
  const isAnswer = isSuccess && request.method === "GET";
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    const most = isAnswer ? reader.most : mostElse;
    if (size > most * 1024 * 1024) {
      if (!isSuccess) break;
      throw new CliError(
        codeIfLost(request, "server_error"),
        `The server's reply is larger than ${most} MiB; the rest was not read.`,
        { hint: request.ifLost ?? "Is the URL the API's own?" },
      );
    }
    reader.take(chunk);
  }
  return { status, header: (name) => headers.get(name) ?? undefined, ...reader.end() };
}

/** Keeps a body as a whole. */
export function readWhole(): BodyReader {
  const chunks: Uint8Array[] = [];
  return {
    most: mostKept,
    take: (chunk) => chunks.push(chunk),
    end() {
      const bytes = Buffer.concat(chunks);
      return { text: bytes.toString("utf8"), json: parseJson(bytes) };
    },
  };
}

/** Names, in small letters, and values. */
export function headersOf({
  headers,
}: Pick<FetchReply, "headers">): readonly (readonly [name: string, value: string])[] {
  const list: [string, string][] = [];
  headers.forEach((value, name) => {
    list.push([name.toLowerCase(), value]);
  });
  return list;
}

/**
 * Undefined if there is nothing, `notJson` if it is something else. JSON.parse's own message quotes
 * the text it failed on, secrets included: it is never kept.
 */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) return notJson;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return notJson;
  }
}

/** What a reply is that is not JSON, as far as its headers say. */
export function describeNoJson({ header }: Pick<Reply, "header">): string {
  const encoding = header("content-encoding");
  return encoding === undefined ? "no JSON" : `packed as ${encoding}, which was not asked for`;
}

export const isHtml = ({ header }: Pick<Reply, "header">): boolean =>
  /html/i.test(header("content-type") ?? "");

/** What the server said for people: its `message`, or a plain text; no more than a paragraph. */
export function wordsOf({ json, text, header }: Reply): string | undefined {
  const plain = json === notJson && /^text\/plain/i.test(header("content-type") ?? "");
  const words =
    typeof json === "object" && json !== null && "message" in json ? json.message : plain && text;
  return typeof words === "string" ? words.trim().slice(0, 500) : undefined;
}
