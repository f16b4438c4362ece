import type { LookupItem, LookupResult } from "../core/lookup.ts";
import { describeToken } from "../core/token.ts";
import { UsageError } from "../errors.ts";
import type { Session } from "../session/session.ts";

/** What is about to be done to things that can't be had back. */
export interface DestructiveAction<T> {
  /** As it begins a sentence: `Delete`. */
  readonly verb: string;
  /** What one of them is: `token`. */
  readonly noun: string;
  /** What is said of each besides its name. */
  readonly detail?: (item: T) => string;
  /** What comes of it, in sentences; found out only if somebody is asked. */
  readonly consequence: () => Promise<string> | string;
  /** Nobody wants to be asked. */
  readonly yes: boolean | undefined;
}

/**
 * Refuses to destroy more than one thing where nobody is asked, before anything is sent. A name
 * that was given twice counts once.
 * @throws UsageError unless `yes` was given, or a question can be asked at a terminal.
 */
export function requireConsentForMany(
  { interactive }: Pick<Session, "interactive">,
  references: readonly string[],
  { verb, noun, yes = false }: Pick<DestructiveAction<unknown>, "verb" | "noun" | "yes">,
): void {
  const number = new Set(references).size;
  if (number <= 1 || yes || interactive) return;
  const what = `${verb.toLowerCase()} ${number} ${noun}s`;
  throw new UsageError(`Confirmation is required to ${what}, and there is no terminal to ask at.`, {
    hint: `Add --yes to ${what} without confirmation.`,
  });
}

/**
 * Prepares the question that is asked at a terminal before something is destroyed, once for all,
 * unless `yes` was given. Off a terminal and in CI one that was named explicitly needs no answer.
 * @throws UsageError for what was named by the beginning of its id, if nobody can be asked.
 */
export function prepareConfirmation<T extends LookupItem>(
  session: Session,
  doomed: readonly LookupResult<T>[],
  { verb, noun, detail, consequence, yes = false }: DestructiveAction<T>,
): () => Promise<void> {
  const asks = session.interactive && !yes;
  const guessed = doomed.find(({ isPrefixMatch }) => isPrefixMatch);
  if (guessed && !asks)
    throw new UsageError(
      `Only the beginning of an id was given, and nobody is asked whether ${describeToken(guessed.item)} is meant.`,
      {
        hint: `Give the whole id to ${verb.toLowerCase()} it.`,
      },
    );
  return async () => {
    if (!asks) return;
    const outlook = await consequence();
    const things = doomed.map(
      ({ item }) => `${describeToken(item)}${detail ? `: ${detail(item)}` : ""}`,
    );
    if (things.length === 1) return session.confirm(`${verb} ${things[0]}? ${outlook}`);
    // A question that is higher than the terminal could not be drawn anew at each key.
    await session.say({ text: things.map((thing) => `  ${thing}`), always: true });
    await session.confirm(`${verb} these ${things.length} ${noun}s? ${outlook}`);
  };
}
