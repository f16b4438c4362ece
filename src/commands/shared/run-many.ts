import { mapOrdered } from "../../core/async.ts";
import type { Lookup, LookupItem, LookupResult } from "../../core/lookup.ts";
import { findSecretLike, maskSecretLike } from "../../core/secret.ts";
import { describeToken } from "../../core/token.ts";
import { CliError, InterruptedError, NotFoundError, toHintLines } from "../../errors.ts";
import type { Session } from "../../session/session.ts";

/** The number of concurrent requests of an operation on several items. */
export const maxConcurrency = 8;

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
    for await (const outcome of mapOrdered(items, () => maxConcurrency, run)) {
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
 * @param lines the lines about each error. A single cause becomes part of the message.
 */
export function summarizeErrors(
  errors: readonly CliError[],
  message: string,
  lines: readonly string[],
): CliError | undefined {
  if (errors.length === 0) return undefined;
  const [cause = "", ...advice] = lines;
  const isSingle = errors.length === 1;
  return (
    errors.find((error) => error instanceof InterruptedError) ??
    (isSingle
      ? new CliError("partial", `${message.replace(/\.$/, "")}: ${cause}`, {
          hint: advice.map((line) => line.trimStart()),
        })
      : new CliError("partial", message, { failures: lines, hint: [] }))
  );
}

/** A reference to an item: exactly one of `found` and `error` is set. */
export interface ReferenceLookup<T> {
  readonly reference: string;
  readonly found?: LookupResult<T>;
  readonly error?: CliError;
}

/** Looks up references concurrently. Repeated references count once. */
export async function lookUpAll<T>(
  references: Iterable<string>,
  find: Lookup<T>,
): Promise<readonly ReferenceLookup<T>[]> {
  const lookUp = (reference: string): Promise<ReferenceLookup<T>> =>
    find(reference).then(
      (found) => ({ reference, found }),
      (error: unknown) => ({ reference, error: maskSecrets(toCliError(error), reference) }),
    );
  const lookups: ReferenceLookup<T>[] = [];
  for await (const lookup of mapOrdered(new Set(references), () => maxConcurrency, lookUp))
    lookups.push(lookup);
  return lookups;
}

/** Drops references to an item that an earlier reference found too. */
export function withoutDuplicates<L extends ReferenceLookup<LookupItem>>(
  lookups: readonly L[],
): readonly L[] {
  const ids = new Set<string>();
  return lookups.filter(({ found }) => {
    if (!found) return true;
    const isNew = !ids.has(found.item.id);
    ids.add(found.item.id);
    return isNew;
  });
}

/** Returns the items that were found. */
export const foundItems = <T>(lookups: readonly ReferenceLookup<T>[]): readonly T[] =>
  lookups.flatMap(({ found }) => (found ? [found.item] : []));

/** Returns the lines about a failure. The error of a request may not name the item. */
export function toFailureLines<T extends LookupItem>(
  { found }: ReferenceLookup<T>,
  error: CliError | undefined,
): readonly string[] {
  if (!error) return [];
  const [message = "", ...hint] = toHintLines(error);
  const isNamed = !found || message.includes(found.item.id);
  return [isNamed ? message : `${describeToken(found.item)}: ${message}`, ...hint];
}

/** Masks a secret that was given as a reference, because the message becomes part of the result. */
function maskSecrets(error: CliError, reference: string): CliError {
  const found = findSecretLike(reference);
  if (found.length === 0) return error;
  const { message, hint, requestId, unknownWord, missingArgs } = error;
  const masked = maskSecretLike(message, found);
  const details = { hint, requestId, unknownWord, missingArgs, cause: error };
  return error instanceof NotFoundError
    ? new NotFoundError(masked, details)
    : new CliError(error.code, masked, details);
}
