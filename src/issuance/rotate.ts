import type { Provider } from "../core/provider.ts";
import { tokenArguments } from "../core/target-options.ts";
import { describeToken, hasSameName, type Token, type TokenSpec } from "../core/token.ts";
import { CliError, InterruptedError, toHintLines } from "../errors.ts";
import type { Session } from "../session/session.ts";
import type { DeliveryResult } from "../sinks/sink.ts";
import type { SecretChecks } from "./check-secret.ts";
import { replaceStoredCredential } from "./credential-in-use.ts";
import { withNameLock } from "./ensure-token.ts";
import { type DeliveredSuccessor, issueSuccessor } from "./issue-successor.ts";
import { revokeToken } from "./lost-secret.ts";
import { recoverRotations } from "./recover-rotations.ts";
import { type ListedFamily, readFamily, type TokenFamily } from "./rotation-family.ts";
import {
  type KeptToken,
  planRotation,
  type RotationPlan,
  type RotationSchedule,
} from "./rotation-plan.ts";
import { openRotationRecords } from "./rotation-records.ts";
import { generationOf } from "./rotation-state.ts";

/** The options of a rotation. */
export interface RotationRequest {
  /** The name without a generation number. */
  readonly name: string;
  readonly owner: string | undefined;
  readonly destinations: readonly string[];
  /** Whether destinations may replace files that no earlier run has written. */
  readonly force: boolean;
  /** Returns whether `force` affects a destination. */
  readonly acceptsForce: (destination: string) => boolean;
  /** The file that records the tokens of destinations that can't. */
  readonly statePath: string | undefined;
  readonly schedule: RotationSchedule;
  readonly checks: SecretChecks;
  readonly isDryRun: boolean;
  /**
   * Returns the attributes of the successor, with the scope of an existing token of the family.
   * @throws ConflictError if another scope was requested; UsageError if there is no scope.
   */
  readonly completeSpec: (
    name: string,
    existing: Token | undefined,
    family: ListedFamily,
  ) => Promise<TokenSpec>;
}

/** The result of a rotation, or of its preview. */
export interface Rotation {
  readonly isPreview: boolean;
  /** The token that the destinations have afterwards. */
  readonly current: Token | undefined;
  /** The successor that was due. */
  readonly planned: RotationPlan["successor"];
  /** The successor, if at least one destination has it. */
  readonly issued: Token | undefined;
  /** The result of each destination; in a preview, the destinations of the successor. */
  readonly sent: readonly DeliveryResult[];
  readonly deleted: readonly Token[];
  readonly kept: RotationPlan["kept"];
  readonly nextRotationAt: RotationPlan["nextRotationAt"];
  /** Whether another run is rotating. */
  readonly isWaiting: boolean;
  readonly failure: CliError | undefined;
}

/**
 * Rotates the tokens of a family: if the current token is due, creates the next generation and delivers it
 * to all destinations; deletes generations that no destination has had for the overlap. Runs on one machine
 * wait for each other. Runs on several machines agree on one generation.
 * @throws CliError if the rotation can't be done; then the destinations and the current token are unchanged.
 */
export async function rotateToken(
  session: Session,
  provider: Provider,
  request: RotationRequest,
): Promise<Rotation> {
  const { name, owner, destinations, statePath } = request;
  const records = openRotationRecords(session, name, destinations, statePath);
  await records.read();
  return withNameLock(session, provider, { name, owner }, async () => {
    const tokens = await session.tokens();
    return rotateFamily({ session, tokens, name, owner, records }, request);
  });
}

async function rotateFamily(family: TokenFamily, request: RotationRequest): Promise<Rotation> {
  const { schedule, isDryRun } = request;
  let state = await readFamily(family);
  // Before anything is changed, so that a conflict changes nothing.
  let plan = planRotation(state, schedule);
  const recovered = isDryRun ? [] : await recoverRotations(family, state, plan.current);
  if (recovered.length > 0) {
    state = await readFamily(family);
    plan = planRotation(state, schedule);
  }
  const spec = plan.successor && (await completeSuccessor(state, plan, request));
  if (isDryRun) {
    const sent = spec ? state.records.map(({ to }) => ({ to })) : [];
    return toRotation(plan, { isPreview: true, deleted: plan.deleted, sent });
  }
  if (!spec) return finish(family, request, state, plan, undefined, recovered);
  const successor = await issue(family, request, state, plan, spec);
  if (!successor)
    return toRotation({ ...plan, successor: undefined }, { isWaiting: true, deleted: recovered });
  await family.session.say({ text: successor.messages });
  const latest = successor.isOvertaken ? await issueNext(family, request, successor) : successor;
  return finish(family, request, state, plan, latest, recovered);
}

const issue = (
  family: TokenFamily,
  request: RotationRequest,
  state: ListedFamily,
  { replacedIds }: RotationPlan,
  spec: TokenSpec,
): Promise<DeliveredSuccessor | undefined> =>
  issueSuccessor(family, state, {
    spec,
    destinations: request.destinations,
    force: request.force || areOwn(state, request),
    checks: request.checks,
    replacedIds,
  });

/**
 * Creates and delivers one more generation, so that no destination keeps an older one than another run has
 * delivered.
 * @returns the delivered successor if another run does that, or with the error if it fails.
 */
async function issueNext(
  family: TokenFamily,
  request: RotationRequest,
  successor: DeliveredSuccessor,
): Promise<DeliveredSuccessor> {
  try {
    const state = await readFamily(family);
    const plan = planRotation(state, { ...request.schedule, isForced: true });
    const spec = await completeSuccessor(state, plan, request);
    return (await issue(family, request, state, plan, spec)) ?? successor;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { ...successor, failure: successor.failure ?? error };
  }
}

/** Returns the attributes of the successor. */
function completeSuccessor(
  state: ListedFamily,
  { successor, current, members }: RotationPlan,
  { completeSpec, name }: RotationRequest,
): Promise<TokenSpec> {
  const unnumbered = state.tokens.filter((token) => generationOf(name, token.name) === 0);
  const existing = current ?? members[0] ?? (unnumbered.length === 1 ? unnumbered[0] : undefined);
  return completeSpec(successor?.name ?? name, existing, state);
}

/** Whether all destinations that only `--force` replaces were written by earlier runs. */
const areOwn = (
  { records }: ListedFamily,
  { destinations, acceptsForce }: RotationRequest,
): boolean => {
  const replaced = destinations.flatMap((each, i) => (acceptsForce(each) ? [records[i]] : []));
  return replaced.length > 0 && replaced.every((each) => each?.record !== undefined);
};

/** Updates the profile, and deletes the tokens that are no longer needed. */
async function finish(
  family: TokenFamily,
  { schedule }: RotationRequest,
  before: ListedFamily,
  plan: RotationPlan,
  successor: DeliveredSuccessor | undefined,
  recovered: readonly Token[],
): Promise<Rotation> {
  const { session } = family;
  if (successor?.failure) return toRotation(plan, { ...successor, deleted: recovered });
  const failures: CliError[] = [];
  let deleted: readonly Token[] = [];
  let latest = plan;
  try {
    if (successor || plan.deleted.length > 0) {
      session.clock.ensureTime();
      const state = await readFamily(family);
      if (successor && plan.members.some((token) => isInUse(token, state)))
        failures.push(...toList(await replaceStoredCredential(session, successor.issued)));
      latest = planRotation(state, { ...schedule, isForced: false });
      // A change by another run since the plan was made can only keep further tokens.
      const keptIds = new Set(
        [latest.current, ...latest.kept.filter(isProtected).map(({ token }) => token)].map(
          (token) => token?.id,
        ),
      );
      // In an API without IDs, another run can have created the token again.
      const isUnchanged = (token: Token) => {
        const same = state.tokens.find(({ id }) => id === token.id);
        return same !== undefined && state.issuedAt(same) === before.issuedAt(token);
      };
      const planned = [...plan.deleted.filter(isUnchanged), ...latest.deleted].filter(
        ({ id }) => !keptIds.has(id),
      );
      const unique = [...new Map(planned.map((token) => [token.id, token])).values()];
      const result = await deleteTokens(family, unique);
      deleted = result.deleted;
      failures.push(...result.failures);
    }
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    failures.push(error);
  }
  const deletedIds = new Set(deleted.map(({ id }) => id));
  return toRotation(latest, {
    planned: plan.successor,
    issued: successor?.issued,
    sent: successor?.sent ?? [],
    deleted: [...recovered, ...deleted],
    kept: latest.kept
      .filter(({ token }) => !deletedIds.has(token.id))
      .map((each) => findEarlier(each, plan) ?? each),
    failure: toFailure(session, successor, failures),
  });
}

/** Returns why a token was kept before the rotation, because its predecessor replaced it. */
const findEarlier = ({ token, reason }: KeptToken, { kept, current }: RotationPlan) =>
  kept.find(
    (each) =>
      each.token.id === token.id &&
      token.id !== current?.id &&
      reason === "overlap" &&
      each.reason === "overlap",
  );

const toList = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);

const isInUse = (token: Token, { inUse }: ListedFamily): boolean =>
  inUse !== undefined && hasSameName(token, inUse);

/** Whether a token must be kept, even if an earlier plan deletes it. */
const isProtected = ({ reason }: RotationPlan["kept"][number]): boolean =>
  reason === "recorded" || reason === "in-use" || reason === "unrecorded";

/** Deletes tokens one after the other, even after a failure. */
async function deleteTokens({ tokens, owner }: TokenFamily, unneeded: readonly Token[]) {
  const deleted: Token[] = [];
  const failures: CliError[] = [];
  for (const token of unneeded)
    try {
      await revokeToken(tokens, token, owner ?? null);
      deleted.push(token);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const { reason, requestId } = error;
      failures.push(
        new CliError("partial", `Token ${describeToken(token)} was not deleted: ${reason}`, {
          hint: `The next run deletes it. Or: tokctl token delete ${tokenArguments(token, owner)}`,
          requestId,
          cause: error,
        }),
      );
      if (error instanceof InterruptedError) break;
    }
  return { deleted, failures };
}

/** Returns one error for what failed after the successor was delivered. */
function toFailure(
  { host: { interrupt } }: Session,
  successor: DeliveredSuccessor | undefined,
  failures: readonly CliError[],
): CliError | undefined {
  const [first] = failures;
  if (!first) return undefined;
  const subject = successor
    ? `Token ${describeToken(successor.issued)} was created and delivered, but a later step failed`
    : "The rotation is not complete";
  const message = `${subject}: ${first.message}`;
  const hint = [...[first.hint].flat(), ...failures.slice(1).flatMap(toHintLines)];
  const details = { hint, requestId: first.requestId, cause: first };
  return interrupt.aborted
    ? new InterruptedError(message, interrupt, details)
    : new CliError("partial", message, details);
}

function toRotation(plan: RotationPlan, known: Partial<Rotation>): Rotation {
  return {
    isPreview: false,
    current: known.issued ?? plan.current,
    planned: plan.successor,
    issued: undefined,
    sent: [],
    deleted: [],
    kept: plan.kept,
    nextRotationAt: plan.nextRotationAt,
    isWaiting: plan.isWaiting,
    failure: undefined,
    ...known,
  };
}
