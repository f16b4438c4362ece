/**
 * Returns a function that calls `make` on its first call, and returns the same value on each call.
 */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/**
 * Returns a signal that aborts when one of the given signals aborts, until it is released. Node 20
 * may garbage-collect the result of AbortSignal.any while code waits for it.
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
 * Waits for a promise until a signal aborts. The work behind the promise continues.
 * @throws the result of `reason` if the signal aborts first.
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
    // The signal may outlast the work by a long time.
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Processes several items concurrently and yields the results in the order of the items.
 * @param limit returns how many items may be in progress or unread, this one included.
 * @throws the first error of `work`; then no further item is started.
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
    // After an error, the other results are not read: their errors must not be unhandled.
    result.catch(() => {});
    running.push(result);
  }
  for (const result of running) yield await result;
}

/** Returns a function that returns 1, 2, 3, … */
export function createCounter(): () => number {
  let count = 0;
  return () => ++count;
}
