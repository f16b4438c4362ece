import type { Fetch, FetchReply, Host, OutputStream } from "../host.ts";
import { isCi } from "../host.ts";
import type { ProgressState } from "./progress-line.ts";
import type { OutputOptions } from "./render.ts";

/** Shows on stderr that an operation is in progress. */
export interface Progress {
  /** The host, with output streams that erase the progress line before each write. */
  readonly host: Host;
  /** Returns a fetch that counts as pending until the last byte of the response. */
  trackRequests(fetch: Fetch): Fetch;
  /** Shows a progress bar during `work` on several items; `step` marks one as done. */
  trackItems<T>(label: string, total: number, work: (step: () => void) => Promise<T>): Promise<T>;
  /** Shows nothing during `work`, for example while a question is open. */
  hideWhile<T>(work: () => Promise<T>): Promise<T>;
  end(): void;
}

/** Milliseconds before the progress line appears, so that short operations show none. */
const delayMs = 300;
const frameMs = 100;
/** Moves to the start of the line and erases it (ECMA-48, section 8.3.41). */
const erase = "\r\x1b[K";

const createHiddenProgress = (host: Host): Progress => ({
  host,
  trackRequests: (fetch) => fetch,
  trackItems: (_label, _total, work) => work(() => {}),
  hideWhile: (work) => work(),
  end: () => {},
});

/**
 * Creates a progress line on stderr. It is hidden with --quiet, in CI, with TERM=dumb, and if
 * stderr is not a terminal. It never hides the cursor or handles signals, so a killed process
 * leaves the terminal usable.
 */
export function createProgress(outside: Host, { quiet }: Pick<OutputOptions, "quiet">): Progress {
  const { stdout, stderr, env } = outside;
  if (!stderr.isTTY || quiet || env["TERM"] === "dumb" || isCi(env))
    return createHiddenProgress(outside);
  const state: ProgressState = { server: "", items: undefined };
  let format: ((state: ProgressState, columns: number) => string) | undefined;
  let pendingRequests = 0;
  let hiding = 0;
  let elapsedMs = 0;
  let isShown = false;
  let stopTimer: (() => void) | undefined;

  function clear(): void {
    if (isShown) void stderr.write(erase);
    isShown = false;
  }
  function end(): void {
    clear();
    stopTimer?.();
    stopTimer = undefined;
    elapsedMs = 0;
  }
  /** No request is pending between two retries, but items may remain. */
  const isIdle = () => pendingRequests === 0 && !state.items;
  async function tick(): Promise<void> {
    if (isIdle()) return end();
    elapsedMs += frameMs;
    if (elapsedMs < delayMs) return;
    format ??= (await import("./progress-line.ts")).createProgressLine();
    if (isIdle() || hiding > 0 || !stopTimer) return;
    isShown = true;
    void stderr.write(`${erase}${format(state, stderr.columns || 80)}`);
  }
  function startRequest(): void {
    pendingRequests++;
    stopTimer ??= outside.every(frameMs, () => void tick());
  }
  function finishRequest(): void {
    // The line stays until the next tick, because another request may follow immediately.
    pendingRequests--;
  }
  const erasingBefore = (stream: OutputStream): OutputStream => ({
    ...stream,
    write(text) {
      clear();
      return stream.write(text);
    },
  });
  async function* trackBody(body: NonNullable<FetchReply["body"]>): AsyncGenerator<Uint8Array> {
    startRequest();
    try {
      yield* body;
    } finally {
      finishRequest();
    }
  }
  return {
    host: { ...outside, stdout: erasingBefore(stdout), stderr: erasingBefore(stderr) },
    trackRequests: (fetch) => async (url, init) => {
      startRequest();
      state.server = new URL(url).host;
      try {
        const { status, headers, body } = await fetch(url, init);
        return { status, headers, body: body && trackBody(body) };
      } finally {
        finishRequest();
      }
    },
    async trackItems(label, total, work) {
      const items = { label, total, done: 0 };
      if (total > 1) state.items = items;
      try {
        return await work(() => {
          items.done++;
        });
      } finally {
        state.items = undefined;
      }
    },
    async hideWhile(work) {
      hiding++;
      clear();
      try {
        return await work();
      } finally {
        hiding--;
      }
    },
    end,
  };
}
