/**
 * Works on several items at once, at most `limit` of them, and yields what comes of each in the
 * items' own order. The first failure is thrown, and then nothing more is begun.
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for (const item of items) {
    const result = work(item);
    // Behind a failure nobody waits for the rest.
    result.catch(() => {});
    running.push(result);
    const first = running.length < limit ? undefined : running.shift();
    if (first) yield await first;
  }
  for (const result of running) yield await result;
}
