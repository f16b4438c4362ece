/**
 * The time for all requests of a command together, in milliseconds. Only the time in `spend()` counts,
 * so the user has unlimited time to answer questions.
 */
export interface TimeBudget {
  /** Returns the remaining time, at least 0. */
  remaining(): number;
  /** Runs `work` and counts its time. Concurrent work counts once. */
  spend<T>(work: () => Promise<T>): Promise<T>;
  /** Raises the remaining time to the reserve, for work that must be completed. */
  ensure(): void;
}

/**
 * Creates a time budget.
 * @param total milliseconds.
 * @param reserve the remaining milliseconds after `ensure()`.
 */
export function createTimeBudget(now: () => Date, total: number, reserve: number): TimeBudget {
  let left = total;
  let running = 0;
  let since = 0;
  const remaining = () =>
    Math.max(0, left - (running > 0 ? Math.max(0, now().getTime() - since) : 0));
  return {
    remaining,
    async spend(work) {
      if (running === 0) since = now().getTime();
      running++;
      try {
        return await work();
      } finally {
        if (running === 1) left = remaining();
        running--;
      }
    },
    ensure() {
      left += Math.max(0, reserve - remaining());
    },
  };
}
