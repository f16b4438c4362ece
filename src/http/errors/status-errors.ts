import { CliError, type ErrorCode, type ErrorDetails, NotFoundError } from "../../errors.ts";
import { codeIfLost, describeRequest, noEffect, type RequestEffect } from "./network-errors.ts";

/** A response with a status other than 2xx. */
export interface ErrorResponse {
  readonly status: number;
  /** What the request does, as a phrase for errors ("Cannot …"): `list the tokens`. */
  readonly action: string;
  readonly method: string;
  readonly url: URL;
  /** The parsed JSON body; undefined without one. */
  readonly body: unknown;
  /** Human-readable message of the server. */
  readonly message: string | undefined;
  readonly isHtml: boolean;
  /** Whether the route has a path parameter. A 404 then means that the object does not exist. */
  readonly hasPathParameter: boolean;
  readonly header: (name: string) => string | undefined;
  readonly requestId: string | undefined;
  /** The effect of the request, which this response does not confirm. */
  readonly effect: RequestEffect;
}

/**
 * Returns whether the server did not process the request: 429 Too Many Requests (RFC 6585 §4), or
 * 503 with Retry-After (RFC 9110 §15.6.4). A 503 without it may come from a gateway that lost the
 * server after the server had received the request.
 */
export const isUnprocessed = ({ status, header }: Pick<ErrorResponse, "status" | "header">) =>
  status === 429 || (status === 503 && header("retry-after") !== undefined);

/** Statuses of a server that supports neither the method nor the HTTP version: nothing was changed. */
const unsupported: readonly number[] = [501, 505];

/** Statuses for input that the API rejected. */
const invalidInput: readonly number[] = [400, 405, 413, 422];

/** Converts an error response to a CliError by its status (RFC 9110 §15). */
export function toStatusError(response: ErrorResponse): CliError {
  const { status, url, message, header, requestId } = response;
  const failure = describeFailure(response, describeStatus(status, message));
  const fail = (
    code: ErrorCode,
    hint: ErrorDetails["hint"],
    { sentence, reason }: RequestFailure = failure,
  ) => new CliError(code, sentence, { hint, reason, requestId });

  if (status >= 300 && status < 400) {
    // A 303 may follow a change that was made (RFC 9110 §15.4.4).
    const effect = status === 303 ? response.effect : noEffect;
    return fail(
      codeIfLost(effect, "server_error"),
      effect.hint ?? "Set the API's own URL with --url. tokctl does not follow redirects.",
      describeFailure(response, `${status} redirect to ${redirectTarget(header("location"), url)}`),
    );
  }
  if (status === 401)
    return fail(
      "unauthenticated",
      [
        "Sign in again: tokctl login",
        "Or pass another credential: --app-token-file FILE, or TOKCTL_APP_TOKEN",
        "The rejected credential may be mistyped, renewed, deleted, or created for another region or server.",
      ],
      {
        sentence: `${url.origin} rejected the credential: ${describeStatus(status, message)}${message ? "" : "."}`,
        reason: failure.reason,
      },
    );
  if (status === 402 || status === 403)
    return fail("forbidden", "To show the roles of the credential: tokctl whoami");
  if ((status === 404 || status === 410) && response.hasPathParameter && !response.isHtml)
    return new NotFoundError(failure.sentence, {
      reason: failure.reason,
      requestId,
      hint: "To list the existing tokens: tokctl token list",
    });
  if (status === 404)
    return fail("server_error", "Check that the URL is the API's own: tokctl doctor");
  if (status === 409) return fail("conflict", "To list the existing tokens: tokctl token list");
  if (status === 429) {
    const after = header("retry-after");
    return fail(
      "rate_limited",
      after ? `Try again after ${/^\d+$/.test(after) ? `${after} s` : after}.` : "Try again later.",
    );
  }
  if (invalidInput.includes(status))
    return fail(
      "usage",
      message ? describeServerMessage(status) : `The response contains no message. ${showRequest}`,
    );
  if (status < 500)
    return fail(
      "server_error",
      "The response may come from a proxy or another server. Check the URL: tokctl doctor",
    );
  const effect =
    isUnprocessed(response) || unsupported.includes(status) ? noEffect : response.effect;
  return fail(
    codeIfLost(effect, "server_error"),
    effect.hint ??
      (response.isHtml
        ? "The response is an HTML page. Check that the URL is the API's own: tokctl doctor"
        : "Try again later."),
  );
}

const showRequest = "To show the request, without secrets, add --debug.";

/** Returns the hint for an error with a message of the server. */
export const describeServerMessage = (status: number): string =>
  `The text after "${describeStatus(status)}" is the server's message. ${showRequest}`;

const reasonPhrases: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  413: "Content Too Large",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/**
 * Returns a status with its reason phrase (RFC 9110 §15), and the server's message after a colon:
 * `401 Unauthorized`.
 */
export const describeStatus = (status: number, message?: string): string =>
  `${[status, reasonPhrases[status] ?? []].flat().join(" ")}${message ? `: ${message}` : ""}`;

/** The message of a failed request. */
export interface RequestFailure {
  /** `Cannot list the tokens: 403 Forbidden (GET URL)`. */
  readonly sentence: string;
  /** `403 Forbidden (GET URL)`. */
  readonly reason: string;
}

/** Returns the message of a failed request, with and without its action. */
export function describeFailure(
  request: Pick<ErrorResponse, "action" | "method" | "url">,
  cause: string,
): RequestFailure {
  const reason = `${cause} ${describeRequest(request)}`;
  return { sentence: `Cannot ${request.action}: ${reason}`, reason };
}

/** Resolves to undefined if the request fails with NotFoundError. */
export async function ifFound<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** The origin and path of a redirect. Its query may hold a secret. */
function redirectTarget(location: string | undefined, base: URL): string {
  if (location === undefined || !URL.canParse(location, base.href)) return "an invalid URL";
  const { protocol, origin, pathname } = new URL(location, base);
  return /^https?:$/.test(protocol) ? `${origin}${pathname}` : "an invalid URL";
}
