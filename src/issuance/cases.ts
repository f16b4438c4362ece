import { NotFoundError } from "../errors.ts";
import type { Unfinished } from "../session/session.ts";
import { tokenIdOf } from "./remedy.ts";

/** Entries of the journal that end together: of one token, or of creations that were all alike. The oldest first. */
export type Case = readonly [Unfinished, ...Unfinished[]];

/** What people call an entry by. */
export const shortId = ({ id }: Pick<Unfinished, "id">): string => id.slice(0, 8);

/** Groups entries to cases. Those whose token is known come first: they tell of the others' tokens. */
export function groupEntries(entries: readonly Unfinished[]): readonly Case[] {
  const cases = new Map<string, Case>();
  for (const entry of entries) {
    const { attempt, place } = entry;
    const subject = tokenIdOf(entry) ?? (attempt.kind === "create" ? [attempt.wanted] : undefined);
    const { provider, url, account, region, project, namespace } = place;
    const key = JSON.stringify([
      [provider, url, account, region, project, namespace].map((each) => each ?? null),
      attempt.owner,
      subject,
    ]);
    const others = cases.get(key);
    cases.set(key, others ? [...others, entry] : [entry]);
  }
  const isKnown = ([entry]: Case) => tokenIdOf(entry) !== undefined;
  const all = [...cases.values()];
  return [...all.filter(isKnown), ...all.filter((each) => !isKnown(each))];
}

/**
 * The cases that people name by the beginning of an entry's id, or by the name or id of a token; all
 * of them without a reference.
 * @throws NotFoundError for a reference that fits none.
 */
export function chooseCases(
  cases: readonly Case[],
  references: readonly string[],
): readonly Case[] {
  if (references.length === 0) return cases;
  for (const reference of references)
    if (!cases.some((each) => isNamed(each, reference)))
      throw new NotFoundError(`No interrupted create or renew is called "${reference}".`, {
        hint: "tokctl recover --list shows them.",
      });
  return cases.filter((each) => references.some((reference) => isNamed(each, reference)));
}

const isNamed = (entries: Case, reference: string): boolean =>
  entries.some((entry) => {
    const { attempt, id } = entry;
    const name = attempt.kind === "create" ? attempt.wanted.name : attempt.token.name;
    const isId = /^[0-9a-f]{4,16}$/i.test(reference) && id.startsWith(reference.toLowerCase());
    return isId || name === reference || tokenIdOf(entry) === reference;
  });
