import {
  type Attempt,
  type Creation,
  type Evidence,
  type Finding,
  findCreated,
  isLike,
  judgeRenewal,
  type Rival,
} from "../../core/attempt.ts";
import { describeCandidate } from "../../core/find.ts";
import type { TokenProvider } from "../../core/provider.ts";
import { compareTimestamps, type Timestamp } from "../../core/time.ts";
import { describeToken, type IssuedToken, type Token } from "../../core/token.ts";
import { NotFoundError } from "../../errors.ts";
import type { Remedy } from "./attempt.ts";

/** What a look at the tokens can't tell; asked once the server has answered, and so told its time. */
export interface Circumstances {
  /** Whether others may have made or renewed a token after it. */
  readonly isLate: () => boolean;
  /** What other runs make, or have made since. */
  readonly others: () => Promise<readonly Rival[]>;
}

/** Looks what has become of an attempt whose answer was lost. */
export async function investigate(
  tokens: TokenProvider,
  attempt: Attempt,
  { isLate, others }: Circumstances,
): Promise<Finding> {
  const owner = attempt.owner ?? undefined;
  const evidence = async (some: readonly Token[]): Promise<Evidence> => ({
    madeAt: await ages(tokens, some, owner),
    isLate: isLate(),
    others: (await others()).filter((other) => other.attempt.owner === attempt.owner),
  });
  if (attempt.kind === "create") {
    const all = await tokens.list(owner);
    return findCreated(attempt, all, await evidence(likely(attempt, all)));
  }
  const { id } = attempt.token;
  const now = tokens.get ? await tokens.get(id) : (await tokens.list(owner)).find(hasId(id));
  return judgeRenewal(attempt, now, await evidence(now ? [now] : []));
}

const hasId = (id: string) => (token: Token) => token.id === id;

const likely = ({ wanted, known }: Creation, all: readonly Token[]): readonly Token[] =>
  all.filter((token) => isLike(wanted, token) && known?.includes(token.id) !== true);

/** When tokens were made: an API that does not say so may say when they got their roles. */
async function ages(
  tokens: TokenProvider,
  some: readonly Token[],
  owner: string | undefined,
): Promise<(token: Token) => Timestamp | null> {
  const dated = new Map<string, Timestamp | null>();
  for (const token of some)
    dated.set(token.id, token.createdAt ?? (await firstRoleOf(tokens, token, owner)));
  return ({ id }) => dated.get(id) ?? null;
}

async function firstRoleOf(
  tokens: TokenProvider,
  token: Token,
  owner: string | undefined,
): Promise<Timestamp | null> {
  const roles = await tokens.roles(token, owner);
  const [first = null] = roles
    .flatMap(({ assignedAt }) => assignedAt ?? [])
    .toSorted(compareTimestamps);
  return first;
}

/**
 * The token that something is to be done with. Of a renewal it is known which it is, so that
 * whoever says what is to be done is obeyed even if it can't be told whether it was renewed.
 */
export function targetOf(
  finding: Finding,
  attempt: Attempt,
  remedy: Remedy | undefined,
): Token | undefined {
  if (finding.kind === "done") return finding.token;
  return finding.kind === "unclear" && attempt.kind === "renew" && remedy !== undefined
    ? finding.candidates[0]
    : undefined;
}

/** What was done with a token whose secret nobody has. */
export type Remedied =
  | { readonly kind: "revoked" | "kept" }
  | { readonly kind: "renewed"; readonly issued: IssuedToken };

/** @throws CliError as the provider does. */
export async function apply(
  remedy: Remedy,
  tokens: TokenProvider,
  token: Token,
  owner: string | undefined,
): Promise<Remedied> {
  if (remedy === "keep") return { kind: "kept" };
  if (remedy === "renew") return { kind: "renewed", issued: await tokens.renew(token, {}, owner) };
  try {
    await tokens.delete(token, owner);
  } catch (error) {
    // Whoever was quicker has done the same.
    if (!(error instanceof NotFoundError)) throw error;
  }
  return { kind: "revoked" };
}

/** What is done unless it is said otherwise: a new token is of no use to anybody, an old one is. */
export const usualRemedy = ({ kind }: Attempt): Remedy => (kind === "create" ? "revoke" : "renew");

/** What a person is asked about such a token. */
export const questionOf = ({ kind }: Attempt, token: Token, delivering = false) =>
  ({
    question: [
      `${describeToken(token)} was ${doneWords[kind]},`,
      delivering ? "and its secret may have been handed over." : "and its secret is lost.",
      "What is to become of it?",
    ].join(" "),
    choices: [
      { value: "revoke", label: "revoke it: delete the token" },
      { value: "renew", label: "renew it: make another secret, and show that" },
      { value: "keep", label: "keep it as it is" },
    ],
  }) as const;

/** What was to be made, for people. */
export const nameOf = (attempt: Attempt): string => {
  if (attempt.kind === "renew") return describeToken(attempt.token);
  return attempt.wanted.name === null ? "A token" : `"${attempt.wanted.name}"`;
};

/** The candidates for the token that is meant, a line each. */
export const listCandidates = (candidates: readonly Token[]): readonly string[] =>
  candidates.map((token) => `  ${describeCandidate(token)}`);

/** What was done, or was to be. */
export const doneWords = { create: "created", renew: "renewed" } as const;
