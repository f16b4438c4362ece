/** Makes a thing when it is first asked for. */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/**
 * Aborts when one of these does, until it is released. AbortSignal.any would do, but Node 20 may
 * collect what it makes while it is waited for, and then nothing ever aborts.
 */
export function anySignal(...signals: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  release(): void;
} {
  const controller = new AbortController();
  const abort = () => controller.abort(signals.find(({ aborted }) => aborted)?.reason);
  for (const signal of signals) signal.addEventListener("abort", abort, { once: true });
  if (signals.some(({ aborted }) => aborted)) abort();
  const release = () => {
    for (const signal of signals) signal.removeEventListener("abort", abort);
  };
  return { signal: controller.signal, release };
}

/**
 * What comes of some work, unless a signal stops the waiting for it: then what `reason` makes is
 * thrown. The work itself goes on.
 */
export async function raceAbort<T>(
  work: Promise<T>,
  signal: AbortSignal,
  reason: () => unknown,
): Promise<T> {
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(reason());
  });
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([stopped, work]);
  } finally {
    // A signal outlives much that is waited for.
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Works on several items at once and yields what comes of each, in the items' own order. An item is
 * begun when fewer than `limit` of those before it are still worked on or waited for. The first
 * failure is thrown, and then nothing more is begun.
 */
export async function* mapOrdered<T, R>(
  items: Iterable<T>,
  limit: (item: T) => number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for (const item of items) {
    const excess = Math.max(0, running.length - limit(item) + 1);
    for (const first of running.splice(0, excess)) yield await first;
    const result = work(item);
    // Behind a failure nobody waits for the rest.
    result.catch(() => {});
    running.push(result);
  }
  for (const result of running) yield await result;
}

/** Counts its calls, from 1. */
export function createCounter(): () => number {
  let count = 0;
  return () => ++count;
}
