import { isUtf8 } from "node:buffer";
import type { Transport } from "../core/provider.ts";
import { CliError } from "../errors.ts";
import type { FetchReply } from "../host.ts";
import { toNetworkError, toStatusError } from "./errors.ts";
import { issuePath, type Schema } from "./schema.ts";
import { buildUrl, type PathParameters } from "./url.ts";

export interface HttpOptions {
  readonly baseUrl: URL;
  readonly transport: Transport;
  /** Headers of every request, the credential among them. */
  readonly headers: () => Promise<Record<string, string>> | Record<string, string>;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";
type Route = `${Method} /${string}`;

export type RequestInit<R extends string> = {
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly json?: unknown;
  /** What to tell someone whose change may have been made though its reply was lost. */
  readonly ifLost?: string;
} & ([PathParameters<R>] extends [never]
  ? { readonly path?: never }
  : { readonly path: Readonly<Record<PathParameters<R>, string>> });

type Arguments<R extends string> = [PathParameters<R>] extends [never]
  ? [init?: RequestInit<R>]
  : [init: RequestInit<R>];

/** A typed client of one API: what it returns has passed the schema, what fails is a CliError. */
export interface HttpClient {
  /**
   * Sends `"GET /v1/token/{id}"` and returns its checked body (undefined if it is empty). Redirects
   * are errors, so the credential stays with its origin.
   * @throws CliError by the reply's status; `network` or `outcome_unknown` without a whole reply;
   * `server_error` for a reply that is not what the schema says.
   */
  request<T, R extends Route>(route: R, schema: Schema<T>, ...init: Arguments<R>): Promise<T>;
}

/** Enough for 100,000 tokens, and an end to a body that has none. */
const maximumBytes = 64 * 1024 * 1024;

export function createHttpClient({ baseUrl, transport, headers }: HttpOptions): HttpClient {
  const { fetch, now, deadline, interrupt, timeout, userAgent, trace } = transport;
  return {
    async request(route, schema, init = {} as never) {
      const {
        path,
        query = {},
        json,
        ifLost,
      } = init as RequestInit<string> & {
        path?: Readonly<Record<string, string>>;
      };
      const [method, template] = route.split(" ") as [Method, string];
      const url = buildUrl(baseUrl, template, path ?? {}, query);
      const sent = {
        accept: "application/json",
        "user-agent": userAgent,
        ...(json !== undefined && { "content-type": "application/json" }),
        ...(await headers()),
      };
      const started = now().getTime();
      trace(`${method} ${url.href}`);
      traceHeaders(">", Object.entries(sent), trace);
      const reply = await exchange();
      const requestId = reply.header("x-request-id") ?? reply.header("x-ovh-queryid");
      trace(`${reply.status} in ${now().getTime() - started} ms`);
      traceHeaders("<", reply.headers, trace);

      const isJson = reply.json !== notJson;
      if (reply.status < 200 || reply.status > 299)
        throw toStatusError({
          ...reply,
          method,
          url,
          message: wordsOf(reply),
          html: /html/i.test(reply.header("content-type") ?? ""),
          requestId,
          ifLost,
        });
      const result = isJson ? await schema["~standard"].validate(reply.json) : undefined;
      if (!result || result.issues)
        throw new CliError(
          "server_error",
          `${url.origin} answered ${method} ${url.pathname} with something that is not the API's: ${result ? [...new Set(result.issues.map(issuePath))].join(", ") : "no JSON"}.`,
          { hint: ifLost ?? "Is the URL the API's own?", requestId },
        );
      return result.value;

      async function exchange(): Promise<Reply> {
        try {
          const answer = await fetch(url.href, {
            method,
            headers: sent,
            ...(json !== undefined && { body: JSON.stringify(json) }),
            signal: AbortSignal.any([deadline(timeout), interrupt]),
          });
          return await readReply(answer);
        } catch (error) {
          if (error instanceof CliError) throw error;
          throw toNetworkError(error, { method, url, timeout, interrupt, ifLost });
        }
      }
    },
  };
}

interface Reply {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly header: (name: string) => string | undefined;
  readonly text: string;
  readonly json: unknown;
}

const notJson = Symbol("not JSON");

async function readReply({ status, headers, body }: FetchReply): Promise<Reply> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > maximumBytes)
      throw new CliError(
        "server_error",
        "The server's reply is larger than 64 MiB; the rest was not read.",
      );
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const list: [string, string][] = [];
  headers.forEach((value, name) => {
    list.push([name.toLowerCase(), value]);
  });
  return {
    status,
    headers: list,
    header: (name) => headers.get(name) ?? undefined,
    text: bytes.toString("utf8"),
    json: parseJson(bytes),
  };
}

/** JSON.parse's own message quotes the text it failed on, secrets included: it is never kept. */
function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) return notJson;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return notJson;
  }
}

/** What the server said for people: its `message`, or a short plain text. */
function wordsOf({ json, text, header }: Reply): string | undefined {
  const plain = json === notJson && /^text\/plain/i.test(header("content-type") ?? "");
  const words =
    typeof json === "object" && json !== null && "message" in json ? json.message : plain && text;
  return typeof words === "string" ? words.trim().slice(0, 500) : undefined;
}

/** Headers that can't carry a credential; of the others only the name is shown. */
const harmless =
  /^(accept|content-type|content-length|date|server|user-agent|retry-after|x-request-id|x-ovh-queryid|allow|via|cache-control)$/;

function traceHeaders(
  direction: ">" | "<",
  headers: Iterable<readonly [string, string]>,
  trace: (line: string) => void,
): void {
  for (const [name, value] of headers)
    trace(`${direction} ${name}: ${harmless.test(name) ? value : "•••"}`);
}
