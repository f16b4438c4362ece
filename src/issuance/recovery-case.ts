import type { Token } from "../core/token.ts";
import { NotFoundError } from "../errors.ts";
import type { InterruptedEntry } from "../journal/journal.ts";
import type { OpenEntry } from "../journal/open-entry.ts";
import { hasEphemeralToken, isEphemeral, tokenIdOf } from "../journal/pending-operation.ts";
import type { Session } from "../session/session.ts";
import { mayHaveCreated } from "./classify.ts";
import type { LostSecretAction } from "./lost-secret.ts";

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

/** The options of `tokctl recover`. */
export interface RecoverOptions {
  /** The value of `--on-lost`; undefined to prompt or to use the default. */
  readonly onLost: LostSecretAction | undefined;
  /** The ID of the token that the operation created, if several are possible. */
  readonly candidate: string | undefined;
  /** Whether to determine the outcome and change nothing. */
  readonly isDryRun: boolean;
}

/** A recovery case whose journal entries this process has claimed. */
export interface ClaimedCase extends RecoverOptions {
  readonly session: Session;
  readonly entries: RecoveryCase;
  /** The claimed entries. Empty in a dry run, which claims nothing. */
  readonly claimed: readonly OpenEntry[];
  /** Closes the entries of this case. */
  readonly close: () => void;
}

/**
 * Claims the entries of a case. If another process has claimed one of them, releases the others. A
 * dry run claims nothing.
 * @returns undefined if another process has claimed an entry.
 * @throws UsageError
 */
export function claimCase(
  session: Session,
  entries: RecoveryCase,
  options: RecoverOptions,
): ClaimedCase | undefined {
  const claimed: OpenEntry[] = [];
  for (const entry of options.isDryRun ? [] : entries) {
    const open = entry.claim();
    if (!open) {
      releaseAll(claimed);
      return undefined;
    }
    claimed.push(open);
  }
  const close = () => {
    for (const each of claimed) each.close();
  };
  return { ...options, session, entries, claimed, close };
}

/** Releases the claims, so that a later run can process the entries. */
export function releaseAll(claimed: readonly OpenEntry[]): void {
  for (const each of claimed) each.release();
}

/**
 * Reduces a case to the create that may have created the token. `close` then releases the other
 * entries.
 */
export function selectCreate(work: ClaimedCase, token: Token): ClaimedCase {
  const { entries, claimed } = work;
  const entry =
    entries.find(
      ({ operation }) => operation.kind === "create" && mayHaveCreated(operation, token),
    ) ?? entries[0];
  const own = claimed.filter((_, i) => entries[i] === entry);
  const close = () => {
    for (const each of claimed)
      if (own.includes(each)) each.close();
      else each.release();
  };
  return { ...work, entries: [entry], claimed: own, close };
}
