/** Counts its calls, from 1. */
export function createCounter(): () => number {
  let count = 0;
  return () => ++count;
}
