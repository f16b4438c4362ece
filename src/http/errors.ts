import { CliError, type ErrorCode, NotFoundError } from "../errors.ts";

/** A reply that is not a success: its status decides the code, the server's words are kept. */
export interface Refusal {
  readonly status: number;
  readonly method: string;
  readonly url: URL;
  /** Parsed JSON; undefined if there is none. */
  readonly body: unknown;
  /** What the server said, if it said anything for people. */
  readonly message: string | undefined;
  readonly html: boolean;
  /** The address holds the id or name of something, so that a 404 can mean that very thing. */
  readonly namesThing: boolean;
  readonly header: (name: string) => string | undefined;
  readonly requestId: string | undefined;
  /** What may have happened all the same, and how to find out. */
  readonly ifLost: string | undefined;
}

/**
 * The code for a change that was sent and whose result nobody knows; `otherwise` where nothing can
 * be lost by that: it changed nothing, or can be repeated, as a deletion can.
 */
export const codeIfLost = (
  { method, ifLost }: Pick<Refusal, "method" | "ifLost">,
  otherwise: ErrorCode,
): ErrorCode =>
  ifLost !== undefined && method !== "GET" && method !== "DELETE" ? "outcome_unknown" : otherwise;

/**
 * Whether a server says that it did not even look at a request: too many of them (RFC 6585 §4), or
 * out of service until a time that it names (RFC 9110 §15.6.4). A 503 that names none may come from
 * a gateway that lost the server after it had taken the request.
 */
export const isTurnedAway = ({ status, header }: Pick<Refusal, "status" | "header">): boolean =>
  status === 429 || (status === 503 && header("retry-after") !== undefined);

/** The error that an unsuccessful reply means (design: exit table). */
export function toStatusError(refusal: Refusal): CliError {
  const { status, method, url, message, header, requestId, ifLost } = refusal;
  const target = `${method} ${url.origin}${url.pathname}`;
  const fail = (code: ErrorCode, sentence: string, hint: string) =>
    new CliError(code, `${sentence} (${status})${message ? `: ${message}` : "."}`, {
      hint,
      requestId,
    });

  if (status >= 300 && status < 400)
    return fail(
      // What is done may be shown at another place: RFC 9110 §15.4.4.
      status === 303 ? codeIfLost(refusal, "server_error") : "server_error",
      `${url.origin} answered ${method} ${url.pathname} with a redirect to ${redirectTarget(header("location"), url)}, which was not followed`,
      (status === 303 ? ifLost : undefined) ??
        "Give the API's own address with --url; a credential is never sent on to another place.",
    );
  if (status === 401)
    return fail(
      "unauthenticated",
      `${url.origin} refused the credential`,
      "It may be mistyped, renewed, deleted, or made for another region or server: sign in anew with tokctl login, or pass another with --app-token-file or TOKCTL_APP_TOKEN.",
    );
  if (status === 402 || status === 403)
    return fail(
      "forbidden",
      `${url.origin} does not let this credential do that`,
      "tokctl whoami shows what the credential may do.",
    );
  if ((status === 404 || status === 410) && refusal.namesThing && !refusal.html)
    return new NotFoundError(
      `${url.origin} knows no ${url.pathname} (${status})${message ? `: ${message}` : "."}`,
      { requestId, hint: "tokctl token list shows what there is." },
    );
  if (status === 404)
    return fail(
      "server_error",
      `${url.origin} has no ${url.pathname}`,
      "Is the URL the API's own?",
    );
  if (status === 409)
    return fail(
      "conflict",
      `${url.origin} refused ${method} ${url.pathname}: it conflicts with what exists`,
      "tokctl token list shows what exists.",
    );
  if (status === 429) {
    const after = header("retry-after");
    return fail(
      "rate_limited",
      `${url.origin} is getting too many requests`,
      after ? `Try again after ${/^\d+$/.test(after) ? `${after} s` : after}.` : "Try again later.",
    );
  }
  if ([400, 405, 413, 422].includes(status))
    return fail(
      "usage",
      `${url.origin} refused the request`,
      message
        ? "The words behind the colon are the server's own. --debug shows what was asked, without secrets."
        : "The server gave no reason. --debug shows what was sent, without secrets.",
    );
  if (status < 500)
    return fail(
      "server_error",
      `${target} was refused as the API does not refuse`,
      "Something before it may have answered: is the URL the API's own?",
    );
  const lost = isTurnedAway(refusal) || neverDone.includes(status) ? undefined : ifLost;
  return fail(
    codeIfLost({ method, ifLost: lost }, "server_error"),
    `${target} failed at the server`,
    lost ??
      (refusal.html ? "The reply is a web page: is the URL the API's own?" : "Try again later."),
  );
}

/** What a server fails at before it does anything: it knows no such method, or no such HTTP. */
const neverDone: readonly number[] = [501, 505];

/** What was asked for, or undefined if the server says that there is no such thing. */
export async function ifFound<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** Only origin and path: a query may carry what a login page needs to know. */
function redirectTarget(location: string | undefined, base: URL): string {
  if (location === undefined || !URL.canParse(location, base.href)) return "nowhere";
  const { protocol, origin, pathname } = new URL(location, base);
  return /^https?:$/.test(protocol) ? `${origin}${pathname}` : "nowhere";
}
