import { raceAbort } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import { parseHttpDate } from "../core/time.ts";
import { CliError, InterruptedError } from "../errors.ts";
import { isTurnedAway } from "./errors.ts";
import { NetworkError } from "./network-errors.ts";
import type { Reply } from "./reply.ts";

/** What an attempt came to: a whole reply, of whatever status, or none. */
export type Outcome = Reply | NetworkError;

/** A request that may be sent several times. */
export interface Repeatable {
  readonly method: string;
  readonly url: URL;
  readonly ifLost: string | undefined;
  /** When its time is up, in milliseconds since 1970. */
  readonly endsAt: number;
  /** Sends it, signed anew; `wasSentBefore` if an earlier attempt may have done what it asks for. */
  readonly attempt: (wasSentBefore: boolean) => Promise<Outcome>;
  /** The API's own sign of a fault that passes. */
  readonly isPassing?: ((reply: Reply) => boolean) | undefined;
}

/** The ceilings of the pauses, in milliseconds: of the first, which doubles, and of any. */
const [firstPause, longestPause] = [500, 30_000];
/** No server is obeyed that asks for a longer pause. */
const longestAsked = 5 * 60_000;
/** A pause that a person wants to know of. */
const noticeable = 2000;

/**
 * Sends a request again while that is safe, may help, and there is time for it: after pauses of
 * random length up to a ceiling that doubles ("full jitter"), or as long as the server asks for.
 * A pause that would outlast the time there is is not begun.
 * @returns what the last attempt came to, and whether one before it may have done what was asked.
 * @throws InterruptedError; whatever an attempt throws, which is never repeated.
 */
export async function retry(
  first: Outcome,
  request: Repeatable,
  transport: Transport,
): Promise<{ readonly outcome: Outcome; readonly wasSentBefore: boolean }> {
  const { method, url, ifLost, endsAt, attempt } = request;
  const { retries, now, trace, warn } = transport;
  let outcome = first;
  let wasSentBefore = false;
  for (let failures = 1; isWorthRepeating(outcome, request); failures++) {
    const pause = pauseAfter(outcome, failures, transport);
    const until = now().getTime() + pause;
    if (!(outcome instanceof NetworkError) && isTurnedAway(outcome))
      holdBack(url, until, transport);
    if (failures > retries || until >= endsAt) break;
    wasSentBefore ||= mayBeDone(outcome);
    trace(`${wordsFor(outcome)}; attempt ${failures + 1} of ${retries + 1} in ${pause} ms`);
    if (pause >= noticeable)
      warn({ text: `${url.origin}: ${wordsFor(outcome)}; trying again in ${inSeconds(pause)}.` });
    await rest(pause, url, transport, wasSentBefore && method !== "GET" ? ifLost : undefined);
    outcome = await attempt(wasSentBefore);
  }
  return { outcome, wasSentBefore };
}

/**
 * Waits until a server can be asked again that wanted to be left alone.
 * @throws CliError `rate_limited` at once if that is too late; InterruptedError.
 */
export async function awaitTurn(
  { url, endsAt }: Pick<Repeatable, "url" | "endsAt">,
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
        `${url.origin} is getting too many requests, and asked to be left alone.`,
        { hint: `Try again after ${inSeconds(pause)}, or give it a longer --timeout.` },
      );
    trace(`${url.origin} asked to be left alone for ${pause} ms`);
    await rest(pause, url, transport, undefined);
  }
}

function holdBack({ origin }: URL, until: number, { notBefore }: Transport): void {
  notBefore.set(origin, Math.max(until, notBefore.get(origin) ?? 0));
}

const rest = (
  pause: number,
  url: URL,
  { sleep, interrupt }: Transport,
  ifLost: string | undefined,
): Promise<void> =>
  raceAbort(
    sleep(pause),
    interrupt,
    () =>
      new InterruptedError(`Stopped while waiting for ${url.origin}.`, interrupt, {
        ...(ifLost !== undefined && { hint: ifLost }),
      }),
  );

/** Statuses after which a reading or a deletion may succeed. */
const passing: readonly number[] = [408, 429, 500, 502, 503, 504];

/**
 * A reading or a deletion can be repeated whatever became of it (RFC 9110 §9.2.2); anything else
 * only if it is certain that nothing did.
 */
function isWorthRepeating(
  outcome: Outcome,
  { method, isPassing }: Pick<Repeatable, "method" | "isPassing">,
): boolean {
  const isHarmless = method === "GET" || method === "DELETE";
  return outcome instanceof NetworkError
    ? outcome.isPassing && (isHarmless || !outcome.wasSent)
    : isHarmless
      ? passing.includes(outcome.status) || isPassing?.(outcome) === true
      : isTurnedAway(outcome);
}

const mayBeDone = (outcome: Outcome): boolean =>
  outcome instanceof NetworkError ? outcome.wasSent : !isTurnedAway(outcome);

function pauseAfter(
  outcome: Outcome,
  failures: number,
  { now, randomBytes }: Pick<Transport, "now" | "randomBytes">,
): number {
  const asked = outcome instanceof NetworkError ? 0 : (askedFor(outcome, now()) ?? 0);
  const ceiling = Math.min(firstPause * 2 ** (failures - 1), longestPause);
  const fraction = Buffer.from(randomBytes(4)).readUInt32BE() / 2 ** 32;
  // Those that were sent away together must not come back together.
  return Math.ceil(Math.min(asked, longestAsked) + fraction * ceiling);
}

/**
 * Retry-After (RFC 9110 §10.2.3) in milliseconds: seconds, or a date, which counts from the
 * server's own Date, for its clock or ours may be wrong.
 */
function askedFor({ header }: Reply, now: Date): number | undefined {
  const after = header("retry-after") ?? "";
  if (/^\d+$/.test(after)) return Number(after) * 1000;
  const [until, theirs] = [after, header("date") ?? ""].map(parseDate);
  return until === undefined ? undefined : Math.max(0, until - (theirs ?? now.getTime()));
}

/** An HTTP date; undefined for anything else. */
function parseDate(text: string): number | undefined {
  const time = parseHttpDate(text);
  return Number.isNaN(time) ? undefined : time;
}

const wordsFor = (outcome: Outcome): string =>
  outcome instanceof NetworkError
    ? outcome.message.replace(/\.$/, "")
    : `answered ${outcome.status}`;

const inSeconds = (milliseconds: number): string => `${Math.ceil(milliseconds / 1000)} s`;
