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
