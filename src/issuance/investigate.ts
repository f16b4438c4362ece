import { describeCandidate } from "../core/lookup.ts";
import { intersectOffsets, isRequestOver, relateToRequest } from "../core/server-clock.ts";
import { compareTimestamps, type Timestamp } from "../core/time.ts";
import type { Token } from "../core/token.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import { CliError } from "../errors.ts";
import type { JournalActivity } from "../journal/journal.ts";
import {
  hasEphemeralToken,
  isEphemeral,
  type PendingCreate,
  type PendingOperation,
  type PendingRenewal,
  type RecordedOperation,
  tokenIdOf,
} from "../journal/pending-operation.ts";
import type { Session } from "../session/session.ts";
import {
  type ClassificationContext,
  classifyCreates,
  classifyTokenOperations,
  mayHaveCreated,
  type OperationState,
} from "./classify.ts";

/** Operations on one token, or creates of tokens with the same attributes, oldest first. */
export type RelatedOperations = readonly [RecordedOperation, ...RecordedOperation[]];

/**
 * Determines whether the server applied operations without a response. Before it returns `applied`,
 * it measures the server's clock as exactly as possible, because another client may have created
 * the token a moment later.
 * @throws CliError as the provider does; `network` if there is no time left for the measurement.
 */
export async function investigate(
  session: Pick<Session, "clock">,
  tokens: TokenProvider,
  operations: RelatedOperations,
  readActivity: () => Promise<JournalActivity>,
): Promise<OperationState> {
  const classify = await readTokens(session, tokens, operations, readActivity);
  const state = classify(operations);
  // The journal has the ID of an ephemeral token, so its creation date does not matter.
  if (state.kind !== "applied" || operations.some(hasEphemeralToken)) return state;
  await measureServerClock(session.clock, tokens);
  const { offset } = session.clock.moment();
  return classify(
    operations.map(({ operation, issued }) => {
      const { request } = operation;
      const sharpened = { ...request, offset: intersectOffsets(request.offset, offset) };
      return { issued, operation: { ...operation, request: sharpened } };
    }),
  );
}

/** Milliseconds between two measurements of the server's clock. */
const measurementStep = 90;
const maxMeasurements = 14;
/** Milliseconds of uncertainty at which measuring stops. */
const measurementTolerance = 10;

/**
 * Measures the server's clock, which `Date` headers report in whole seconds: sends requests until
 * the second changes. Takes little more than a second.
 * @throws CliError `network` if the command's time limit would be exceeded.
 */
async function measureServerClock(
  { moment, pause }: Session["clock"],
  tokens: TokenProvider,
): Promise<void> {
  let roundTrip = 0;
  for (let measured = 0; measured < maxMeasurements; measured++) {
    const { now, offset } = moment();
    if (!offset) return;
    const uncertainty = offset.max - offset.min;
    if (uncertainty <= measurementStep + roundTrip + measurementTolerance) return;
    const nextSecond = (Math.floor((now + offset.min) / 1000) + 1) * 1000;
    const wait = Math.ceil(nextSecond - offset.max + measurementStep - now);
    if (wait > 0 && !(await pause(wait)))
      throw new CliError("network", "The command timed out before the server's time was read.", {
        hint: "Run tokctl recover, or increase --timeout.",
      });
    const sentAt = moment().now;
    await tokens.whoami();
    roundTrip = moment().now - sentAt;
  }
}

type Classify = (operations: readonly RecordedOperation[]) => OperationState;

/** Reads the tokens once. @returns a function that classifies operations by them. */
async function readTokens(
  session: Pick<Session, "clock">,
  tokens: TokenProvider,
  operations: RelatedOperations,
  readActivity: () => Promise<JournalActivity>,
): Promise<Classify> {
  const [first] = operations;
  const owner = first.operation.owner ?? undefined;
  const id = tokenIdOf(first);
  const creates = createsOf(operations);
  const all = id === undefined || !tokens.get ? await tokens.list(owner) : [];
  const token =
    id === undefined ? undefined : ((await tokens.get?.(id)) ?? all.find((each) => each.id === id));
  const relevant =
    id === undefined
      ? all.filter((each) => creates.some((create) => mayHaveCreated(create, each)))
      : [token ?? []].flat();
  const activity = activityOf(first.operation.owner, await readActivity());
  const createdAt = await readCreationDates(tokens, relevant, owner);
  const isExpired = operations.every(({ operation }) =>
    isRequestOver(operation.request, session.clock.moment()),
  );
  const context = { createdAt, isExpired, ...activity };

  if (id === undefined) return (related) => classifyCreates(createsOf(related), all, context);
  const ephemeral = operations
    .filter(hasEphemeralToken)
    .map(({ operation }) => operation)
    .find(isEphemeral);
  return ephemeral
    ? () => classifyEphemeral(ephemeral, token, context)
    : (related) => classifyTokenOperations(splitByIssue(related), token, context);
}

/** Returns the activity of one owner: delivered secrets, running operations, and created tokens. */
function activityOf(
  owner: PendingOperation["owner"],
  { running, delivered, entries }: JournalActivity,
): Pick<ClassificationContext, "delivered" | "running" | "createdIds"> {
  // Running commands use these secrets, so no other operation created their tokens.
  const used = running
    .filter(hasEphemeralToken)
    .flatMap(({ operation: { owner, request }, issued }) =>
      issued ? [{ ...issued, owner, at: request.sentAt }] : [],
    );
  const hasOwner = (other: Pick<PendingOperation, "owner">) => other.owner === owner;
  return {
    delivered: [...delivered, ...used].filter(hasOwner),
    running: running
      .filter((each) => !hasEphemeralToken(each))
      .map(({ operation }) => operation)
      .filter(hasOwner),
    createdIds: [...running, ...entries].flatMap(({ operation, issued }) =>
      issued && isCreate(operation) && hasOwner(operation) ? [issued.id] : [],
    ),
  };
}

/** Separates the renewals without a response from the secrets whose delivery was interrupted. */
function splitByIssue(related: readonly RecordedOperation[]) {
  const renewals = related.flatMap(({ issued, operation }) => (issued ? [] : operation));
  return {
    renewals: renewals.filter(isRenewal),
    delivering: related.flatMap(({ issued = [] }) => issued),
  };
}

const createsOf = (operations: readonly RecordedOperation[]): readonly PendingCreate[] =>
  operations.map(({ operation }) => operation).filter(isCreate);
const isCreate = (operation: PendingOperation): operation is PendingCreate =>
  operation.kind === "create";
const isRenewal = (operation: PendingOperation): operation is PendingRenewal =>
  operation.kind === "renew";

/**
 * Reads the creation dates of tokens. If the API has none, uses the date of the first role
 * assignment.
 */
export async function readCreationDates(
  tokens: TokenProvider,
  relevant: readonly Token[],
  owner: string | undefined,
): Promise<(token: Token) => Timestamp | null> {
  const dates = new Map<string, Timestamp | null>();
  for (const token of relevant)
    dates.set(token.id, token.createdAt ?? (await readFirstAssignment(tokens, token, owner)));
  return ({ id }) => dates.get(id) ?? null;
}

async function readFirstAssignment(
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

/** Formats tokens that an operation may have created or renewed, one line each. */
export const listCandidates = (candidates: readonly Token[]): readonly string[] =>
  candidates.map(
    (token) =>
      `  ${describeCandidate(token)}${token.version === null ? "" : `, version ${token.version}`}`,
  );

/**
 * Classifies a token that a command was to delete at its end. The state is `superseded` if a later
 * secret of the token was delivered, or if another client created the token again.
 */
export function classifyEphemeral(
  { request }: PendingCreate,
  token: Token | undefined,
  { createdAt, delivered }: Pick<ClassificationContext, "createdAt" | "delivered">,
): OperationState {
  if (!token) return { kind: "missing" };
  const isSuperseded =
    relateToRequest(createdAt(token), request) === "after" ||
    delivered.some(({ id, at }) => id === token.id && compareTimestamps(at, request.sentAt) > 0);
  return isSuperseded ? { kind: "superseded", token } : { kind: "applied", tokens: [token] };
}
