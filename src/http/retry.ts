import { raceAbort } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import { parseHttpDate } from "../core/time.ts";
import { CliError } from "../errors.ts";
import {
  NetworkError,
  noEffect,
  type RequestEffect,
  toInterruption,
} from "./errors/network-errors.ts";
import { describeStatus, isUnprocessed } from "./errors/status-errors.ts";
import type { HttpResponse } from "./response.ts";

/** The outcome of one attempt: a complete response of any status, or the error without one. */
export type Outcome = HttpResponse | NetworkError;

/** A request that may be sent several times. */
export interface RepeatableRequest {
  readonly method: string;
  readonly url: URL;
  readonly effect: RequestEffect;
  /** End of its timeout, in milliseconds since 1970. */
  readonly endsAt: number;
  /** Sends it with new headers. @param wasSentBefore whether an earlier attempt may have taken effect. */
  readonly attempt: (wasSentBefore: boolean) => Promise<Outcome>;
  /** Returns whether an error response of this API is transient. */
  readonly isTransient?: ((response: HttpResponse) => boolean) | undefined;
}

/** The longest pause before the first retry, in milliseconds. It doubles with each retry. */
const firstCeiling = 500;
/** The longest pause before any retry, in milliseconds. */
const maximumCeiling = 30_000;
/** The longest Retry-After that is honored, in milliseconds. */
const maximumRetryAfter = 5 * 60_000;
/** Pauses of at least this many milliseconds are announced. */
const noticeable = 2000;

/**
 * Retries a request while that is safe and the failure is transient, up to `transport.retries` times.
 * Pauses are random up to a ceiling that doubles ("full jitter"), after the server's Retry-After.
 * There is no retry if its pause would outlast the timeout.
 * @returns the last outcome, and whether an earlier attempt may have taken effect.
 * @throws InterruptedError; errors that an attempt throws.
 */
export async function retry(
  first: Outcome,
  request: RepeatableRequest,
  transport: Transport,
): Promise<{ readonly outcome: Outcome; readonly wasSentBefore: boolean }> {
  const { url, effect, endsAt, attempt } = request;
  const { retries, now, trace, warn } = transport;
  let outcome = first;
  let wasSentBefore = false;
  for (let failures = 1; shouldRetry(outcome, request); failures++) {
    const pause = pauseAfter(outcome, failures, transport);
    const until = now().getTime() + pause;
    if (!(outcome instanceof NetworkError) && isUnprocessed(outcome))
      holdBack(url, until, transport);
    if (failures > retries || until >= endsAt) break;
    wasSentBefore ||= mayHaveTakenEffect(outcome);
    trace(`${describeOutcome(outcome)}; attempt ${failures + 1} of ${retries + 1} in ${pause} ms`);
    if (pause >= noticeable)
      warn({
        text: `${url.origin}: ${describeOutcome(outcome)}. Retrying in ${inSeconds(pause)}.`,
      });
    await wait(pause, url, transport, wasSentBefore ? effect : noEffect);
    outcome = await attempt(wasSentBefore);
  }
  return { outcome, wasSentBefore };
}

/**
 * Waits until the end of the server's Retry-After.
 * @throws CliError `rate_limited` immediately if that is after the timeout; InterruptedError.
 */
export async function awaitTurn(
  { url, endsAt }: Pick<RepeatableRequest, "url" | "endsAt">,
  transport: Transport,
): Promise<void> {
  const { notBefore, now, trace } = transport;
  for (;;) {
    const until = notBefore.get(url.origin) ?? 0;
    const pause = until - now().getTime();
    if (pause <= 0) return;
    if (until >= endsAt)
      throw new CliError(
        "rate_limited",
        `Rate limit reached: ${url.origin} accepts no requests for ${inSeconds(pause)} (Retry-After).`,
        { hint: `Try again after ${inSeconds(pause)}, or increase --timeout.` },
      );
    trace(`${url.origin} is rate limiting: waiting ${pause} ms`);
    await wait(pause, url, transport, noEffect);
  }
}

function holdBack({ origin }: URL, until: number, { notBefore }: Transport): void {
  notBefore.set(origin, Math.max(until, notBefore.get(origin) ?? 0));
}

const wait = (
  pause: number,
  url: URL,
  { sleep, interrupt }: Transport,
  effect: RequestEffect,
): Promise<void> =>
  raceAbort(sleep(pause), interrupt, () => toInterruption(url, interrupt, effect));

/** Transient statuses for requests that are safe to repeat. */
const transientStatuses: readonly number[] = [408, 429, 500, 502, 503, 504];

/**
 * GET and DELETE are idempotent and may always be repeated (RFC 9110 §9.2.2). Other requests are
 * repeated only if they were not processed.
 */
function shouldRetry(
  outcome: Outcome,
  { method, isTransient }: Pick<RepeatableRequest, "method" | "isTransient">,
): boolean {
  const isIdempotent = method === "GET" || method === "DELETE";
  return outcome instanceof NetworkError
    ? outcome.isTransient && (isIdempotent || !outcome.wasSent)
    : isIdempotent
      ? transientStatuses.includes(outcome.status) || isTransient?.(outcome) === true
      : isUnprocessed(outcome);
}

const mayHaveTakenEffect = (outcome: Outcome): boolean =>
  outcome instanceof NetworkError ? outcome.wasSent : !isUnprocessed(outcome);

function pauseAfter(
  outcome: Outcome,
  failures: number,
  { now, randomBytes }: Pick<Transport, "now" | "randomBytes">,
): number {
  const retryAfter = outcome instanceof NetworkError ? 0 : (retryAfterOf(outcome, now()) ?? 0);
  const ceiling = Math.min(firstCeiling * 2 ** (failures - 1), maximumCeiling);
  const fraction = Buffer.from(randomBytes(4)).readUInt32BE() / 2 ** 32;
  // Random, so that clients that were rejected at the same time don't retry at the same time.
  return Math.ceil(Math.min(retryAfter, maximumRetryAfter) + fraction * ceiling);
}

/**
 * Returns Retry-After (RFC 9110 §10.2.3) in milliseconds. A date is compared with the server's Date
 * header, because the clocks may differ.
 */
function retryAfterOf({ header }: HttpResponse, now: Date): number | undefined {
  const after = header("retry-after") ?? "";
  if (/^\d+$/.test(after)) return Number(after) * 1000;
  const [until, serverTime] = [after, header("date") ?? ""].map(parseDate);
  return until === undefined ? undefined : Math.max(0, until - (serverTime ?? now.getTime()));
}

/** Parses an HTTP date; undefined for other text. */
function parseDate(text: string): number | undefined {
  const time = parseHttpDate(text);
  return Number.isNaN(time) ? undefined : time;
}

const describeOutcome = (outcome: Outcome): string =>
  outcome instanceof NetworkError
    ? outcome.message.replace(/\.$/, "")
    : describeStatus(outcome.status);

const inSeconds = (milliseconds: number): string => `${Math.ceil(milliseconds / 1000)} s`;
