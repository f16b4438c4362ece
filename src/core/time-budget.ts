/**
 * The time that all requests of a command may take together, in milliseconds. Only time in which
 * something is waited for that is `spend()` counts: a person may think as long as they like.
 */
export interface TimeBudget {
  /** What is left of it; 0 once it is used up. */
  remaining(): number;
  /** Counts the time of some work. What goes on at the same time counts once. */
  spend<T>(work: () => Promise<T>): Promise<T>;
  /** Sees that there is time left for work that must not stay half done. */
  ensure(): void;
}

/** @param reserve what `ensure()` sees to. */
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
