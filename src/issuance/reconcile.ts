import { tokenArguments } from "../core/target-options.ts";
import { capitalize, toSentence } from "../core/text.ts";
import { describeToken, type Token } from "../core/token.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import { CliError, type ErrorCode, InterruptedError, UsageError } from "../errors.ts";
import type { JournalActivity } from "../journal/journal.ts";
import { describeOperation, pastTense } from "../journal/pending-operation.ts";
import type { Session } from "../session/session.ts";
import { type OperationState, tokensOf } from "./classify.ts";
import { investigate, listCandidates } from "./investigate.ts";
import {
  defaultAction,
  type IssuedSecret,
  type LostSecretAction,
  lostSecretPrompt,
  type PendingIssue,
  replaceLostSecret,
  revokeToken,
} from "./lost-secret.ts";

/** Milliseconds to wait before each further lookup of a token that was not found. */
const lookupPauses = [500, 2000];

const recoverLater = "To look up the token again and finish the operation: tokctl recover";

/** An operation with a lost response, and the error that reports it. */
interface LostResponse extends PendingIssue {
  readonly error: CliError;
}

/** A token that the operation created or renewed. */
interface AffectedToken {
  readonly token: Token;
  /** Whether the operation was certainly applied. */
  readonly isCertain: boolean;
}

/**
 * Determines whether a create or renew with a lost response was applied, and revokes, renews or
 * keeps the token, so that no token is left with a lost secret.
 * @returns the token with a new secret, if it is renewed.
 * @throws CliError with the state of the token. If that state is unknown, the journal entry stays
 * open.
 */
export async function reconcileLostResponse(
  pending: PendingIssue,
  error: CliError,
): Promise<IssuedSecret> {
  const lost: LostResponse = { ...pending, error };
  const { session } = lost;
  const isInterrupted = error instanceof InterruptedError;
  if (isInterrupted && session.prompter.interactive)
    throw toError(lost, error.code, toUnknownMessage(lost), [recoverLater]);
  // A CI job may never run again, so an interruption does not stop the cleanup.
  const tokens = isInterrupted ? await session.reconnect({ ignoresInterrupt: true }) : lost.tokens;
  const state = await lookUp(lost, tokens).catch(
    rethrowWith(lost, `${toUnknownMessage(lost)} Cannot look up the token`),
  );
  const affected = findAffected(state, lost);
  if (!affected) throw toStateError(state, lost);
  return handleLostSecret(affected, tokens, lost);
}

/** Investigates up to three times, until the operation is applied. */
async function lookUp(
  { session, operation, error }: LostResponse,
  tokens: TokenProvider,
): Promise<OperationState> {
  const investigateOnce = () =>
    investigate(session, tokens, [{ operation }], () => readActivity(session));
  const pauses = error instanceof InterruptedError ? [] : lookupPauses;
  let state = await investigateOnce();
  for (const pause of pauses) {
    if (state.kind !== "not-applied" || !(await session.clock.pause(pause))) break;
    state = await investigateOnce();
  }
  return state;
}

/** Reads the activity of other runs. An unreadable journal counts as empty. */
const readActivity = (session: Session): Promise<JournalActivity> =>
  session.journal.activity().catch((error: unknown) => {
    if (error instanceof UsageError) return { running: [], delivered: [], entries: [] };
    throw error;
  });

/**
 * Returns the token of the operation. A renewal has exactly one possible token, so `--on-lost`
 * applies even if its state is unknown.
 */
function findAffected(
  state: OperationState,
  { operation, onLost }: LostResponse,
): AffectedToken | undefined {
  if (state.kind === "applied")
    return state.tokens[0] && { token: state.tokens[0], isCertain: true };
  if (state.kind !== "ambiguous" || operation.kind !== "renew" || onLost === undefined)
    return undefined;
  return state.candidates[0] && { token: state.candidates[0], isCertain: false };
}

async function handleLostSecret(
  affected: AffectedToken,
  tokens: TokenProvider,
  lost: LostResponse,
): Promise<IssuedSecret> {
  const { session, operation, entry, error } = lost;
  const { token } = affected;
  const { owner } = operation;
  const fact = factAbout(affected, lost);
  const sentence = toSentence(`Token ${describeToken(token)} ${fact}: ${error.reason}`);
  const action = await chooseAction(token, fact, lost);
  const rethrow = rethrowWith(lost, `${sentence} Cannot ${action} it`);
  switch (action) {
    case "renew": {
      if (error instanceof InterruptedError)
        throw toError(lost, error.code, sentence, [recoverLater]);
      const renew = () => tokens.renew(token, {}, owner ?? undefined);
      const issued = await replaceLostSecret({ session, entry, owner }, token, renew).catch(
        rethrow,
      );
      return { issued, messages: [`${sentence} It has been renewed.`], entry };
    }
    case "revoke":
      await revokeToken(tokens, token, owner).catch(rethrow);
      entry.close();
      throw toError(lost, "network", `${sentence} The token has been deleted.`, [
        operation.kind === "create"
          ? "To try again, run the same command."
          : "To create it again: tokctl token create",
      ]);
    case "keep":
      entry.close();
      throw toError(lost, "outcome_unknown", `${sentence} The token has been kept.`, [
        `To create another secret: tokctl token renew ${tokenArguments(token, owner)}`,
      ]);
  }
}

const factAbout = ({ isCertain }: AffectedToken, { operation }: LostResponse): string =>
  isCertain
    ? `was ${pastTense[operation.kind]}, but the response with its secret was lost`
    : `may have been ${pastTense[operation.kind]}, but the response with its secret was lost`;

async function chooseAction(
  token: Token,
  fact: string,
  lost: LostResponse,
): Promise<LostSecretAction> {
  const { session, operation, onLost } = lost;
  if (onLost !== undefined) return onLost;
  if (!session.prompter.interactive) return defaultAction(operation.kind);
  const { question, choices } = lostSecretPrompt(token, fact);
  return session.prompter
    .choose(question, choices)
    .catch(rethrowWith(lost, `Token ${describeToken(token)} ${fact}. No action was chosen`));
}

/** Returns the error for an operation with no token to handle, or with several candidates. */
function toStateError(state: OperationState, lost: LostResponse): CliError {
  const { operation, error } = lost;
  const subject = capitalize(describeOperation(operation));
  const message = toUnknownMessage(lost);
  switch (state.kind) {
    case "not-applied":
      return toError(lost, error.code, message, [
        operation.kind === "create"
          ? `${subject} does not exist yet.`
          : `${subject} is still unchanged: its previous secret works.`,
        recoverLater,
      ]);
    case "missing":
      return toError(lost, "outcome_unknown", message, [
        "The token no longer exists. To create it again, if the provider supports that: tokctl recover",
        ...[error.hint].flat(),
      ]);
    case "superseded":
      return toError(lost, "outcome_unknown", message, [
        "Another run of tokctl renewed the token later and received its secret.",
        "To remove the journal entry: tokctl recover",
      ]);
    default:
      return toError(lost, "outcome_unknown", message, describeCandidates(state, lost));
  }
}

const describeCandidates = (
  state: OperationState,
  { operation }: LostResponse,
): readonly string[] =>
  operation.kind === "renew"
    ? [
        "If it was renewed, its previous secret no longer works.",
        "To create another secret: tokctl recover --on-lost renew",
      ]
    : [
        "It may be one of these tokens. Another client may also have created them. None was changed.",
        ...listCandidates(tokensOf(state)),
        "To delete yours: tokctl recover --candidate ID",
        "If none is yours: tokctl recover --on-lost keep",
      ];

/** Formats the lost response of an operation with an unknown outcome. */
function toUnknownMessage({ operation, error }: LostResponse): string {
  const start = capitalize(describeOperation(operation));
  return toSentence(
    `${start} may have been ${pastTense[operation.kind]}, but no valid response was received: ${error.reason}`,
  );
}

/** Returns a handler that reports a failed step. @param step the message before the cause. */
const rethrowWith =
  (lost: LostResponse, step: string) =>
  (failure: unknown): never => {
    if (!(failure instanceof CliError)) throw failure;
    const code = failure instanceof InterruptedError ? failure.code : "outcome_unknown";
    const hints = [failure.hint, recoverLater, lost.error.hint].flat();
    throw toError(lost, code, `${step}: ${failure.reason}`, [...new Set(hints)]);
  };

/** Returns an error caused by the lost response, which keeps the exit code of an interruption. */
function toError(
  { session, error }: LostResponse,
  code: ErrorCode,
  message: string,
  hint: readonly string[],
): CliError {
  const { interrupt } = session.host;
  const details = { hint, requestId: error.requestId, cause: error };
  return interrupt.aborted
    ? new InterruptedError(message, interrupt, details)
    : new CliError(code, message, details);
}
