import { isUtf8 } from "node:buffer";
import { CliError } from "../errors.ts";
import type { FetchReply } from "../host.ts";
import { codeIfLost } from "./errors/network-errors.ts";
import { describeFailure, type ErrorResponse } from "./errors/status-errors.ts";

/** A complete response. */
export interface HttpResponse {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
  /** The parsed body: undefined if it is empty, `notJson` if it is not JSON. */
  readonly json: unknown;
}

/** Consumes a response body chunk by chunk. */
export interface BodyReader {
  /** The maximum size of the body in MiB. */
  readonly limit: number;
  write(chunk: Uint8Array): void;
  /** Returns the body. Call it once, after the last chunk. */
  end(): Pick<HttpResponse, "text" | "json">;
}

/** The value of `json` for a body that is not JSON; undefined and null have other meanings. */
export const notJson = Symbol("not JSON");

/** MiB of a buffered body: 100,000 tokens. */
const bufferLimit = 32;
/** MiB of an error response or a response to a change. */
const smallLimit = 4;

/**
 * Reads a response to its end. The body of an error response is cut at 4 MiB.
 * @param createReader makes the reader of a successful body; by default, the body is buffered.
 * @throws CliError `server_error` or `outcome_unknown` for a body over 4 MiB after a change, or over
 * the reader's limit after a GET; errors of the connection and of the reader.
 */
export async function readResponse(
  { status, headers, body }: FetchReply,
  request: Pick<ErrorResponse, "action" | "method" | "url" | "effect">,
  createReader = bufferBody,
): Promise<HttpResponse> {
  const { method, effect } = request;
  const isSuccess = status >= 200 && status < 300;
  const reader = isSuccess ? createReader() : bufferBody();
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    const limit = isSuccess && method === "GET" ? reader.limit : smallLimit;
    if (size > limit * 1024 * 1024) {
      if (!isSuccess) break;
      const { sentence, reason } = describeFailure(
        request,
        `the response is larger than ${limit} MiB`,
      );
      throw new CliError(codeIfLost(effect, "server_error"), sentence, {
        hint: effect.hint ?? "Check that the URL is the API's own: tokctl doctor",
        reason,
      });
    }
    reader.write(chunk);
  }
  return { status, header: (name) => headers.get(name) ?? undefined, ...reader.end() };
}

/** Creates a reader that keeps the whole body in memory. */
export function bufferBody(): BodyReader {
  const chunks: Uint8Array[] = [];
  return {
    limit: bufferLimit,
    write: (chunk) => chunks.push(chunk),
    end() {
      const bytes = Buffer.concat(chunks);
      return { text: bytes.toString("utf8"), json: parseJson(bytes) };
    },
  };
}

/** Lists the headers of a response, names in lower case. */
export function headerEntries({
  headers,
}: Pick<FetchReply, "headers">): readonly (readonly [name: string, value: string])[] {
  const list: [string, string][] = [];
  headers.forEach((value, name) => {
    list.push([name.toLowerCase(), value]);
  });
  return list;
}

/**
 * Parses a body: undefined if it is empty, `notJson` if it is not JSON in UTF-8. The message of
 * JSON.parse is discarded, because it quotes the text, which may hold secrets.
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

/** Returns why a body can't be parsed: no JSON, or a Content-Encoding that was not requested. */
export function describeNotJson({ header }: Pick<HttpResponse, "header">): string {
  const encoding = header("content-encoding");
  return encoding === undefined ? "it is not JSON" : `unexpected Content-Encoding ${encoding}`;
}

export const isHtml = ({ header }: Pick<HttpResponse, "header">): boolean =>
  /html/i.test(header("content-type") ?? "");

/**
 * Returns the human-readable message of the server: `message` of a JSON object, or plain text. At
 * most 500 characters.
 */
export function serverMessage({ json, text, header }: HttpResponse): string | undefined {
  const isPlainText = json === notJson && /^text\/plain/i.test(header("content-type") ?? "");
  const message =
    typeof json === "object" && json !== null && "message" in json
      ? json.message
      : isPlainText && text;
  return typeof message === "string" ? message.trim().slice(0, 500) : undefined;
}
