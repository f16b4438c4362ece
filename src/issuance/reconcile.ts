import { tokenArguments } from "../cli/token-views.ts";
import type { TokenProvider } from "../core/provider.ts";
import { describeToken, type Token } from "../core/token.ts";
import { CliError, type ErrorCode, InterruptedError, UsageError } from "../errors.ts";
import type { Session } from "../session/session.ts";
import type { OperationState } from "./classify.ts";
import {
  defaultAction,
  describeOperation,
  investigate,
  listCandidates,
  pastTense,
  questionOf,
  renewLost,
  revoke,
} from "./investigate.ts";
import type { JournalActivity } from "./journal/operation-journal.ts";
import type { IssuedSecret, PendingSecret } from "./lost-secret.ts";

/** How long to wait before a token that is not there yet is looked for again, in milliseconds. */
const pauses = [500, 2000];

const recoverLater = "tokctl recover looks for it again, and finishes what is to be done.";

/** A create or renew whose answer was lost, and the error that says so. */
interface Loss extends PendingSecret {
  readonly error: CliError;
}

/**
 * Looks what became of a create or renew whose answer was lost, and does with the token what is
 * wanted, so that no secret is left that nobody has.
 * @returns the token with another secret, if that is what is wanted.
 * @throws CliError with the exact state; the attempt stays in the journal as long as that is open.
 */
export async function reconcileLostResponse(
  making: PendingSecret,
  error: CliError,
): Promise<IssuedSecret> {
  const { session } = making;
  const loss: Loss = { ...making, error };
  const stopped = error instanceof InterruptedError;
  // Whoever presses ^C wants to go; a job that is ended has nobody who could come back.
  if (stopped && session.interactive)
    throw restate(loss, error.code, error.message, ["It may have been done.", recoverLater]);
  const tokens = stopped ? await session.reconnect({ heedless: true }) : making.tokens;
  const finding = await look(loss, tokens).catch(orUnsettled(loss, "Looking for it failed too"));
  const token = targetOf(finding, loss);
  if (!token) throw describe(finding, loss);
  return remedyFor(token, tokens, loss);
}

async function look(
  { session, attempt, error }: Loss,
  tokens: TokenProvider,
): Promise<OperationState> {
  const investigateNow = () =>
    investigate(session, tokens, [{ attempt }], () => activityOf(session));
  let finding = await investigateNow();
  for (const pause of error instanceof InterruptedError ? [] : pauses) {
    if (finding.kind !== "undone" || !(await session.pause(pause))) break;
    finding = await investigateNow();
  }
  return finding;
}

/** Where the journal can't be read, nothing is known. */
const activityOf = (session: Session): Promise<JournalActivity> =>
  session.journalActivity().catch((error: unknown) => {
    if (error instanceof UsageError) return { running: [], handedOver: [] };
    throw error;
  });

/**
 * The token that something is to be done with. Of a renewal it is known which it is, so that
 * whoever says what is to be done is obeyed even if it can't be told whether it was renewed.
 */
function targetOf(finding: OperationState, { attempt, remedy }: Loss): Token | undefined {
  if (finding.kind === "done") return finding.tokens[0];
  return finding.kind === "unclear" && attempt.kind === "renew" && remedy !== undefined
    ? finding.candidates[0]
    : undefined;
}

async function remedyFor(token: Token, tokens: TokenProvider, loss: Loss): Promise<IssuedSecret> {
  const { session, attempt, entry, error } = loss;
  const name = describeToken(token);
  const done = pastTense[attempt.kind];
  const { question, choices } = questionOf(attempt, token);
  const remedy =
    loss.remedy ??
    (session.interactive
      ? await session
          .choose(question, choices)
          .catch(orUnsettled(loss, `${name} was ${done}, and its secret is lost`))
      : defaultAction(attempt));
  // After ^C nobody is there to take another secret.
  if (error instanceof InterruptedError && remedy === "renew")
    throw restate(loss, error.code, error.message, [
      `${name} was ${done}, and its secret is lost.`,
      recoverLater,
    ]);
  const unsettled = orUnsettled(
    loss,
    `${name} was ${done}, its secret is lost, and to ${remedy} it failed`,
  );
  if (remedy === "renew") {
    const issued = await renewLost({ session, tokens, entry }, token, attempt.owner).catch(
      unsettled,
    );
    return {
      issued,
      said: [error.message, `${name} was found, and given another secret.`],
      entry,
    };
  }
  if (remedy === "revoke") {
    await revoke(tokens, token, attempt.owner ?? undefined).catch(unsettled);
    entry.end();
    throw restate(
      loss,
      "network",
      `${name} was ${done}, but its secret was lost on the way, so it was deleted again.`,
      [
        error.message,
        attempt.kind === "create"
          ? "Nothing is left of it: the same command can be run again."
          : "Nothing is left of it: tokctl token create makes another.",
      ],
    );
  }
  entry.end();
  throw restate(loss, "outcome_unknown", `${name} was ${done}, and its secret is lost.`, [
    error.message,
    `It was kept: tokctl token renew ${tokenArguments(token, attempt.owner)} makes another secret.`,
  ]);
}

/** The state where there is nothing to be done, or nothing that may be. */
function describe(finding: OperationState, loss: Loss): CliError {
  const { attempt, error } = loss;
  const creates = attempt.kind === "create";
  switch (finding.kind) {
    case "undone": {
      const state = creates
        ? `${describeOperation(attempt)} was looked for, and is not there`
        : `${describeOperation(attempt)} is as it was, and so is its secret`;
      return restate(loss, error.code, error.message, [`${state} by now.`, recoverLater]);
    }
    case "gone":
      return restate(loss, "outcome_unknown", error.message, [
        "The token is not there any more; where that is possible, tokctl recover creates it again.",
        ...[error.hint].flat(),
      ]);
    case "known":
      return restate(loss, "outcome_unknown", error.message, [
        `${describeOperation(attempt)} was renewed by another run since, which has its secret.`,
        recoverLater,
      ]);
    default:
      return restate(
        loss,
        "outcome_unknown",
        error.message,
        creates
          ? [
              "It may be one of these, which another client may have created. None was changed:",
              ...listCandidates(finding.kind === "unclear" ? finding.candidates : []),
              "To delete the one that is yours: tokctl recover --candidate ID",
              "If none is: tokctl recover --on-lost keep",
            ]
          : [
              "Whether it was renewed can't be told: its old secret may not work any more.",
              "To make another: tokctl recover --on-lost renew",
            ],
      );
  }
}

/** What a failure to settle it is: the loss is what is told, and how far it got. */
const orUnsettled =
  (loss: Loss, state: string) =>
  (failure: unknown): never => {
    if (!(failure instanceof CliError)) throw failure;
    const code = failure instanceof InterruptedError ? failure.code : "outcome_unknown";
    throw restate(loss, code, loss.error.message, [
      `${state}: ${failure.message}`,
      // Both may have lost an answer to the same.
      ...new Set([failure.hint, recoverLater, loss.error.hint].flat()),
    ]);
  };

/** The loss in other words; what was interrupted stays so. */
function restate(
  { session, error }: Loss,
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
