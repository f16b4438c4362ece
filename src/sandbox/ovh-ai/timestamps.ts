/** Keeps readings within one millisecond apart, and their last digits from being all zeros. */
const step = 101n;

/**
 * A clock that reads as the API prints time: RFC 3339 in UTC with nine fractional digits.
 * No two readings are equal and none is before the last, even while `now` stands still.
 */
export function createTimestamps(now: () => Date): () => string {
  let last = 0n;
  return () => {
    const current = BigInt(now().getTime()) * 1_000_000n;
    last = (current > last ? current : last) + step;
    const milliseconds = new Date(Number(last / 1_000_000n)).toISOString().slice(0, -1);
    return `${milliseconds}${String(last % 1_000_000n).padStart(6, "0")}Z`;
  };
}
