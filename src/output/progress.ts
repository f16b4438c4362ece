import { type Fetch, type FetchReply, type Host, isCi, type OutputStream } from "../host.ts";
import type { OutputOptions } from "./view.ts";

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
  const format = createProgressLine();
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
  function tick(): void {
    if (isIdle()) {
      end();
      return;
    }
    elapsedMs += frameMs;
    if (elapsedMs < delayMs || hiding > 0) return;
    isShown = true;
    void stderr.write(`${erase}${format(state, stderr.columns || 80)}`);
  }
  function startRequest(): void {
    pendingRequests++;
    stopTimer ??= outside.every(frameMs, tick);
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

const frames = ["|", "/", "-", "\\"];
/** Maximum and minimum width of the progress bar in characters. A narrower bar is omitted. */
const [maxBar, minBar] = [30, 5];

/**
 * Returns a function that formats the progress line in ASCII, shorter than `columns`: a spinner
 * with the server's host, or a progress bar for several items.
 */
export function createProgressLine(): (state: ProgressState, columns: number) => string {
  let frame = 0;
  return ({ server, items }, columns) => {
    const spinner = frames[frame++ % frames.length] ?? "";
    if (!items) return `${spinner} Waiting for ${server}`.slice(0, columns - 1);
    const { label, done, total } = items;
    const text = `${spinner} ${label} ${done} of ${total}`;
    const size = Math.min(maxBar, columns - 1 - text.length - " []".length);
    if (size < minBar) return text.slice(0, columns - 1);
    const filled = Math.floor((done / total) * size);
    return `${text} [${"#".repeat(filled)}${".".repeat(size - filled)}]`;
  };
}

/** The operation in progress. */
export interface ProgressState {
  /** Host of the server of the latest request. */
  server: string;
  /** Progress of an operation on several items. */
  items: { readonly label: string; readonly total: number; done: number } | undefined;
}
