import type { Provider } from "../core/provider.ts";
import { formatTargetOptions } from "../core/target-options.ts";
import { describeToken, type Token } from "../core/token.ts";
import { CliError } from "../errors.ts";
import type { InterruptedEntry } from "../journal/journal.ts";
import type { OperationTarget } from "../journal/journal-entry.ts";
import { tokenIdOf } from "../journal/pending-operation.ts";
import { type OperationState, tokensOf } from "./classify.ts";
import { listCandidates } from "./investigate.ts";
import { type RecoveryCase, shortEntryId } from "./recovery-case.ts";
/**
 * The result of an operation can't be determined from the server's tokens, so the user has to
 * decide.
 */
export class AmbiguousRecoveryError extends CliError {
  override name = "AmbiguousRecoveryError";
  readonly candidates: readonly Token[];
  constructor(message: string, candidates: readonly Token[], hint: readonly string[]) {
    super("outcome_unknown", message, { hint });
    this.candidates = candidates;
  }
}

/** Returns the error for a state that the user has to resolve, with the commands in the hint. */
export function toAmbiguousRecoveryError(
  state: OperationState,
  [entry]: RecoveryCase,
): AmbiguousRecoveryError {
  const candidates = tokensOf(state);
  const command = `tokctl recover ${shortEntryId(entry)}`;
  const close = closeHint(entry);
  if (state.kind === "delivery-interrupted")
    return new AmbiguousRecoveryError(
      "the delivery of its secret was interrupted, so the secret may be in use.",
      candidates,
      [
        `If the secret is not in use: ${command} --on-lost renew`,
        `Or delete the token: ${command} --on-lost revoke`,
        close,
      ],
    );
  if (tokenIdOf(entry) !== undefined)
    return new AmbiguousRecoveryError(
      "the token may have been renewed, by this operation or by another client.",
      candidates,
      [
        ...listCandidates(candidates),
        `To create another secret: ${command} --on-lost renew`,
        close,
      ],
    );
  return new AmbiguousRecoveryError(
    "these tokens may have been created by this operation, or by another client.",
    candidates,
    [
      ...listCandidates(candidates),
      `To delete yours: ${command} --candidate ID`,
      `To renew yours: ${command} --candidate ID --on-lost renew`,
      close,
    ],
  );
}

/** Returns the hint with the command that removes an entry and changes no token. */
export const closeHint = (entry: InterruptedEntry): string =>
  `To remove the entry and change nothing: tokctl recover ${shortEntryId(entry)} --on-lost keep`;

/** Returns the error for an operation of another credential than the current one. */
export function toCredentialError([entry]: RecoveryCase, { supports }: Provider): CliError {
  const { target, operation } = entry;
  const command = `tokctl recover ${shortEntryId(entry)}`;
  const withTarget = `${command}${formatTargetOptions(target)}`;
  const candidate = tokenIdOf(entry) === undefined ? " --candidate ID" : "";
  const action = operation.kind === "create" ? "revoke" : "renew";
  return new CliError("outcome_unknown", "the operation used another credential.", {
    hint: [
      target.profile === undefined
        ? `With that credential: ${withTarget} --app-token-file FILE`
        : `Sign in to that account, then run: ${withTarget}`,
      ...(supports.serverIds
        ? [`With the current credential: ${command}${candidate} --on-lost ${action}`]
        : []),
      closeHint(entry),
    ],
  });
}

/**
 * Returns the error for a deleted token without roles. If it were created again, it would get all
 * roles of its owner.
 */
export const toMissingRolesError = (
  target: OperationTarget,
  token: Token,
  owner: string | null,
): CliError =>
  new CliError(
    "outcome_unknown",
    `token ${describeToken(token)} was deleted for its renewal. It had no roles, and a new token without roles gets all roles of its owner.`,
    {
      hint: `Create it with roles: tokctl token create ${token.id} -r ROLE${formatTargetOptions({ ...target, user: owner })}`,
    },
  );

/** Returns the error for a request that the server may still process. */
export const toPendingError = ([{ operation }]: RecoveryCase): CliError =>
  new CliError(
    "outcome_unknown",
    operation.kind === "create" ? "the token does not exist yet." : "the token is still unchanged.",
    { hint: "The server may still process the request. Run tokctl recover again in a minute." },
  );
