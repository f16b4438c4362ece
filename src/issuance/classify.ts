import { type Relation, relate } from "../core/clock.ts";
import { compareTimestamps, type Timestamp } from "../core/time.ts";
import type { Token } from "../core/token.ts";
import {
  matchesWanted,
  type PendingCreate,
  type PendingRenewal,
  type SecretVersion,
} from "./pending-operation.ts";

/** What a list tells of operations whose responses were lost. */
export type OperationState =
  /** They were done: nobody has the secrets of these tokens. */
  | { readonly kind: "done"; readonly tokens: readonly Token[] }
  /** No trace of them. Of a renewal: the token is as it was, and so is its secret. */
  | { readonly kind: "undone" }
  /** Whatever became of them, somebody has got the secret that the token has now. */
  | { readonly kind: "known"; readonly token: Token }
  /** The secret was made, and somebody may have got it: its delivery was interrupted. */
  | { readonly kind: "delivered"; readonly token: Token }
  /** The token is not there any more. */
  | { readonly kind: "gone" }
  /** They may have been done: each of these may be what came of it, or another client's. */
  | { readonly kind: "unclear"; readonly candidates: readonly Token[] };

/** What is known besides what a list shows. */
export interface Evidence {
  /** When a token was made, where that is known. */
  readonly madeAt: (token: Token) => Timestamp | null;
  /** So long ago that none of the requests can be processed any more. */
  readonly isLate: boolean;
  /** Tokens whose secrets this machine has handed over. */
  readonly made: readonly (SecretVersion & { readonly at: Timestamp })[];
  /** What other runs of this machine are making right now. */
  readonly running: readonly (PendingCreate | PendingRenewal)[];
}

/** Milliseconds for which another client that made a token of the same name counts as active. */
const recently = 3_600_000;

/**
 * Finds the tokens that lost creations of one kind made. They are ours only if there are no more of
 * them than creations, each made while one of these was in flight, and if no other client makes tokens
 * of that name: time alone does not tell which of two clients made a token.
 */
export function classifyCreate(
  creations: readonly PendingCreate[],
  tokens: readonly Token[],
  evidence: Evidence,
): OperationState {
  const [first] = creations;
  if (!first) return { kind: "undone" };
  const { wanted } = first;
  const { madeAt, isLate, made, running } = evidence;
  const isKnown = creations.some(({ known }) => known !== null);
  const candidates = tokens
    .filter((token) => matchesWanted(wanted, token) && !made.some(({ id }) => id === token.id))
    .map((token) => ({ token, when: whenOf(token, madeAt(token), creations) }))
    .filter(({ when }) => when !== "known")
    // What was not there before, and is older by its date, tells that the clocks disagree.
    .filter(({ when }) => (when === "after" ? !isLate : when !== "before" || isKnown));
  if (candidates.length === 0) return { kind: "undone" };
  const isCertain =
    creations.every(({ known }) => known !== null) &&
    candidates.length <= creations.length &&
    candidates.every(
      ({ token, when }) =>
        (when === "within" || (when === undefined && !isLate)) &&
        (token.version ?? 1) === 1 &&
        !isBeingMade(token, running),
    ) &&
    !hasRival(first, tokens, evidence);
  const found = candidates.map(({ token }) => token);
  return isCertain ? { kind: "done", tokens: found } : { kind: "unclear", candidates: found };
}

/** The closest relation of a token to any of the creations that it may come from. */
function whenOf(
  { id }: Token,
  time: Timestamp | null,
  creations: readonly PendingCreate[],
): Relation | "known" | undefined {
  const relations = creations
    .filter(({ known }) => known?.includes(id) !== true)
    .map(({ sending }) => relate(time, sending));
  if (relations.length === 0) return "known";
  return (["within", undefined, "near", "after", "before"] as const).find((each) =>
    relations.includes(each),
  );
}

/** Whether another client has made or renewed a token of the same name not long before, or since. */
function hasRival(
  { wanted, sending, known }: PendingCreate,
  tokens: readonly Token[],
  { made }: Evidence,
): boolean {
  const since = Date.parse(sending.sentAt) + (sending.offset?.min ?? 0) - recently;
  return tokens.some((token) => {
    const isOther = known?.includes(token.id) === true || !matchesWanted(wanted, token);
    const isNamesake =
      wanted.name === null ? matchesWanted(wanted, token) : token.name === wanted.name;
    const time = token.updatedAt ?? token.createdAt;
    return (
      isOther && isNamesake && time !== null && Date.parse(time) >= since && !isOurs(token, made)
    );
  });
}

/**
 * Tells what became of lost renewals of one token, and of secrets of it whose delivery was
 * interrupted, by what has become of the token.
 * @param now the token as it is; undefined if there is none of that id.
 */
export function classifyToken(
  renewals: readonly PendingRenewal[],
  delivered: readonly SecretVersion[],
  now: Token | undefined,
  evidence: Evidence,
): OperationState {
  if (!now) return { kind: "gone" };
  const { made, running } = evidence;
  const unclear: OperationState = { kind: "unclear", candidates: [now] };
  const [first] = renewals;
  if (now.version !== null) {
    const { version } = now;
    if (delivered.some((each) => each.version === version))
      return { kind: "delivered", token: now };
    // A renewal that was to recover a token tells that nobody has the secret that it had before.
    const lost = Math.max(0, ...renewals.filter(isToRecover).map(versionBefore));
    if (version === lost) return { kind: "done", tokens: [now] };
    const open = renewals.filter((each) => versionBefore(each) >= lost);
    const before = Math.min(...open.map(versionBefore));
    if (version === before) return { kind: "undone" };
    if (!first || made.some((each) => each.id === now.id && each.version === version))
      return { kind: "known", token: now };
    if (isBeingMade(now, running)) return unclear;
    return judgeVersion(open, version - before, now, evidence);
  }
  if (!first) return { kind: "delivered", token: now };
  const isSuperseded = made.some(({ id, at }) => id === now.id && isAfterAll(at, renewals));
  if (isSuperseded) return { kind: "known", token: now };
  if (delivered.length > 0 || isBeingMade(now, running)) return unclear;
  const recovery = renewals.findLast(isToRecover);
  if (recovery) return judgeRecovery(recovery, now, evidence);
  // Where a renewal makes the token anew, its age tells; where not, it stays the same.
  const relations = renewals.map(({ token, sending }) =>
    token.createdAt === null ? relate(evidence.madeAt(now), sending) : undefined,
  );
  if (relations.includes("within")) return { kind: "done", tokens: [now] };
  return relations.every((when) => when === "before") ? { kind: "undone" } : unclear;
}

/**
 * Judges a renewal that was to recover a token: before it nobody had the secret, and after it nobody
 * has. Where a renewal makes the token anew, a younger one is another client's.
 */
function judgeRecovery(
  { token, sending }: PendingRenewal,
  now: Token,
  { madeAt }: Evidence,
): OperationState {
  if (token.createdAt !== null) return { kind: "done", tokens: [now] };
  switch (relate(madeAt(now), sending)) {
    case "before":
    case "within":
      return { kind: "done", tokens: [now] };
    case "after":
      return { kind: "undone" };
    default:
      return { kind: "unclear", candidates: [now] };
  }
}

function judgeVersion(
  renewals: readonly PendingRenewal[],
  steps: number,
  now: Token,
  evidence: Evidence,
): OperationState {
  const relations = renewals.map(({ sending }) => relate(now.updatedAt, sending));
  // Another client has renewed it since, or before the last of them was sent.
  const isOthers = relations.every((when) => when === "before" || when === "after");
  if (isOthers && evidence.isLate) return { kind: "undone" };
  const isThen =
    relations.includes("within") || (relations.includes(undefined) && !evidence.isLate);
  // Each of them makes one step: a further one is another client's.
  return steps > 0 && steps <= renewals.length && isThen && !hasBeenRenewed(renewals, evidence)
    ? { kind: "done", tokens: [now] }
    : { kind: "unclear", candidates: [now] };
}

const isToRecover = ({ isRecovery }: PendingRenewal): boolean => isRecovery;
const versionBefore = ({ token }: PendingRenewal): number => token.version ?? 0;

/** Whether another client had renewed the token not long before the first of the renewals. */
function hasBeenRenewed([first]: readonly PendingRenewal[], { made }: Evidence): boolean {
  if (!first || first.isRecovery) return false;
  const { token, sending } = first;
  return (
    (token.version ?? 1) > 1 &&
    token.updatedAt !== null &&
    Date.parse(token.updatedAt) >=
      Date.parse(sending.sentAt) + (sending.offset?.min ?? 0) - recently &&
    !isOurs(token, made)
  );
}

const isAfterAll = (at: Timestamp, renewals: readonly PendingRenewal[]): boolean =>
  renewals.every(
    ({ sending: { endedAt } }) => endedAt !== null && compareTimestamps(endedAt, at) < 0,
  );

/** Whether this machine has handed over this very secret of a token. */
const isOurs = ({ id, version }: Token, made: readonly SecretVersion[]): boolean =>
  made.some((each) => each.id === id && (version === null || (each.version ?? version) >= version));

/** Whether another run may be making this very token, or its secret. */
const isBeingMade = (token: Token, running: readonly (PendingCreate | PendingRenewal)[]): boolean =>
  running.some((attempt) =>
    attempt.kind === "create"
      ? matchesWanted(attempt.wanted, token) && attempt.known?.includes(token.id) !== true
      : attempt.token.id === token.id,
  );
