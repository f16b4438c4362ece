import type { LookupItem, LookupResult } from "../../core/lookup.ts";
import { describeToken } from "../../core/token.ts";
import { UsageError } from "../../errors.ts";
import type { Session } from "../../session/session.ts";

/** An action that can't be undone. */
export interface DestructiveAction<T> {
  /** The verb in the imperative, with a capital: `Delete`. */
  readonly verb: string;
  /** The kind of item, in the singular: `token`. */
  readonly noun: string;
  /** Returns the properties of an item that the question shows. */
  readonly detail?: (item: T) => string;
  /** Returns the consequences, as sentences. Called only before a question. */
  readonly consequence: () => Promise<string> | string;
  /** The value of `--yes`. */
  readonly yes: boolean | undefined;
}

/**
 * Requires `--yes` for several items in a non-interactive run. Repeated references count once.
 * @throws UsageError if it is missing.
 */
export function requireYesForMany(
  { prompter: { interactive } }: Pick<Session, "prompter">,
  references: readonly string[],
  { verb, noun, yes = false }: Pick<DestructiveAction<unknown>, "verb" | "noun" | "yes">,
): void {
  const count = new Set(references).size;
  if (count <= 1 || yes || interactive) return;
  const what = `${verb.toLowerCase()} ${count} ${noun}s`;
  throw new UsageError(`Confirmation is required to ${what}, and there is no terminal.`, {
    hint: `Add --yes to ${what} without confirmation.`,
  });
}

/**
 * Rejects an item that was found by the beginning of its ID if no question will be asked.
 * @throws UsageError
 */
export function requireFullIds<T extends LookupItem>(
  { prompter: { interactive } }: Pick<Session, "prompter">,
  found: readonly LookupResult<T>[],
  { verb, noun, yes = false }: Pick<DestructiveAction<T>, "verb" | "noun" | "yes">,
): void {
  const abbreviated = found.find(({ isPrefixMatch }) => isPrefixMatch);
  if (!abbreviated || (interactive && !yes)) return;
  const { item } = abbreviated;
  throw new UsageError(
    `An abbreviated ID requires confirmation at a terminal. It matches the ${noun} ${describeToken(item)}.`,
    { hint: `To ${verb.toLowerCase()} it, use the full ID: ${item.id}` },
  );
}

/**
 * Asks for confirmation at a terminal, with one question for all items. Asks nothing with `--yes` or
 * in a non-interactive run.
 * @throws UsageError for an abbreviated ID without a question; InterruptedError if the answer is no.
 */
export async function confirmAction<T extends LookupItem>(
  session: Session,
  found: readonly LookupResult<T>[],
  action: DestructiveAction<T>,
): Promise<void> {
  const { verb, noun, detail, consequence, yes = false } = action;
  requireFullIds(session, found, action);
  if (!session.prompter.interactive || yes) return;
  const consequences = await consequence();
  const items = found.map(
    ({ item }) => `${describeToken(item)}${detail ? `, ${detail(item)}` : ""}`,
  );
  if (items.length === 1) {
    await session.prompter.confirm(`${verb} ${noun} ${items[0]}? ${consequences}`);
    return;
  }
  // The prompt redraws the question at each key, which fails if it is longer than the screen.
  await session.say({ text: items.map((item) => `  ${item}`), always: true });
  await session.prompter.confirm(`${verb} these ${items.length} ${noun}s? ${consequences}`);
}
