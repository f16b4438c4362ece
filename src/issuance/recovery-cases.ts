import { NotFoundError } from "../errors.ts";
import type { InterruptedEntry } from "../journal/journal.ts";
import { hasEphemeralToken, isEphemeral, tokenIdOf } from "../journal/pending-operation.ts";

/**
 * Journal entries that are recovered together: all of one token, or creates with the same
 * attributes. The oldest first.
 */
export type RecoveryCase = readonly [InterruptedEntry, ...InterruptedEntry[]];

/**
 * Whether the token of a case is deleted without a question: a command was to delete it at its end.
 */
export const isEphemeralCase = (entries: RecoveryCase): boolean =>
  entries.some(hasEphemeralToken) || entries.every(({ operation }) => isEphemeral(operation));

/** Returns the part of an entry's ID that commands print and accept. */
export const shortEntryId = ({ id }: Pick<InterruptedEntry, "id">): string => id.slice(0, 8);

/**
 * Groups entries into cases. Cases with a known token come first, because they exclude that token
 * from the candidates of the others.
 */
export function groupEntries(entries: readonly InterruptedEntry[]): readonly RecoveryCase[] {
  const cases = new Map<string, RecoveryCase>();
  for (const entry of entries) {
    const key = caseKey(entry);
    const others = cases.get(key);
    cases.set(key, others ? [...others, entry] : [entry]);
  }
  const hasToken = ([entry]: RecoveryCase) => tokenIdOf(entry) !== undefined;
  const all = [...cases.values()];
  return [...all.filter(hasToken), ...all.filter((each) => !hasToken(each))];
}

function caseKey(entry: InterruptedEntry): string {
  const { operation, target } = entry;
  const { provider, url, account, region, project, namespace } = target;
  const token = tokenIdOf(entry) ?? (operation.kind === "create" ? [operation.wanted] : undefined);
  return JSON.stringify([
    [provider, url, account, region, project, namespace].map((each) => each ?? null),
    operation.owner,
    token,
  ]);
}

/**
 * Selects cases by entry IDs (or the beginning of one), token names and token IDs.
 * @returns all cases if there are no references.
 * @throws NotFoundError for a reference without a case.
 */
export function selectCases(
  cases: readonly RecoveryCase[],
  references: readonly string[],
): readonly RecoveryCase[] {
  for (const reference of references)
    if (!cases.some((entries) => matchesReference(entries, reference)))
      throw new NotFoundError(`No interrupted operation matches "${reference}".`, {
        hint: "To list the interrupted operations: tokctl recover --list",
      });
  return references.length === 0
    ? cases
    : cases.filter((entries) =>
        references.some((reference) => matchesReference(entries, reference)),
      );
}

const matchesReference = (entries: RecoveryCase, reference: string): boolean =>
  entries.some((entry) => {
    const { operation, id } = entry;
    const { name } = operation.kind === "create" ? operation.wanted : operation.token;
    const isId = /^[0-9a-f]{4,16}$/i.test(reference) && id.startsWith(reference.toLowerCase());
    return isId || name === reference || tokenIdOf(entry) === reference;
  });
