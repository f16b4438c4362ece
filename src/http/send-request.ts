import type { Transport } from "../core/connection.ts";
import { NetworkError, type RequestEffect } from "./errors/network-errors.ts";
import { describeFailure } from "./errors/status-errors.ts";
import { exchange, numberRequest } from "./exchange.ts";
import { type BodyReader, type HttpResponse, readResponse } from "./response.ts";
import type { Outcome } from "./retry.ts";

export type HttpMethod = "GET" | "POST" | "PUT" | "DELETE";

/** The body of a request. */
export interface RequestContent {
  readonly json?: unknown;
  /** Fields of an `application/x-www-form-urlencoded` body, in place of JSON. */
  readonly form?: Readonly<Record<string, string>>;
}

/** A request without headers, which each attempt computes. */
export interface PreparedRequest {
  /** What the request does, as a phrase for errors. */
  readonly action: string;
  readonly method: HttpMethod;
  readonly url: URL;
  readonly content: RequestContent;
  readonly effect: RequestEffect;
  readonly createReader: (() => BodyReader) | undefined;
}

/** The parts of a request that a signature covers. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  /** The encoded body; "" without one. */
  readonly body: string;
}

export interface SendOptions {
  readonly transport: Transport;
  /** Returns the headers of one attempt, including the credential or signature. */
  readonly headers: (
    request: OutgoingRequest,
  ) => Promise<Record<string, string>> | Record<string, string>;
  /** Discards a credential that was rejected with 401; then the request is sent once more. */
  readonly reauthorize?: () => void;
  /** Called with the headers of every response, including error responses. */
  readonly onResponse?: (header: HttpResponse["header"]) => void;
  /** Returns whether an error response of this API is transient, in addition to 429 and 5xx. */
  readonly isTransient?: (response: Pick<HttpResponse, "status" | "json">) => boolean;
}

/**
 * Sends a request with retries, within the timeout of the request and the time budget of the run.
 * @returns the last outcome, and whether an earlier attempt may have taken effect.
 */
export async function sendWithRetries(
  request: PreparedRequest,
  options: SendOptions,
): Promise<{ readonly outcome: Outcome; readonly wasSentBefore: boolean }> {
  const send = () => sendInTime(request, options);
  return options.transport.budget?.spend(send) ?? send();
}

async function sendInTime(request: PreparedRequest, options: SendOptions) {
  const transport = numberRequest(options.transport);
  const { now, notBefore, retries, budget } = transport;
  const { url, method, effect } = request;
  const remaining = budget?.remaining() ?? transport.timeout;
  if (remaining <= 0) throw outOfTime(request);
  const timeout = Math.min(transport.timeout, remaining);
  const signal = transport.deadline(timeout);
  const limited = { ...transport, deadline: () => signal };
  const endsAt = now().getTime() + timeout;

  async function attempt(wasSentBefore: boolean): Promise<Outcome> {
    if (notBefore.has(url.origin))
      await (await import("./retry.ts")).awaitTurn({ url, endsAt }, transport);
    const outcome = await sendOnce(request, wasSentBefore, { ...options, transport: limited });
    const isRejected = !(outcome instanceof NetworkError) && outcome.status === 401;
    if (!isRejected || !options.reauthorize) return outcome;
    options.reauthorize();
    return sendOnce(request, wasSentBefore, { ...options, transport: limited });
  }

  const outcome = await attempt(false);
  const isSuccess = !(outcome instanceof NetworkError) && outcome.status < 400;
  if (retries === 0 || isSuccess) return { outcome, wasSentBefore: false };
  const { retry } = await import("./retry.ts");
  const { isTransient } = options;
  const repeatable = { method, url, effect, endsAt, attempt, isTransient };
  return retry(outcome, repeatable, transport);
}

async function sendOnce(
  { action, method, url, content, effect, createReader }: PreparedRequest,
  wasSentBefore: boolean,
  { transport, headers, onResponse }: SendOptions,
): Promise<Outcome> {
  const { type, body } = encodeBody(content);
  const allHeaders = {
    accept: "application/json",
    "user-agent": transport.userAgent,
    ...(type !== undefined && { "content-type": type }),
    ...(await headers({ method, url: url.href, body: body ?? "" })),
  };
  const request = { action, method, url, headers: allHeaders, body, effect, wasSentBefore };
  try {
    const response = await exchange(request, transport, (received) =>
      readResponse(received, request, createReader),
    );
    onResponse?.(response.header);
    return response;
  } catch (error) {
    if (error instanceof NetworkError) return error;
    throw error;
  }
}

function encodeBody({ json, form }: RequestContent): {
  readonly type?: string;
  readonly body?: string;
} {
  if (form)
    return {
      type: "application/x-www-form-urlencoded",
      body: new URLSearchParams(form).toString(),
    };
  return json === undefined ? {} : { type: "application/json", body: JSON.stringify(json) };
}

/** The error for a request that is not sent, because the time budget of the run is spent. */
function outOfTime(request: PreparedRequest): NetworkError {
  const { sentence, reason } = describeFailure(
    request,
    "the command timed out before the request was sent",
  );
  return new NetworkError("network", sentence, {
    hint: "Allow more time with --timeout, for example --timeout 5m.",
    reason,
    wasSent: false,
    isTransient: false,
  });
}
