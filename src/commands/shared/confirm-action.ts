import type { LookupItem, LookupResult } from "../../core/lookup.ts";
import { capitalize } from "../../core/text.ts";
import { describeToken } from "../../core/token.ts";
import { UsageError } from "../../errors.ts";
import type { Session } from "../../session/session.ts";

/** An action that can't be undone. */
export interface DestructiveAction<T> {
  /** The verb in the imperative: `delete`. */
  readonly verb: string;
  /** The kind of item, in the singular: `token`. */
  readonly noun: string;
  /** Returns the properties of an item that are shown before the question. */
  readonly detail?: (item: T) => string;
  /** Returns the consequences, as sentences. Called only before a question. */
  readonly consequence: () => Promise<string> | string;
  /** The errors of the references that select no item, so that it is not affected. */
  readonly skipped?: readonly Error[];
  /** The value of `--yes`. */
  readonly yes: boolean | undefined;
}

/**
 * Requires `--yes` for several items in a non-interactive run. Repeated references count once.
 * @throws UsageError if it is missing.
 */
export function requireYesForMany(
  { prompter: { obstacle } }: Pick<Session, "prompter">,
  references: readonly string[],
  { verb, noun, yes = false }: Pick<DestructiveAction<unknown>, "verb" | "noun" | "yes">,
): void {
  const count = new Set(references).size;
  if (count <= 1 || yes || obstacle === undefined) return;
  const what = `${verb} ${count} ${noun}s`;
  throw new UsageError(`Confirmation is required to ${what}, and ${obstacle}.`, {
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
    { hint: `To ${verb} it, use the full ID: ${item.id}` },
  );
}

/** The number of items that are listed before a question; the screen has about 24 lines. */
const maxListed = 15;

/**
 * Asks for confirmation at a terminal: lists the items and the consequences, then asks one short
 * question for all items. Asks nothing with `--yes` or in a non-interactive run.
 * @throws UsageError for an abbreviated ID without a question; InterruptedError if the answer is no.
 */
export async function confirmAction<T extends LookupItem>(
  session: Session,
  found: readonly LookupResult<T>[],
  action: DestructiveAction<T>,
): Promise<void> {
  const { verb, noun, detail, consequence, skipped = [], yes = false } = action;
  requireFullIds(session, found, action);
  if (!session.prompter.interactive || yes) return;
  const consequences = await consequence();
  const [first] = found;
  const items = found.map(
    ({ item }) => `${describeToken(item)}${detail ? `, ${detail(item)}` : ""}`,
  );
  const isOne = items.length === 1 && skipped.length === 0;
  await session.say({
    text: [
      `${capitalize(noun)}${isOne ? "" : "s"} to ${verb}:`,
      ...indentSome(items, maxListed),
      ...(skipped.length > 0
        ? [
            "Skipped:",
            ...indentSome(
              skipped.map(({ message }) => message),
              maxListed,
            ),
          ]
        : []),
      consequences,
    ],
    always: true,
  });
  const total = items.length + skipped.length;
  const count = skipped.length > 0 ? `${items.length} of ${total}` : items.length;
  await session.prompter.confirm(
    isOne && first
      ? `${capitalize(verb)} ${noun} "${first.item.name ?? first.item.id}"?`
      : `${capitalize(verb)} ${count} ${noun}s?`,
  );
}

/** Indents the first lines, and counts the others. */
const indentSome = (lines: readonly string[], most: number): readonly string[] =>
  lines.length <= most
    ? lines.map((line) => `  ${line}`)
    : [
        ...lines.slice(0, most - 1).map((line) => `  ${line}`),
        `  and ${lines.length - (most - 1)} more`,
      ];
