import type { Transport } from "../core/connection.ts";
import { CliError, NotFoundError } from "../errors.ts";
import { codeIfLost, type Refusal, toStatusError } from "./errors.ts";
import { exchange, numberRequest } from "./exchange.ts";
import { NetworkError } from "./network-errors.ts";
import {
  type BodyReader,
  describeNoJson,
  isHtml,
  notJson,
  type Reply,
  readReply,
  wordsOf,
} from "./reply.ts";
import type { Outcome } from "./retry.ts";
import { describeIssues, type Schema } from "./schema.ts";
import { buildUrl, type PathParameters } from "./url.ts";

export interface HttpOptions {
  readonly baseUrl: URL;
  readonly transport: Transport;
  /** Headers of a request, the credential among them; an API may want it signed. */
  readonly headers: (
    request: OutgoingRequest,
  ) => Promise<Record<string, string>> | Record<string, string>;
  /** Drops a credential that was refused with 401, so that the request is sent once more. */
  readonly reauthorize?: () => void;
  /** Sees every reply's headers, also those of a refusal. */
  readonly onReply?: (header: Reply["header"]) => void;
  /** The API's own sign, besides the status, of a fault that passes. */
  readonly isPassing?: (reply: Pick<Reply, "status" | "json">) => boolean;
  /** The API's own reading of a refusal; what it leaves undefined goes by its status. */
  readonly explain?: (refusal: Refusal) => CliError | undefined;
}

/** What a signature covers: the whole URL, and the body as it is sent, "" if there is none. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** An array repeats its key; undefined leaves it out. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

type Method = "GET" | "POST" | "PUT" | "DELETE";
type Route = `${Method} /${string}`;

export type RequestInit<R extends string> = {
  readonly query?: Query;
  readonly json?: unknown;
  /** The fields of a form (`application/x-www-form-urlencoded`), in place of JSON. */
  readonly form?: Readonly<Record<string, string>>;
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
   * are errors, so the credential stays with its origin. What fails in passing is sent again
   * (`retry()`), each time with fresh headers; a deletion that was, and finds nothing, has succeeded.
   * A list is `listOf()` its elements: a long one must not be kept as it came.
   * @throws CliError by the reply's status; `network` or `outcome_unknown` without a whole reply;
   * `server_error` for a reply that is not what the schema says.
   */
  request<T, R extends Route>(
    route: R,
    schema: Schema<T> & { readonly createReader?: () => BodyReader },
    ...init: Arguments<R>
  ): Promise<T>;
}

export function createHttpClient(options: HttpOptions): HttpClient {
  const { baseUrl, headers, reauthorize, onReply, isPassing, explain } = options;

  async function send(
    { method, url, sendable, createReader, wasSentBefore }: Attempt,
    limited: Transport,
  ): Promise<Outcome> {
    const { ifLost } = sendable;
    const { type, body } = encodeBody(sendable);
    const sent = {
      accept: "application/json",
      "user-agent": limited.userAgent,
      ...(type !== undefined && { "content-type": type }),
      ...(await headers({ method, url: url.href, body: body ?? "" })),
    };
    const outgoing = { method, url, headers: sent, body, ifLost, wasSentBefore };
    try {
      const reply = await exchange(outgoing, limited, (reply) =>
        readReply(reply, outgoing, createReader),
      );
      onReply?.(reply.header);
      return reply;
    } catch (error) {
      if (error instanceof NetworkError) return error;
      throw error;
    }
  }

  /** All the attempts of a request, within the time for one and what is left of that for all. */
  async function insist(request: Omit<Attempt, "wasSentBefore">) {
    const transport = numberRequest(options.transport);
    const { now, notBefore, retries, budget } = transport;
    const { url, method, sendable } = request;
    const left = budget?.remaining() ?? transport.timeout;
    if (left <= 0) throw outOfTime(method, url);
    const timeout = Math.min(transport.timeout, left);
    const limit = transport.deadline(timeout);
    const limited = { ...transport, deadline: () => limit };
    const endsAt = now().getTime() + timeout;
    async function attempt(wasSentBefore: boolean): Promise<Outcome> {
      if (notBefore.has(url.origin))
        await (await import("./retry.ts")).awaitTurn({ url, endsAt }, transport);
      const outcome = await send({ ...request, wasSentBefore }, limited);
      if (outcome instanceof NetworkError || outcome.status !== 401 || !reauthorize) return outcome;
      reauthorize();
      return send({ ...request, wasSentBefore }, limited);
    }
    const outcome = await attempt(false);
    const isDone = !(outcome instanceof NetworkError) && outcome.status < 400;
    if (retries === 0 || isDone) return { outcome, wasSentBefore: false };
    const { retry } = await import("./retry.ts");
    const { ifLost } = sendable;
    return retry(outcome, { method, url, ifLost, endsAt, attempt, isPassing }, transport);
  }

  return {
    async request(route, schema, ...[init]) {
      const { path = {}, query = {}, ...sendable }: AnyInit = init ?? {};
      const [method, template] = route.split(" ") as [Method, string];
      const url = buildUrl(baseUrl, template, path, query);
      const { createReader } = schema;
      const insistent = () => insist({ method, url, sendable, createReader });
      const { budget } = options.transport;
      const { outcome: reply, wasSentBefore } = await (budget?.spend(insistent) ?? insistent());
      if (reply instanceof NetworkError) throw reply;
      const requestId = reply.header("x-request-id") ?? reply.header("x-ovh-queryid");
      const { ifLost } = sendable;
      let isGone = false;
      if (reply.status < 200 || reply.status > 299) {
        const refusal: Refusal = {
          status: reply.status,
          method,
          url,
          body: reply.json === notJson ? undefined : reply.json,
          message: wordsOf(reply),
          html: isHtml(reply),
          namesThing: template.includes("{"),
          header: reply.header,
          requestId,
          ifLost,
        };
        const error = explain?.(refusal) ?? toStatusError(refusal);
        isGone = wasSentBefore && method === "DELETE" && error instanceof NotFoundError;
        if (!isGone) throw error;
      }
      const json = isGone ? undefined : reply.json;
      const result = json === notJson ? undefined : await schema["~standard"].validate(json);
      if (!result || result.issues)
        throw new CliError(
          codeIfLost({ method, ifLost }, "server_error"),
          `${url.origin} answered ${method} ${url.pathname} with something that is not the API's: ${result ? describeIssues(result.issues) : describeNoJson(reply)}.`,
          {
            hint:
              ifLost ??
              (isHtml(reply)
                ? "It is a web page, perhaps to sign in: is the URL the API's own?"
                : "Is the URL the API's own?"),
            requestId,
          },
        );
      return result.value;
    },
  };
}

/** Nothing is sent any more once the time for the whole command is over. */
const outOfTime = (method: string, { origin, pathname }: URL) =>
  new NetworkError(
    "network",
    `The time for the whole command is over: ${method} ${origin}${pathname} was not sent.`,
    {
      hint: "Allow more time with --timeout, for example --timeout 5m.",
      wasSent: false,
      isPassing: false,
    },
  );

/** One sending of a request. */
interface Attempt {
  readonly method: Method;
  readonly url: URL;
  readonly sendable: Sendable;
  readonly createReader: (() => BodyReader) | undefined;
  readonly wasSentBefore: boolean;
}

/** What a request needs besides its address. */
interface Sendable {
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly ifLost?: string;
}

function encodeBody({ json, form }: Sendable): { readonly type?: string; readonly body?: string } {
  if (form)
    return {
      type: "application/x-www-form-urlencoded",
      body: new URLSearchParams(form).toString(),
    };
  return json === undefined ? {} : { type: "application/json", body: JSON.stringify(json) };
}

type AnyInit = Sendable & {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Query;
};
