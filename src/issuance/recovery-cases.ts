import type { Provider } from "../core/provider.ts";
import { targetWords } from "../core/target-options.ts";
import { describeToken, type Token } from "../core/token.ts";
import { CliError, NotFoundError } from "../errors.ts";
import type { Choice } from "../output/prompt.ts";
import type { InterruptedEntry, OperationTarget } from "../session/session.ts";
import type { OperationState } from "./classify.ts";
import { describeOperation, listCandidates, tokenIdOf, tokensOf } from "./investigate.ts";

/** Entries of the journal that end together: of one token, or of creations that were all alike. The oldest first. */
export type RecoveryCase = readonly [InterruptedEntry, ...InterruptedEntry[]];

/** What people call an entry by. */
export const shortId = ({ id }: Pick<InterruptedEntry, "id">): string => id.slice(0, 8);

/** Groups entries to cases. Those whose token is known come first: they tell of the others' tokens. */
export function groupEntries(entries: readonly InterruptedEntry[]): readonly RecoveryCase[] {
  const cases = new Map<string, RecoveryCase>();
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
  const isKnown = ([entry]: RecoveryCase) => tokenIdOf(entry) !== undefined;
  const all = [...cases.values()];
  return [...all.filter(isKnown), ...all.filter((each) => !isKnown(each))];
}

/**
 * The cases that people name by the beginning of an entry's id, or by the name or id of a token; all
 * of them without a reference.
 * @throws NotFoundError for a reference that fits none.
 */
export function chooseCases(
  cases: readonly RecoveryCase[],
  references: readonly string[],
): readonly RecoveryCase[] {
  if (references.length === 0) return cases;
  for (const reference of references)
    if (!cases.some((each) => isNamed(each, reference)))
      throw new NotFoundError(`No interrupted create or renew is called "${reference}".`, {
        hint: "tokctl recover --list shows them.",
      });
  return cases.filter((each) => references.some((reference) => isNamed(each, reference)));
}

const isNamed = (entries: RecoveryCase, reference: string): boolean =>
  entries.some((entry) => {
    const { attempt, id } = entry;
    const name = attempt.kind === "create" ? attempt.wanted.name : attempt.token.name;
    const isId = /^[0-9a-f]{4,16}$/i.test(reference) && id.startsWith(reference.toLowerCase());
    return isId || name === reference || tokenIdOf(entry) === reference;
  });

/** What the tokens show leaves open which of them is meant, or whether its secret is in use. */
export class UndecidedError extends CliError {
  override name = "UndecidedError";
  readonly candidates: readonly Token[];
  constructor(message: string, candidates: readonly Token[], hint: readonly string[]) {
    super("outcome_unknown", message, { hint });
    this.candidates = candidates;
  }
}

/** Why a person has to decide, and the commands that do so. */
export function undecided(finding: OperationState, entries: RecoveryCase): UndecidedError {
  const candidates = tokensOf(finding);
  const command = `tokctl recover ${shortId(entries[0])}`;
  const forget = `To change nothing and remove the entry: ${command} --on-lost keep`;
  if (finding.kind === "delivered")
    return new UndecidedError(
      "its delivery was interrupted, so its secret may be in use.",
      candidates,
      [`If nobody has the secret: ${command} --on-lost renew (or revoke)`, forget],
    );
  if (tokenIdOf(entries[0]) !== undefined)
    return new UndecidedError("whether it was renewed, and by whom, can't be told.", candidates, [
      ...listCandidates(candidates),
      `To make another secret: ${command} --on-lost renew`,
      forget,
    ]);
  return new UndecidedError(
    "these tokens may have been created by it, or by another client.",
    candidates,
    [
      ...listCandidates(candidates),
      `To revoke the one that is yours: ${command} --candidate ID`,
      `To renew it instead: ${command} --candidate ID --on-lost renew`,
      forget,
    ],
  );
}

/** What a person at a terminal is asked. */
export const choice = (
  [{ attempt }]: RecoveryCase,
  candidates: readonly Token[],
): [question: string, choices: readonly Choice<Token | undefined>[]] => [
  `${describeOperation(attempt)} was being ${attempt.kind === "create" ? "created" : "renewed"} when it was interrupted. Which token came of it, if any?`,
  [
    { value: undefined, label: "none of these, or unknown: change nothing" },
    ...listCandidates(candidates).map((line, i) => ({
      value: candidates[i],
      label: line.trim(),
    })),
  ],
];

/** The credential in force is another one, or it can't be told: nothing is sent with it. */
export function credentialHint(entries: RecoveryCase, { supports }: Provider): CliError {
  const [entry] = entries;
  const { place, attempt } = entry;
  const { profile } = place;
  const command = `tokctl recover ${shortId(entry)}`;
  const id = tokenIdOf(entry);
  return new CliError("outcome_unknown", "the credential it was made with is not in use now.", {
    hint: [
      profile === undefined
        ? `With that credential: ${command}${targetWords(place)} --app-token-file FILE`
        : `Sign in to that account, then: ${command}${targetWords(place)}`,
      ...(supports.serverIds
        ? [
            `With the present one: ${command} ${
              id === undefined ? "--candidate ID " : ""
            }--on-lost ${attempt.kind === "create" ? "revoke" : "renew"}`,
          ]
        : []),
      `To change nothing and remove the entry: ${command} --on-lost keep`,
    ],
  });
}

/** A token without roles would get all of its owner's if it was created again as it was. */
export const notRestorable = (
  place: OperationTarget,
  token: Token,
  owner: string | null,
): CliError =>
  new CliError(
    "outcome_unknown",
    `${describeToken(token)} was deleted to be renewed. It had no roles, and created again without any it would get all of its owner's.`,
    {
      hint: `Say which: tokctl token create ${token.id} -r ROLE${targetWords({ ...place, user: owner })}`,
    },
  );
