import { relateToRequest, type TimeRelation } from "../core/server-clock.ts";
import { compareTimestamps, type Timestamp } from "../core/time.ts";
import type { Token } from "../core/token.ts";
import {
  matchesWanted,
  type PendingCreate,
  type PendingOperation,
  type PendingRenewal,
  type SecretVersion,
} from "../journal/pending-operation.ts";

/** The state of operations without a response, derived from the tokens on the server. */
export type OperationState =
  /** The server applied them. No client has the secrets of these tokens. */
  | { readonly kind: "applied"; readonly tokens: readonly Token[] }
  /** The server did not apply them. A token that was to be renewed has its previous secret. */
  | { readonly kind: "not-applied" }
  /** A later renewal replaced the secret, and its secret was delivered. */
  | { readonly kind: "superseded"; readonly token: Token }
  /** The response arrived, but the run ended while it delivered the secret. */
  | { readonly kind: "delivery-interrupted"; readonly token: Token }
  /** The token no longer exists. */
  | { readonly kind: "missing" }
  /** They may have been applied. Another client may have created or renewed the candidates. */
  | { readonly kind: "ambiguous"; readonly candidates: readonly Token[] };

/** Returns the tokens that a state refers to. */
export function tokensOf(state: OperationState): readonly Token[] {
  switch (state.kind) {
    case "applied":
      return state.tokens;
    case "ambiguous":
      return state.candidates;
    case "superseded":
    case "delivery-interrupted":
      return [state.token];
    default:
      return [];
  }
}

/** Information in addition to the list of tokens. */
export interface ClassificationContext {
  /** Returns when a token was created; null if the API has no date. */
  readonly createdAt: (token: Token) => Timestamp | null;
  /** Whether the requests were sent so long ago that the server can no longer process them. */
  readonly isExpired: boolean;
  /** Secrets that other runs on this machine have delivered. */
  readonly delivered: readonly (SecretVersion & { readonly at: Timestamp })[];
  /** Operations of other runs on this machine that have not ended. */
  readonly running: readonly PendingOperation[];
  /** Tokens of creates on this machine that received the response, but have not delivered the secret. */
  readonly createdIds: readonly string[];
}

/** Milliseconds: a change by another client this shortly before a request makes its result ambiguous. */
const concurrencyWindow = 3_600_000;

/**
 * Classifies creates of one kind of token by the tokens that match. They are applied only if there
 * are at most as many new tokens as creates, each created while one of the requests was in flight,
 * and if no other client creates tokens of that name.
 */
export function classifyCreates(
  creates: readonly PendingCreate[],
  tokens: readonly Token[],
  context: ClassificationContext,
): OperationState {
  const found = findCreated(creates, tokens, context);
  if (found.length === 0) return { kind: "not-applied" };
  const candidates = found.map(({ token }) => token);
  const isCertain =
    creates.every(({ existingIds }) => existingIds !== null) &&
    found.length <= creates.length &&
    found.every((each) => isCertainlyOwn(each, context)) &&
    !creates.slice(0, 1).some((first) => hasOtherClient(first, tokens, context));
  return isCertain ? { kind: "applied", tokens: candidates } : { kind: "ambiguous", candidates };
}

/** A token that one of the creates may have created. */
interface CreatedToken {
  readonly token: Token;
  /** Its creation time relative to the closest create; undefined if unknown. */
  readonly relation: TimeRelation | undefined;
}

function findCreated(
  creates: readonly PendingCreate[],
  tokens: readonly Token[],
  { createdAt, isExpired, delivered, createdIds }: ClassificationContext,
): readonly CreatedToken[] {
  const haveLists = creates.some(({ existingIds }) => existingIds !== null);
  const mayBe = (relation: TimeRelation | undefined): boolean => {
    if (relation === "after") return !isExpired;
    // A token that was not in the earlier list is new, even if its date is older than the request.
    return relation !== "before" || haveLists;
  };
  return tokens
    .filter(({ id }) => !createdIds.includes(id) && !delivered.some((each) => each.id === id))
    .flatMap((token) => {
      const possible = creates.filter((create) => mayHaveCreated(create, token));
      const relation = closest(
        possible.map(({ request }) => relateToRequest(createdAt(token), request)),
      );
      return possible.length > 0 && mayBe(relation) ? [{ token, relation }] : [];
    });
}

/** Whether a token has the requested attributes and did not exist before the request. */
export const mayHaveCreated = ({ wanted, existingIds }: PendingCreate, token: Token): boolean =>
  matchesWanted(wanted, token) && existingIds?.includes(token.id) !== true;

const closest = (relations: readonly (TimeRelation | undefined)[]): TimeRelation | undefined =>
  (["within", undefined, "near", "after", "before"] as const).find((each) =>
    relations.includes(each),
  );

const isCertainlyOwn = (
  { token, relation }: CreatedToken,
  { isExpired, running }: ClassificationContext,
): boolean =>
  (relation === "within" || (relation === undefined && !isExpired)) &&
  (token.version ?? 1) === 1 &&
  !isInProgress(token, running);

/** Whether another client created or renewed a token of the same name recently. */
function hasOtherClient(
  { wanted, request, existingIds }: PendingCreate,
  tokens: readonly Token[],
  { delivered }: ClassificationContext,
): boolean {
  const since = startOf(request) - concurrencyWindow;
  return tokens.some((token) => {
    const matches = matchesWanted(wanted, token);
    const hasSameName = wanted.name === null ? matches : token.name === wanted.name;
    const isOther = !matches || existingIds?.includes(token.id) === true;
    const changedAt = token.updatedAt ?? token.createdAt;
    const isRecent = changedAt !== null && Date.parse(changedAt) >= since;
    return isOther && hasSameName && isRecent && !isDelivered(token, delivered);
  });
}

/** Operations on one token. */
export interface PendingTokenOperations {
  /** Renewals without a response. */
  readonly renewals: readonly PendingRenewal[];
  /** Secrets with an interrupted delivery. */
  readonly delivering: readonly SecretVersion[];
}

/**
 * Classifies operations on one token by the current state of the token.
 * @param token the token; undefined if it no longer exists.
 */
export function classifyTokenOperations(
  { renewals, delivering }: PendingTokenOperations,
  token: Token | undefined,
  context: ClassificationContext,
): OperationState {
  const open = renewals.filter(({ isTokenUnchanged = false }) => !isTokenUnchanged);
  if (open.length === 0 && delivering.length === 0) return { kind: "not-applied" };
  if (!token) return { kind: "missing" };
  const operations = { renewals: open, delivering };
  return token.version === null
    ? classifyByAge(operations, token, context)
    : classifyByVersion(operations, token, token.version, context);
}

/** Classifies by version, for APIs that add 1 to the version of a token with each renewal. */
function classifyByVersion(
  { renewals, delivering }: PendingTokenOperations,
  token: Token,
  version: number,
  context: ClassificationContext,
): OperationState {
  if (delivering.some((each) => each.version === version))
    return { kind: "delivery-interrupted", token };
  // A recovery replaces a lost secret. If the token still has that version, no client has its
  // secret.
  const lostVersion = Math.max(0, ...renewals.filter(isRecovery).map(versionBefore));
  if (version === lostVersion) return { kind: "applied", tokens: [token] };
  const open = renewals.filter((each) => versionBefore(each) >= lostVersion);
  const firstVersion = Math.min(...open.map(versionBefore));
  if (version === firstVersion) return { kind: "not-applied" };
  const isDeliveredVersion = context.delivered.some(
    (each) => each.id === token.id && each.version === version,
  );
  if (open.length === 0 || isDeliveredVersion) return { kind: "superseded", token };
  if (isInProgress(token, context.running)) return { kind: "ambiguous", candidates: [token] };
  return classifyNewVersion(open, version - firstVersion, token, context);
}

/** @param steps the number of renewals since the first of these was sent, by any client. */
function classifyNewVersion(
  renewals: readonly PendingRenewal[],
  steps: number,
  token: Token,
  context: ClassificationContext,
): OperationState {
  const { isExpired } = context;
  const relations = renewals.map(({ request }) => relateToRequest(token.updatedAt, request));
  const isOtherClient = relations.every((each) => each === "before" || each === "after");
  if (isOtherClient && isExpired) return { kind: "not-applied" };
  const isInTime = relations.includes("within") || (relations.includes(undefined) && !isExpired);
  const isCertain =
    isInTime &&
    steps > 0 &&
    steps <= renewals.length &&
    !renewals.slice(0, 1).some((first) => wasRenewedRecently(first, context));
  return isCertain
    ? { kind: "applied", tokens: [token] }
    : { kind: "ambiguous", candidates: [token] };
}

/** Whether another client had renewed the token shortly before this renewal. */
function wasRenewedRecently(
  { token, request, isRecovery }: PendingRenewal,
  { delivered }: ClassificationContext,
): boolean {
  const { version, updatedAt } = token;
  if (isRecovery || (version ?? 1) <= 1 || updatedAt === null) return false;
  const isRecent = Date.parse(updatedAt) >= startOf(request) - concurrencyWindow;
  return isRecent && !isDelivered(token, delivered);
}

/**
 * Classifies by age, for APIs without versions: only the creation date shows whether a token was
 * renewed.
 */
function classifyByAge(
  { renewals, delivering }: PendingTokenOperations,
  token: Token,
  { createdAt, delivered, running }: ClassificationContext,
): OperationState {
  const ambiguous: OperationState = { kind: "ambiguous", candidates: [token] };
  if (renewals.length === 0) return { kind: "delivery-interrupted", token };
  const isSuperseded = delivered.some(({ id, at }) => id === token.id && isAfterAll(at, renewals));
  if (isSuperseded) return { kind: "superseded", token };
  if (delivering.length > 0 || isInProgress(token, running)) return ambiguous;
  const relationTo = ({ token: before, request }: PendingRenewal): TimeRelation | undefined =>
    // In APIs without creation dates, a renewal creates the token again.
    before.createdAt === null ? relateToRequest(createdAt(token), request) : undefined;
  const recovery = renewals.findLast(isRecovery);
  if (recovery)
    return classifyRecovery(recovery.token.createdAt === null, relationTo(recovery), token);
  const relations = renewals.map(relationTo);
  if (relations.includes("within")) return { kind: "applied", tokens: [token] };
  return relations.every((each) => each === "before") ? { kind: "not-applied" } : ambiguous;
}

/**
 * Classifies a renewal that recovers a lost secret. Even if it was not applied, no client has the
 * secret, unless another client created the token again.
 */
function classifyRecovery(
  isRecreated: boolean,
  relation: TimeRelation | undefined,
  token: Token,
): OperationState {
  if (!isRecreated || relation === "before" || relation === "within")
    return { kind: "applied", tokens: [token] };
  return relation === "after"
    ? { kind: "not-applied" }
    : { kind: "ambiguous", candidates: [token] };
}

const isRecovery = (renewal: PendingRenewal): boolean => renewal.isRecovery;
const versionBefore = ({ token }: PendingRenewal): number => token.version ?? 0;

/** The earliest time of a request by the server's clock, in milliseconds since 1970. */
const startOf = ({ sentAt, offset }: PendingOperation["request"]): number =>
  Date.parse(sentAt) + (offset?.min ?? 0);

const isAfterAll = (at: Timestamp, renewals: readonly PendingRenewal[]): boolean =>
  renewals.every(
    ({ request: { endedAt } }) => endedAt !== null && compareTimestamps(endedAt, at) < 0,
  );

/** Whether this machine has delivered the current secret of a token. */
const isDelivered = ({ id, version }: Token, delivered: readonly SecretVersion[]): boolean =>
  delivered.some(
    (each) => each.id === id && (version === null || (each.version ?? version) >= version),
  );

/** Whether another run may be creating or renewing this token. */
const isInProgress = (token: Token, running: readonly PendingOperation[]): boolean =>
  running.some((operation) =>
    operation.kind === "create"
      ? mayHaveCreated(operation, token)
      : operation.token.id === token.id,
  );
