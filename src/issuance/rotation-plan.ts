import { byCreation } from "../core/filter.ts";
import { describeCandidate } from "../core/lookup.ts";
import { type Timestamp, toTimestamp } from "../core/time.ts";
import { describeToken, hasSameName, type Token } from "../core/token.ts";
import { ConflictError } from "../errors.ts";
import {
  ageOf,
  deliveryMs,
  deliveryOf,
  type FamilyState,
  generationOf,
  isRecorded,
  mayBeOverwritten,
  toGenerationName,
} from "./rotation-state.ts";

/** When to rotate, and how long a replaced token is kept. All durations are in milliseconds. */
export interface RotationSchedule {
  /** The age of the secret from which it is replaced; undefined to ignore the age. */
  readonly every: number | undefined;
  /** The time before the expiry from which the token is replaced; by default a fifth of its lifetime. */
  readonly before: number | undefined;
  /** The time since the delivery of the current token after which its predecessors are deleted. */
  readonly overlap: number;
  /** Whether to rotate even if it is not due. */
  readonly isForced: boolean;
  /** Whether a token without a generation number becomes part of the family. */
  readonly isAdopting: boolean;
}

/**
 * Why a token is replaced. `forced`: by request. `first`: no destination has a token. `missing`: the
 * recorded token does not exist. `incomplete`: not all destinations have the current token.
 */
export type RotationReason =
  | "forced"
  | "first"
  | "missing"
  | "incomplete"
  | "expired"
  | "expiring"
  | "age";

/**
 * Why a token is kept. `recorded`: a destination has it. `in-use`: it is the credential of this run.
 * `unrecorded`: it has no generation number, and no destination had it. `undelivered`: another run may be
 * delivering it. `overlap`: consumers may still use it.
 */
export type KeptReason = "recorded" | "in-use" | "unrecorded" | "undelivered" | "overlap";

/** A token that is not deleted. */
export interface KeptToken {
  readonly token: Token;
  readonly reason: KeptReason;
  /** When it can be deleted; null if that is unknown. */
  readonly until: Timestamp | null;
}

/** What a rotation does. */
export interface RotationPlan {
  /** The newest token that a destination has. */
  readonly current: Token | undefined;
  /** The token to create and to deliver to all destinations; undefined if none is due. */
  readonly successor: { readonly name: string; readonly reason: RotationReason } | undefined;
  /** Whether a rotation is due, but another run may be delivering the successor. */
  readonly isWaiting: boolean;
  /** The members of the family, the newest generation first. */
  readonly members: readonly Token[];
  /** IDs of members without a generation number. The records must contain them. */
  readonly replacedIds: readonly string[];
  readonly deleted: readonly Token[];
  readonly kept: readonly KeptToken[];
  /** When the next rotation is due; null if that is unknown. */
  readonly nextRotationAt: Timestamp | null;
}

/** The share of `every` by which a run may be early, so that a schedule with jitter skips no period. */
const earlyShare = 0.1;
/** The largest time in milliseconds by which a run may be early. */
const maxEarlyMs = 12 * 3_600_000;
/** The share of a token's lifetime before its expiry from which it is replaced. */
const expiryShare = 0.2;

/** A member of the family: 0 is the generation of a token without a number. */
interface Member {
  readonly token: Token;
  readonly generation: number;
}

/**
 * Plans a rotation. Never deletes a token outside the family, the current token, the credential in use, or
 * a token that a destination has.
 * @throws ConflictError if the members have different scopes, a destination has a token of another name,
 * or several tokens could be adopted.
 */
export function planRotation(state: FamilyState, schedule: RotationSchedule): RotationPlan {
  const { name, records, now, issuedAt } = state;
  requireOwnRecords(state);
  const members = findMembers(state, schedule.isAdopting);
  requireSameScope(name, members);
  const current = members.find(({ token }) => isRecorded(token, records));
  const leftovers = members.filter(
    ({ token, generation }) =>
      generation > (current?.generation ?? 0) && !isRecorded(token, records),
  );
  const isYoung = ({ token }: Member) => ageOf(token, state) < deliveryMs;
  const reason = findReason(current?.token, state, schedule);
  const isWaiting =
    (reason === "age" || reason === "expiring") && current !== undefined && leftovers.some(isYoung);
  const successor =
    reason === undefined || isWaiting
      ? undefined
      : { name: toGenerationName(name, nextGeneration(state, members)), reason };
  const assess = ({ token }: Member): KeptToken | undefined => {
    // The current token replaced its predecessors; the successor replaces the tokens of all destinations.
    const replacement = isRecorded(token, records) ? undefined : current?.token;
    const replacedAt = replacement ? deliveryOf(replacement, state) : toTimestamp(new Date(now));
    const keep = (why: KeptReason, until: Timestamp | null = null) => ({
      token,
      reason: why,
      until,
    });
    if (!successor && isRecorded(token, records)) return keep("recorded");
    if (state.inUse && hasSameName(token, state.inUse)) return keep("in-use");
    // After a failed first delivery there is no current token: the next run decides.
    if (current && leftovers.some((each) => each.token === token)) {
      if (!(ageOf(token, state) >= deliveryMs))
        return keep("undelivered", after(issuedAt(token), deliveryMs));
      if (!mayBeOverwritten(token, current.token, state)) return undefined;
    }
    if (!current && !successor) return keep("overlap");
    // The server's clock is known to a second only.
    const isOver =
      schedule.overlap === 0 ||
      (replacedAt !== null && now - Date.parse(replacedAt) >= schedule.overlap);
    return isOver ? undefined : keep("overlap", after(replacedAt, schedule.overlap));
  };
  const others = successor ? members : members.filter((each) => each !== current);
  const assessed = others.map((each) => ({ token: each.token, kept: assess(each) }));
  return {
    current: current?.token,
    successor,
    isWaiting,
    members: members.map(({ token }) => token),
    replacedIds: members.filter(({ generation }) => generation === 0).map(({ token }) => token.id),
    deleted: assessed.flatMap(({ token, kept }) => (kept ? [] : token)),
    kept: [
      ...assessed.flatMap(({ kept = [] }) => kept),
      ...findUnnumbered(state)
        .filter((token) => !members.some((each) => each.token === token))
        .map((token) => ({ token, reason: "unrecorded" as const, until: null })),
    ],
    nextRotationAt: findNextRotation(successor ? undefined : current?.token, state, schedule),
  };
}

/** Returns why the current token is replaced now; undefined if that is not due. */
function findReason(
  current: Token | undefined,
  state: FamilyState,
  { every, before, isForced }: RotationSchedule,
): RotationReason | undefined {
  const { records, now, issuedAt } = state;
  if (isForced) return "forced";
  if (!current) return records.some(({ record }) => record) ? "missing" : "first";
  if (!records.every(({ record }) => record?.id === current.id && !record.previousIds))
    return "incomplete";
  const { expiresAt } = current;
  if (expiresAt !== null) {
    const expiry = Date.parse(expiresAt);
    if (expiry <= now) return "expired";
    if (expiry - now <= (before ?? defaultBefore(expiry, issuedAt(current)))) return "expiring";
  }
  const isDue = every !== undefined && ageOf(current, state) >= every - earlyBy(every);
  return isDue ? "age" : undefined;
}

/** Returns how much earlier than `every` a token is replaced, in milliseconds. */
const earlyBy = (every: number): number => Math.min(every * earlyShare, maxEarlyMs);

const defaultBefore = (expiry: number, issuedAt: Timestamp | null): number =>
  issuedAt === null ? 0 : (expiry - Date.parse(issuedAt)) * expiryShare;

function findNextRotation(
  current: Token | undefined,
  { issuedAt, now }: FamilyState,
  { every, before }: RotationSchedule,
): Timestamp | null {
  const issued = current ? issuedAt(current) : toTimestamp(new Date(now));
  const expiry = current?.expiresAt ? Date.parse(current.expiresAt) : undefined;
  const times = [
    ...(every !== undefined && issued !== null ? [Date.parse(issued) + every] : []),
    ...(expiry === undefined ? [] : [expiry - (before ?? defaultBefore(expiry, issued))]),
  ];
  return times.length === 0 ? null : toWholeSecond(Math.min(...times));
}

const after = (time: Timestamp | null, milliseconds: number): Timestamp | null =>
  time === null ? null : toWholeSecond(Date.parse(time) + milliseconds);

/** Returns a time in whole seconds, rounded up. @param milliseconds since 1970 */
const toWholeSecond = (milliseconds: number): Timestamp =>
  toTimestamp(new Date(Math.ceil(milliseconds / 1000) * 1000));

/** Returns the tokens with the family's name and no generation number. */
const findUnnumbered = ({ name, tokens }: FamilyState): readonly Token[] =>
  tokens.filter((token) => generationOf(name, token.name) === 0);

/** Returns the members of the family, the newest generation first. */
function findMembers(state: FamilyState, isAdopting: boolean): readonly Member[] {
  const { name, tokens, records } = state;
  const wasRecorded = (token: Token) =>
    isRecorded(token, records) ||
    records.some(({ record }) => record?.replacedIds?.includes(token.id));
  const others = findUnnumbered(state).filter((token) => !wasRecorded(token));
  if (isAdopting && others.length > 1)
    throw new ConflictError(`--adopt: ${others.length} tokens are named "${name}".`, {
      hint: ["Delete all but one of them by ID:", ...others.map(describeIndented)],
    });
  return tokens
    .flatMap((token) => {
      const generation = generationOf(name, token.name);
      const isMember =
        generation !== undefined && (generation > 0 || isAdopting || wasRecorded(token));
      return isMember ? [{ token, generation }] : [];
    })
    .toSorted((a, b) => b.generation - a.generation || byCreation(a.token, b.token));
}

const describeIndented = (token: Token) => `  ${describeCandidate(token)}`;

/** Returns the number after the highest generation, also of tokens that were deleted. */
function nextGeneration({ name, records }: FamilyState, members: readonly Member[]): number {
  const recorded = records.map(({ record }) => generationOf(name, record?.name ?? null) ?? 0);
  // A token without a number counts as generation 1.
  return Math.max(0, ...recorded, ...members.map(({ generation }) => Math.max(generation, 1))) + 1;
}

/** @throws ConflictError if a destination has a token that exists and is not a member of the family. */
function requireOwnRecords({ name, tokens, records }: FamilyState): void {
  for (const { to, record } of records) {
    const foreign = tokens.find(
      (token) => token.id === record?.id && generationOf(name, token.name) === undefined,
    );
    if (foreign)
      throw new ConflictError(
        `${to} has the secret of token ${describeToken(foreign)}, which is not a generation of "${name}".`,
        { hint: "Choose another destination, or delete that token if nothing uses it." },
      );
  }
}

/** @throws ConflictError if not all members have the same scope. */
function requireSameScope(name: string, members: readonly Member[]): void {
  const [first, ...others] = members.map(({ token }) => token);
  if (!first || others.every((token) => scopeOf(token) === scopeOf(first))) return;
  throw new ConflictError(`The generations of "${name}" have different scopes.`, {
    hint: [
      "Delete those with the wrong scope: tokctl token delete ID",
      ...[first, ...others].map(describeIndented),
    ],
  });
}

const scopeOf = ({ roles, labelSelector, resource, region }: Token): string =>
  JSON.stringify([roles.toSorted(), labelSelector, resource, region]);
