import { byCreation } from "../core/filter.ts";
import { tokenArguments } from "../core/target-options.ts";
import { toSentence } from "../core/text.ts";
import { describeToken, type Token, type TokenSpec } from "../core/token.ts";
import { CliError, InterruptedError, toHintLines } from "../errors.ts";
import type { Session } from "../session/session.ts";
import type { Deliveries, DeliveryResult } from "../sinks/sink.ts";
import { checkSecret, type SecretChecks } from "./check-secret.ts";
import { toDeliveryError } from "./deliver.ts";
import { createTokenUnchecked } from "./issue.ts";
import { type IssuedSecret, revokeToken } from "./lost-secret.ts";
import { type ListedFamily, readFamily, type TokenFamily } from "./rotation-family.ts";
import { generationOf, isRecorded } from "./rotation-state.ts";

/** The successor of a token and its destinations. */
export interface SuccessorRequest {
  readonly spec: TokenSpec;
  readonly destinations: readonly string[];
  /** Whether destinations may replace existing files. */
  readonly force: boolean;
  readonly checks: SecretChecks;
  /** IDs of members without a generation number, for the records. */
  readonly replacedIds: readonly string[];
}

/** A successor that at least one destination has. */
export interface DeliveredSuccessor {
  readonly issued: Token & Pick<IssuedSecret["issued"], "token">;
  readonly sent: readonly DeliveryResult[];
  readonly messages: readonly string[];
  /** The error if not all destinations have it. */
  readonly failure: CliError | undefined;
  /** Whether it was deleted, or may have replaced a newer generation that another run delivered. */
  readonly isOvertaken: boolean;
}

/** Milliseconds after which a successor is not delivered, because another run could delete it. */
const maxDelayMs = 12 * 60_000;

/**
 * Creates a successor, checks its secret and delivers it to all destinations. If a step fails before a
 * destination has the secret, deletes the successor.
 * @param before the state before, which must be current.
 * @returns undefined if another run creates a successor at the same time; this one is then deleted.
 * @throws UsageError if a destination can't be prepared; then nothing was created. CliError of the failed
 * step.
 */
export async function issueSuccessor(
  family: TokenFamily,
  before: ListedFamily,
  request: SuccessorRequest,
): Promise<DeliveredSuccessor | undefined> {
  const { session, tokens, records } = family;
  const { spec, destinations, force } = request;
  tokens.validateSpec?.(spec);
  const deliveries = await session.openSinks(destinations, force);
  let secret: IssuedSecret;
  let recorded: ListedFamily["records"];
  try {
    await records.prepare();
    secret = await createTokenUnchecked(session, tokens, spec, before.allTokens, {
      isShared: true,
    });
  } catch (error) {
    await deliveries.discard();
    // An API with unique names rejects the create of the slower run.
    if (error instanceof CliError && error.code === "conflict") {
      const { allTokens } = await readFamily(family);
      if (allTokens.some(({ name }) => name === spec.name)) return undefined;
    }
    throw error instanceof CliError && error.mayBeApplied ? toLostError(session, error) : error;
  }
  try {
    await checkSecret(session, secret.issued, request.checks);
    const state = await readChecked(family, secret.issued);
    recorded = state.records;
    if (isSuperseded(state, before, secret.issued)) {
      await withdraw(family, deliveries, secret);
      return undefined;
    }
    if (session.host.interrupt.aborted)
      throw new InterruptedError("Interrupted before the delivery.", session.host.interrupt);
    await records.begin(secret.issued, request.replacedIds);
  } catch (error) {
    throw await withdrawAfter(family, deliveries, secret, error);
  }
  return deliver(family, deliveries, secret, request, recorded);
}

/** Returns the error for a successor that may exist, but whose secret is lost. */
function toLostError({ host: { interrupt } }: Session, error: CliError): CliError {
  const hint = "Run the same command again: after 30 seconds, it deletes a token without a secret.";
  const details = { hint, requestId: error.requestId, cause: error, mayBeApplied: true };
  return error instanceof InterruptedError
    ? new InterruptedError(error.message, interrupt, details)
    : new CliError(error.code, error.message, details);
}

/**
 * Reads the state of the family after the create, immediately before the delivery.
 * @throws CliError if the successor was deleted, or is too old to be delivered.
 */
async function readChecked(family: TokenFamily, issued: Token): Promise<ListedFamily> {
  family.session.clock.ensureTime();
  const state = await readFamily(family);
  const created = state.issuedAt(issued);
  const isTooOld = created !== null && state.now - Date.parse(created) > maxDelayMs;
  if (isTooOld || !state.tokens.some(({ id }) => id === issued.id))
    throw new CliError("partial", `The checks of token ${describeToken(issued)} took too long.`, {
      hint: "Use a check that takes less than 10 minutes.",
    });
  return state;
}

/**
 * Returns whether another run has created or delivered a newer generation, or created the same one first.
 * Both runs list the tokens after their create, so that exactly one of them continues.
 */
function isSuperseded(state: ListedFamily, before: ListedFamily, issued: Token): boolean {
  const { name, tokens, records } = state;
  const knownIds = new Set(before.tokens.map(({ id }) => id));
  const generation = generationOf(name, issued.name) ?? 0;
  const isNewer = (token: Pick<Token, "name">) =>
    (generationOf(name, token.name) ?? 0) > generation;
  return (
    records.some(({ record }) => isNewer({ name: record?.name ?? null })) ||
    tokens.some((token) => {
      if (token.id === issued.id || knownIds.has(token.id)) return false;
      const isSame = generationOf(name, token.name) === generation;
      return isNewer(token) || (isSame && byCreation(token, issued) < 0);
    })
  );
}

/**
 * Returns whether a delivered successor was deleted, or may have replaced a newer generation: another run
 * can have delivered that one between the last check and the delivery. If the state can't be read, the
 * next run decides.
 */
async function isOvertaken(family: TokenFamily, issued: Token): Promise<boolean> {
  try {
    family.session.clock.ensureTime();
    const { name, tokens, records } = await readFamily(family);
    if (!isRecorded(issued, records)) return false;
    const generation = generationOf(name, issued.name) ?? 0;
    return (
      !tokens.some(({ id }) => id === issued.id) ||
      tokens.some((token) => (generationOf(name, token.name) ?? 0) > generation)
    );
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return false;
  }
}

async function deliver(
  family: TokenFamily,
  deliveries: Deliveries,
  secret: IssuedSecret,
  { replacedIds }: SuccessorRequest,
  recorded: ListedFamily["records"],
): Promise<DeliveredSuccessor> {
  const { session, records } = family;
  const { issued, messages, entry } = secret;
  const sent = await deliveries.deliver(issued, replacedIds);
  await records.finish(issued, replacedIds, sent);
  const errors = sent.flatMap(({ error = [] }) => error);
  const delivered = sent.filter(({ error }) => !error).map(({ to }) => to);
  if (delivered.length === 0 && !(await mayBeDelivered(family, issued, recorded))) {
    const message = `The secret of token ${describeToken(issued)} was not written to any destination.`;
    const error = toDeliveryError(session, message, errors.flatMap(toHintLines));
    throw await withdrawAfter(family, deliveries, secret, error);
  }
  entry.close();
  const failure =
    errors.length === 0
      ? undefined
      : toDeliveryError(
          session,
          `The secret of token ${describeToken(issued)} was written only to ${delivered.join(", ") || "at most one destination"}.`,
          [
            ...errors.flatMap(toHintLines),
            "The previous token still works. To deliver a new one to all destinations, run the same command again.",
          ],
        );
  return { issued, sent, messages, failure, isOvertaken: await isOvertaken(family, issued) };
}

/**
 * Whether a destination has a token although its delivery failed, or may have had it until another run
 * delivered a newer one; true if that can't be read.
 * @param before the records before the delivery.
 */
async function mayBeDelivered(
  { records }: TokenFamily,
  issued: Token,
  before: ListedFamily["records"],
): Promise<boolean> {
  try {
    const after = await records.read();
    return (
      isRecorded(issued, after) ||
      after.some(({ record }, i) => record?.id !== before[i]?.record?.id)
    );
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return true;
  }
}

/** Deletes a successor that no destination has. @throws CliError as the provider does */
async function withdraw(
  { session, owner }: TokenFamily,
  deliveries: Deliveries,
  { issued, entry }: IssuedSecret,
): Promise<void> {
  await deliveries.discard();
  session.clock.ensureTime();
  // An interruption must not leave the token.
  const tokens = await session.reconnect({ ignoresInterrupt: true });
  await revokeToken(tokens, issued, owner ?? null);
  entry.close();
}

/** Deletes a successor after an error. @returns the error to throw */
async function withdrawAfter(
  family: TokenFamily,
  deliveries: Deliveries,
  secret: IssuedSecret,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof CliError)) return error;
  const { issued, entry } = secret;
  const { message, code, requestId } = error;
  const interrupt = error instanceof InterruptedError ? family.session.host.interrupt : undefined;
  const toError = (text: string, hint: readonly string[]) =>
    interrupt
      ? new InterruptedError(text, interrupt, { hint, requestId, cause: error })
      : new CliError(code, text, { hint, requestId, cause: error });
  try {
    await withdraw(family, deliveries, secret);
    return toError(
      `${toSentence(message)} The new token was deleted, and the previous one is unchanged.`,
      [...[error.hint].flat()],
    );
  } catch (failure) {
    if (!(failure instanceof CliError)) return failure;
    entry.release();
    return toError(`${toSentence(message)} The new token was not deleted: ${failure.reason}`, [
      ...[error.hint].flat(),
      `To delete it: tokctl token delete ${tokenArguments(issued, family.owner)}`,
      "Or run the same command again: it deletes the token.",
    ]);
  }
}
