import type { Provider } from "../core/provider.ts";
import { targetWords } from "../core/target-words.ts";
import { describeToken, type Token } from "../core/token.ts";
import { CliError } from "../errors.ts";
import type { Choice } from "../output/prompt.ts";
import type { Place } from "../session/session.ts";
import { type Case, shortId } from "./cases.ts";
import type { OperationState } from "./classify.ts";
import { listCandidates, nameOf, tokenIdOf, tokensOf } from "./remedy.ts";

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
export function undecided(finding: OperationState, entries: Case): UndecidedError {
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
  [{ attempt }]: Case,
  candidates: readonly Token[],
): [question: string, choices: readonly Choice<Token | undefined>[]] => [
  `${nameOf(attempt)} was being ${attempt.kind === "create" ? "created" : "renewed"} when it was interrupted. Which token came of it, if any?`,
  [
    { value: undefined, label: "none of these, or unknown: change nothing" },
    ...listCandidates(candidates).map((line, i) => ({
      value: candidates[i],
      label: line.trim(),
    })),
  ],
];

/** The credential in force is another one, or it can't be told: nothing is sent with it. */
export function credentialHint(entries: Case, { supports }: Provider): CliError {
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
export const notRestorable = (place: Place, token: Token, owner: string | null): CliError =>
  new CliError(
    "outcome_unknown",
    `${describeToken(token)} was deleted to be renewed. It had no roles, and created again without any it would get all of its owner's.`,
    {
      hint: `Say which: tokctl token create ${token.id} -r ROLE${targetWords({ ...place, user: owner })}`,
    },
  );
