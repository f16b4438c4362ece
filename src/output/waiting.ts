import { isCi } from "../host/environment.ts";
import type { Fetch, FetchReply, Host } from "../host/host.ts";
import type { Awaited } from "./progress.ts";
import type { OutputOptions } from "./render.ts";

/** What is shown while somebody waits. */
export interface Waiting {
  /** The host, with writing that takes away first what is shown. */
  readonly host: Host;
  /** A fetch whose replies are waited for, to their last byte. */
  watch(fetch: Fetch): Fetch;
  /** Tells how many of several things are done, for as long as the work on them goes on. */
  count<T>(what: string, total: number, work: (step: () => void) => Promise<T>): Promise<T>;
  /** Shows nothing for as long as somebody is asked something. */
  hold<T>(work: () => Promise<T>): Promise<T>;
  end(): void;
}

/** Who waits for less than this is shown nothing. */
const patience = 300;
/** Milliseconds from one picture to the next. */
const interval = 100;
/** To the line's start, and all that stands there gone (ECMA-48 §8.3.41). */
const erase = "\r\x1b[K";

/** Where nobody watches, or wants to: nothing is ever shown. */
const unseen = (host: Host): Waiting => ({
  host,
  watch: (fetch) => fetch,
  count: (_what, _total, work) => work(() => {}),
  hold: (work) => work(),
  end: () => {},
});

/**
 * Shows on stderr, if that is a terminal, what is waited for, once that takes a while: a line that is
 * taken away before anything else is written. It never hides the cursor and listens to no signal,
 * so that there is nothing to put right if the program is killed.
 */
export function createWaiting(outside: Host, { quiet }: Pick<OutputOptions, "quiet">): Waiting {
  const { stdout, stderr, env } = outside;
  if (!stderr.isTTY || quiet || env["TERM"] === "dumb" || isCi(env)) return unseen(outside);
  const awaited: Awaited = { server: "", tally: undefined };
  let draw: ((awaited: Awaited, columns: number) => string) | undefined;
  let pending = 0;
  let held = 0;
  let waited = 0;
  let isShown = false;
  let stop: (() => void) | undefined;

  function clear(): void {
    if (isShown) void stderr.write(erase);
    isShown = false;
  }
  function end(): void {
    clear();
    stop?.();
    stop = undefined;
    waited = 0;
  }
  /** Between two attempts nothing is pending, but some of several things are still to do. */
  const isIdle = () => pending === 0 && !awaited.tally;
  async function tick(): Promise<void> {
    if (isIdle()) return end();
    waited += interval;
    if (waited < patience) return;
    draw ??= (await import("./progress.ts")).createPicture();
    if (isIdle() || held > 0 || !stop) return;
    isShown = true;
    void stderr.write(`${erase}${draw(awaited, stderr.columns || 80)}`);
  }
  function begin(): void {
    pending++;
    stop ??= outside.every(interval, () => void tick());
  }
  function finish(): void {
    // The next request may follow at once: what is shown stays until the next tick.
    pending--;
  }
  const clearing = (sink: Host["stdout"]): Host["stdout"] => ({
    ...sink,
    write(text) {
      clear();
      return sink.write(text);
    },
  });
  async function* readWaiting(body: NonNullable<FetchReply["body"]>): AsyncGenerator<Uint8Array> {
    begin();
    try {
      yield* body;
    } finally {
      finish();
    }
  }
  return {
    host: { ...outside, stdout: clearing(stdout), stderr: clearing(stderr) },
    watch: (fetch) => async (url, init) => {
      begin();
      awaited.server = new URL(url).host;
      try {
        const { status, headers, body } = await fetch(url, init);
        return { status, headers, body: body && readWaiting(body) };
      } finally {
        finish();
      }
    },
    async count(what, total, work) {
      const tally = { what, total, done: 0 };
      if (total > 1) awaited.tally = tally;
      try {
        return await work(() => {
          tally.done++;
        });
      } finally {
        awaited.tally = undefined;
      }
    },
    async hold(work) {
      held++;
      clear();
      try {
        return await work();
      } finally {
        held--;
      }
    },
    end,
  };
}
