import { mapOrdered } from "../../core/async.ts";
import { CliError, InterruptedError } from "../../errors.ts";
import type { Session } from "../../session/session.ts";

/** The number of concurrent requests of an operation on several items. */
export const concurrency = () => 8;

/** The outcome of one operation, which failed if there is an error. */
interface Outcome {
  readonly error?: CliError | undefined;
}

/**
 * Runs an operation on several items concurrently, with progress. Operations that the rate limit
 * rejected are repeated one after the other.
 * @param label describes the progress: `Deleting tokens:`.
 * @param run never rejects with a CliError, but returns it.
 * @returns the outcomes in the order of the items.
 */
export function runMany<T, R extends Outcome>(
  session: Pick<Session, "trackItems">,
  label: string,
  items: readonly T[],
  run: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const isRateLimited = ({ error }: Outcome) => items.length > 1 && error?.code === "rate_limited";
  return session.trackItems(label, items.length, async (step) => {
    const outcomes: R[] = [];
    for await (const outcome of mapOrdered(items, concurrency, run)) {
      outcomes.push(outcome);
      if (!isRateLimited(outcome)) step();
    }
    for (const [i, item] of items.entries()) {
      const first = outcomes[i];
      if (!first || !isRateLimited(first)) continue;
      const second = await run(item);
      outcomes[i] = second;
      step();
      // The server rejects even single requests, so the others would fail too.
      if (isRateLimited(second)) break;
    }
    return outcomes;
  });
}

/** @throws the error itself if it is a bug. */
export function toCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  throw error;
}

/**
 * Returns one error for all; an interruption if there is one, because it explains the others.
 * @param message describes the failure of several items: `2 of 5 tokens were not deleted.`
 * @param hint the lines about each error. A single cause becomes part of the message.
 */
export function summarizeErrors(
  errors: readonly CliError[],
  message: string,
  hint: readonly string[],
): CliError | undefined {
  if (errors.length === 0) return undefined;
  const [cause = "", ...advice] = hint;
  const isSingle = errors.length === 1;
  return (
    errors.find((error) => error instanceof InterruptedError) ??
    (isSingle
      ? new CliError("partial", `${message.replace(/\.$/, "")}: ${cause}`, {
          hint: advice.map((line) => line.trimStart()),
        })
      : new CliError("partial", message, { hint }))
  );
}
