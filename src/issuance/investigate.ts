import { isPast, sharpen } from "../core/clock.ts";
import { describeCandidate } from "../core/find.ts";
import type { TokenProvider } from "../core/provider.ts";
import { compareTimestamps, type Timestamp } from "../core/time.ts";
import { describeToken, type IssuedToken, type Token } from "../core/token.ts";
import { CliError, NotFoundError } from "../errors.ts";
import type { OpenEntry, Session } from "../session/session.ts";
import { classifyCreate, classifyToken, type Evidence, type OperationState } from "./classify.ts";
import type { JournalActivity } from "./journal/operation-journal.ts";
import type { LostSecretAction } from "./lost-secret.ts";
import {
  matchesWanted,
  type PendingCreate,
  type PendingOperation,
  type PendingRenewal,
  type SecretVersion,
} from "./pending-operation.ts";

/** A create or renew that was interrupted: what was sent, and the token whose secret was being handed over. */
export interface Operation {
  readonly attempt: PendingOperation;
  readonly made?: SecretVersion | undefined;
}

/** Operations on one token, or creations of tokens that are all alike; the oldest first. */
export type Operations = readonly [Operation, ...Operation[]];

/** The token that an operation is about, where that is known. */
export const tokenIdOf = ({ attempt, made }: Operation): string | undefined =>
  made?.id ?? (attempt.kind === "renew" ? attempt.token.id : undefined);

/**
 * Looks what has become of operations whose responses were lost. Before something is done with a token,
 * the server's time is found out as exactly as that is possible: another client may have made it only
 * a moment later.
 */
export async function investigate(
  session: Pick<Session, "moment" | "pause">,
  tokens: TokenProvider,
  operations: Operations,
  readActivity: () => Promise<JournalActivity>,
): Promise<OperationState> {
  const judge = await gather(session, tokens, operations, readActivity);
  const finding = judge(operations);
  if (finding.kind !== "done") return finding;
  await timeServer(session, tokens);
  const { offset } = session.moment();
  const [first, ...others] = operations.map(({ made, attempt }) => ({
    made,
    attempt: {
      ...attempt,
      sending: { ...attempt.sending, offset: sharpen(attempt.sending.offset, offset) },
    },
  }));
  return first ? judge([first, ...others]) : finding;
}

/** Milliseconds between two questions for the server's time, and how many are asked at most. */
const [step, most] = [90, 14];

/**
 * Finds out a server's time by asking while its clock may show another second, until it does: exact to
 * the time of a step and of a request, and in little more than a second.
 * @throws CliError `network` where the time of the command is over before.
 */
async function timeServer(
  { moment, pause }: Pick<Session, "moment" | "pause">,
  tokens: TokenProvider,
): Promise<void> {
  let took = 0;
  for (let asked = 0; asked < most; asked++) {
    const { now, offset } = moment();
    if (!offset || offset.max - offset.min <= step + took + 10) return;
    const nextSecond = (Math.floor((now + offset.min) / 1000) + 1) * 1000;
    const wait = Math.ceil(nextSecond - offset.max + step - now);
    if (wait > 0 && !(await pause(wait)))
      throw new CliError("network", "There was no time left to find out the server's time.", {
        hint: "tokctl recover does so. A longer --timeout leaves more time.",
      });
    const sent = moment().now;
    await tokens.whoami();
    took = moment().now - sent;
  }
}

/** Reads the tokens once. @returns what judges them. */
async function gather(
  session: Pick<Session, "moment">,
  tokens: TokenProvider,
  operations: Operations,
  readActivity: () => Promise<JournalActivity>,
): Promise<(operations: Operations) => OperationState> {
  const [{ attempt }] = operations;
  const owner = attempt.owner ?? undefined;
  const evidenceOf = async (some: readonly Token[]): Promise<Evidence> => {
    const { running, handedOver } = await readActivity();
    const isSameOwner = (other: Pick<PendingOperation, "owner">) => other.owner === attempt.owner;
    return {
      madeAt: await ages(tokens, some, owner),
      isLate: operations.every((each) => isPast(each.attempt.sending, session.moment())),
      made: handedOver.filter(isSameOwner),
      running: running.map((entry) => entry.attempt).filter(isSameOwner),
    };
  };
  const creationsOf = (some: Operations) => some.map((each) => each.attempt).filter(isCreation);
  const id = tokenIdOf(operations[0]);
  if (id === undefined) {
    const all = await tokens.list(owner);
    const likely = all.filter((token) =>
      creationsOf(operations).some(
        ({ wanted, known }) => matchesWanted(wanted, token) && known?.includes(token.id) !== true,
      ),
    );
    const evidence = await evidenceOf(likely);
    return (some) => classifyCreate(creationsOf(some), all, evidence);
  }
  const now = tokens.get ? await tokens.get(id) : (await tokens.list(owner)).find(hasId(id));
  const evidence = await evidenceOf(now ? [now] : []);
  return (some) =>
    classifyToken(
      some.flatMap((each) => (each.made ? [] : each.attempt)).filter(isRenewal),
      some.flatMap(({ made = [] }) => made),
      now,
      evidence,
    );
}

const isCreation = (attempt: PendingOperation): attempt is PendingCreate =>
  attempt.kind === "create";
const isRenewal = (attempt: PendingOperation): attempt is PendingRenewal =>
  attempt.kind === "renew";
const hasId = (id: string) => (token: Token) => token.id === id;

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

/** The tokens that a finding names. */
export function tokensOf(finding: OperationState): readonly Token[] {
  switch (finding.kind) {
    case "done":
      return finding.tokens;
    case "unclear":
      return finding.candidates;
    case "known":
    case "delivered":
      return [finding.token];
    default:
      return [];
  }
}

/** Deletes a token. @throws CliError as the provider does. */
export async function revoke(
  tokens: TokenProvider,
  token: Token,
  owner: string | undefined,
): Promise<void> {
  try {
    await tokens.delete(token, owner);
  } catch (error) {
    // Whoever was quicker has done the same.
    if (!(error instanceof NotFoundError)) throw error;
  }
}

/**
 * Gives another secret to a token whose secret nobody has, and writes that down before: if this is
 * interrupted too, whoever comes after knows that no secret is in use.
 * @throws CliError as the provider does.
 */
export async function renewLost(
  { session, tokens, entry }: { session: Session; tokens: TokenProvider; entry: OpenEntry },
  token: Token,
  owner: string | null,
): Promise<IssuedToken> {
  entry.resend({ kind: "renew", owner, sending: session.sending(), token, isRecovery: true });
  try {
    const issued = await tokens.renew(token, {}, owner ?? undefined);
    entry.deliver(issued);
    return issued;
  } catch (error) {
    entry.lose();
    throw error;
  }
}

/** What is done unless it is said otherwise: a new token is of no use to anybody, an old one is. */
export const defaultAction = ({ kind }: Pick<PendingOperation, "kind">): LostSecretAction =>
  kind === "create" ? "revoke" : "renew";

/** What a person is asked about such a token. */
export const questionOf = ({ kind }: PendingOperation, token: Token, delivering = false) =>
  ({
    question: [
      `${describeToken(token)} was ${pastTense[kind]},`,
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
export const describeOperation = (attempt: PendingOperation): string => {
  if (attempt.kind === "renew") return describeToken(attempt.token);
  return attempt.wanted.name === null ? "A token" : `"${attempt.wanted.name}"`;
};

/** The candidates for the token that is meant, a line each. */
export const listCandidates = (candidates: readonly Token[]): readonly string[] =>
  candidates.map(
    (token) =>
      `  ${describeCandidate(token)}${token.version === null ? "" : `, version ${token.version}`}`,
  );

/** What was done, or was to be. */
export const pastTense = { create: "created", renew: "renewed" } as const;
