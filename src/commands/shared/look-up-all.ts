import { mapOrdered } from "../../core/async.ts";
import type { Lookup, LookupItem, LookupResult } from "../../core/lookup.ts";
import { findSecretLike, maskSecretLike } from "../../core/secret.ts";
import { describeToken } from "../../core/token.ts";
import { CliError, NotFoundError, toHintLines } from "../../errors.ts";
import { concurrency, toCliError } from "./run-many.ts";

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
  for await (const lookup of mapOrdered(new Set(references), concurrency, lookUp))
    lookups.push(lookup);
  return lookups;
}

/** Drops references to an item that an earlier reference found too. */
export function withoutDuplicates<T extends LookupItem>(
  lookups: readonly ReferenceLookup<T>[],
): readonly ReferenceLookup<T>[] {
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
