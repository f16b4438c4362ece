import type { Context } from "../context.ts";
import type { Found, Named } from "../core/find.ts";
import { describeToken } from "../core/token.ts";
import { UsageError } from "../errors.ts";

/** What is about to be done to things that can't be had back. */
export interface Deed {
  /** As it begins a sentence: `Delete`. */
  readonly verb: string;
  /** What comes of it, as a sentence. */
  readonly consequence: string;
  /** Nobody wants to be asked. */
  readonly yes: boolean | undefined;
}

/**
 * Prepares the question that is asked at a terminal before something is destroyed, once for all,
 * unless `yes` was given. Off a terminal and in CI what was named explicitly needs no answer.
 * @throws UsageError for what was named by the beginning of its id, if nobody can be asked.
 */
export function prepareConsent(
  context: Context,
  doomed: readonly Found<Named>[],
  { verb, consequence, yes = false }: Deed,
): () => Promise<void> {
  const asks = context.interactive && !yes;
  const guessed = doomed.find(({ byPrefix }) => byPrefix);
  if (guessed && !asks)
    throw new UsageError(
      `Only the beginning of an id was given, and nobody is asked whether ${describeToken(guessed.item)} is meant.`,
      {
        hint: `Give the whole id to ${verb.toLowerCase()} it.`,
      },
    );
  return async () => {
    const names = doomed.map(({ item }) => describeToken(item)).join(", ");
    if (asks) await context.confirm(`${verb} ${names}? ${consequence}`);
  };
}
