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
