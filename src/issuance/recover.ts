import type { Choice } from "../core/message.ts";
import { isRequestOver } from "../core/server-clock.ts";
import { describeToken, hasSameName, type IssuedToken, type Token } from "../core/token.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import { type CliError, UsageError } from "../errors.ts";
import type { OpenEntry } from "../journal/open-entry.ts";
import {
  describeOperation,
  isKnownUnchanged,
  pastTense,
  tokenIdOf,
} from "../journal/pending-operation.ts";
import type { Session } from "../session/session.ts";
import { type OperationState, tokensOf } from "./classify.ts";
import { updateStoredCredential } from "./credential-in-use.ts";
import { investigate, listCandidates } from "./investigate.ts";
import {
  defaultAction,
  type LostSecretAction,
  lostSecretPrompt,
  replaceLostSecret,
  revokeToken,
} from "./lost-secret.ts";
import {
  type ClaimedCase,
  claimCase,
  isEphemeralCase,
  type RecoverOptions,
  type RecoveryCase,
  releaseAll,
  selectCreate,
  shortEntryId,
} from "./recovery-case.ts";
import {
  toAmbiguousRecoveryError,
  toCredentialError,
  toMissingRolesError,
  toPendingError,
} from "./recovery-errors.ts";

/**
 * The result of a recovery. `revoked`, `renewed`, `kept`: the token existed, and this action was
 * applied. `restored`: a renewal had deleted the token, and it was created again. `undone`: the
 * server never applied the operation. `gone`: the token no longer exists. `forgotten`: the entry
 * was removed without a request.
 */
export type RecoveryOutcome =
  | "revoked"
  | "renewed"
  | "kept"
  | "restored"
  | "undone"
  | "gone"
  | "forgotten";

/** The outcome of a case, and its token if there is one. */
export interface RecoveryResult {
  readonly outcome: RecoveryOutcome;
  readonly token?: Token;
  /** The token with its new secret. */
  readonly issued?: IssuedToken;
  /** A failure after the token was recovered. */
  readonly error?: CliError;
  /** Closes the journal entries. Call it once the result is written. */
  readonly close: () => void;
}

/**
 * Determines whether interrupted operations were applied, and revokes, renews or keeps the token.
 * @param session a session for the target of the entries; see `Session.forTarget`.
 * @returns undefined if another process has claimed an entry.
 * @throws CliError with the reason if the case stays open; AmbiguousRecoveryError with the
 * candidates if the user has to decide. After an error, the entries are released for a later run.
 */
export async function recoverCase(
  session: Session,
  entries: RecoveryCase,
  options: RecoverOptions,
): Promise<RecoveryResult | undefined> {
  const work = claimCase(session, entries, options);
  if (!work) return undefined;
  try {
    return await recoverClaimed(work);
  } catch (error) {
    releaseAll(work.claimed);
    throw error;
  }
}

async function recoverClaimed(work: ClaimedCase): Promise<RecoveryResult> {
  const { session, entries, onLost, candidate, close } = work;
  if (onLost === "keep" && candidate === undefined) return { outcome: "forgotten", close };
  const { target } = entries[0];
  const isSameAccount = await session.journal.isSameAccount(target);
  if (!isSameAccount && !isTokenExplicit(work))
    throw toCredentialError(entries, session.provider());
  const tokens = await session.tokens();
  const hadLeftovers = await removeLeftovers(work, tokens);
  if (candidate === undefined && entries.every(({ operation }) => isKnownUnchanged(operation)))
    return { outcome: "undone", close };
  const state = await investigate(session, tokens, entries, () => session.journal.activity(target));
  // A renewal deletes its temporary tokens before it deletes the token.
  const isUnchanged = hadLeftovers && entries.length === 1 && state.kind !== "missing";
  if (isUnchanged && onLost === undefined) return { outcome: "undone", close };
  const chosen = await chooseTokens(state, work);
  if (chosen[0]) {
    const isOneCreate =
      tokenIdOf(entries[0]) === undefined &&
      (state.kind === "ambiguous" || candidate !== undefined);
    return handleTokens(isOneCreate ? selectCreate(work, chosen[0]) : work, tokens, chosen);
  }
  if (!isSameAccount) throw toCredentialError(entries, session.provider());
  return closeWithoutToken(state, work, tokens);
}

/**
 * Whether the command line specifies both the action and the token, by an ID from the server. Then
 * any account that can access the token may be used. A name is not sufficient, because another
 * account may have a token with that name.
 */
const isTokenExplicit = ({ session, entries, onLost, candidate }: ClaimedCase): boolean =>
  onLost !== undefined &&
  session.provider().supports.serverIds &&
  (candidate ?? tokenIdOf(entries[0])) !== undefined;

/** Deletes temporary tokens of interrupted renewals. @returns whether there were any. */
async function removeLeftovers(
  { entries, isDryRun }: ClaimedCase,
  tokens: TokenProvider,
): Promise<boolean> {
  let hadLeftovers = false;
  for (const { operation } of isDryRun ? [] : entries)
    if (operation.kind === "renew") {
      const { token, owner } = operation;
      if (await tokens.removeLeftovers?.(token, owner ?? undefined)) hadLeftovers = true;
    }
  return hadLeftovers;
}

/**
 * Returns the tokens to revoke, renew or keep. Returns none if no token is affected, or if the
 * choice is ambiguous.
 */
async function chooseTokens(state: OperationState, work: ClaimedCase): Promise<readonly Token[]> {
  const { session, entries, onLost, candidate, isDryRun } = work;
  const tokens = tokensOf(state);
  if (candidate !== undefined) {
    const named = tokens.filter(({ id }) => id === candidate);
    if (named.length > 0) return named;
    throw new UsageError(`The token "${candidate}" is not a candidate of this operation.`, {
      hint: `To list the candidates: tokctl recover ${shortEntryId(entries[0])} --dry-run`,
    });
  }
  if (state.kind === "applied") return tokens;
  if (state.kind !== "ambiguous" && state.kind !== "delivery-interrupted") return [];
  const isOneToken = tokenIdOf(entries[0]) !== undefined;
  if (isOneToken && onLost !== undefined) return tokens;
  if (!session.prompter.interactive || isDryRun) return [];
  if (state.kind === "delivery-interrupted") return tokens;
  const answer = await session.prompter.choose(...candidatePrompt(entries, tokens));
  return answer === undefined ? [] : [answer];
}

/** Returns a question: which of the candidates did the operation create or renew? */
const candidatePrompt = (
  [{ operation }]: RecoveryCase,
  candidates: readonly Token[],
): [question: string, choices: readonly Choice<Token | undefined>[]] => {
  const verb = pastTense[operation.kind];
  const labels = listCandidates(candidates).map((line) => line.trim());
  return [
    `The ${operation.kind} of ${describeOperation(operation)} was interrupted. Which token was ${verb}?`,
    [
      { value: undefined, label: "none of these, or not sure: change nothing" },
      ...candidates.map((value, i) => ({ value, label: labels[i] ?? value.id })),
    ],
  ];
};

/**
 * Revokes, renews or keeps tokens with lost secrets. If there are several, only the last one is
 * renewed and the others are revoked.
 */
async function handleTokens(
  work: ClaimedCase,
  tokens: TokenProvider,
  found: readonly Token[],
): Promise<RecoveryResult> {
  const { session, entries, claimed, close } = work;
  const { owner } = entries[0].operation;
  const token = found.at(-1) as Token;
  const action = await chooseRecoveryAction(work, token);
  if (work.isDryRun) return { outcome: outcomes[action], token, close };
  if (action === "keep") return { outcome: "kept", token, close };
  const superfluous = action === "revoke" ? found : found.slice(0, -1);
  for (const each of superfluous) await revokeToken(tokens, each, owner);
  if (action === "revoke") return { outcome: "revoked", token, close };
  const inUse = await tokens.tokenInUse();
  const entry = claimed.at(-1) as OpenEntry;
  const issued = await replaceLostSecret({ session, entry, owner }, token, () =>
    tokens.renew(token, {}, owner ?? undefined),
  );
  const error =
    inUse && hasSameName(inUse, token)
      ? await updateStoredCredential(session, session.provider(), issued)
      : undefined;
  return { outcome: "renewed", token: issued, issued, close, ...(error && { error }) };
}

const outcomes = { revoke: "revoked", renew: "renewed", keep: "kept" } as const;

async function chooseRecoveryAction(
  { session, entries, onLost, isDryRun }: ClaimedCase,
  token: Token,
): Promise<LostSecretAction> {
  if (onLost !== undefined) return onLost;
  if (isEphemeralCase(entries)) return "revoke";
  const operations = entries.map(({ operation }) => operation);
  const [{ operation: first }] = entries;
  if (!session.prompter.interactive || isDryRun)
    return defaultAction(operations.some(({ kind }) => kind === "renew") ? "renew" : first.kind);
  const isDelivering = entries.some(({ issued }) => issued?.id === token.id);
  const secret = isDelivering ? "its secret may have been delivered" : "its secret was lost";
  const { question, choices } = lostSecretPrompt(
    token,
    `was ${pastTense[first.kind]}, and ${secret}`,
  );
  return session.prompter.choose(question, choices);
}

/** Closes a case in which no secret was lost. */
async function closeWithoutToken(
  state: OperationState,
  work: ClaimedCase,
  tokens: TokenProvider,
): Promise<RecoveryResult> {
  const { entries, close } = work;
  switch (state.kind) {
    case "superseded":
      return { outcome: "kept", token: state.token, close };
    case "missing":
      return restoreToken(work, tokens);
    case "not-applied":
      if (canStillBeApplied(work)) throw toPendingError(entries);
      return { outcome: "undone", close };
    default:
      throw toAmbiguousRecoveryError(state, entries);
  }
}

/** Whether the server may still process a request. */
const canStillBeApplied = ({ session, entries }: ClaimedCase): boolean =>
  entries.some(
    ({ operation }) =>
      !isKnownUnchanged(operation) && !isRequestOver(operation.request, session.clock.moment()),
  );

/**
 * Creates a token again after its renewal deleted it. Only for providers that renew by delete and
 * create.
 */
async function restoreToken(work: ClaimedCase, tokens: TokenProvider): Promise<RecoveryResult> {
  const { session, entries, claimed, close, isDryRun } = work;
  const renewal = entries
    .map(({ operation }) => operation)
    .findLast((each) => each.kind === "renew" && !isKnownUnchanged(each));
  const { restore } = tokens;
  if (renewal?.kind !== "renew" || !restore) return { outcome: "gone", close };
  const { token, owner } = renewal;
  if (!(await isRestoreWanted(work, token))) return { outcome: "gone", close };
  if (token.roles.length === 0) throw toMissingRolesError(entries[0].target, token, owner);
  if (isDryRun) return { outcome: "restored", token, close };
  const entry = claimed.at(-1) as OpenEntry;
  const issued = await replaceLostSecret({ session, entry, owner }, token, () =>
    restore(token, owner ?? undefined),
  );
  return { outcome: "restored", token: issued, issued, close };
}

async function isRestoreWanted(
  { session, onLost, isDryRun }: ClaimedCase,
  token: Token,
): Promise<boolean> {
  if (onLost !== undefined) return onLost === "renew";
  if (!session.prompter.interactive || isDryRun) return true;
  return session.prompter.choose(
    `Token ${describeToken(token)} was deleted for its renewal and not created again. What do you want to do?`,
    [
      { value: true, label: "restore: create it again and print its secret" },
      { value: false, label: "nothing: leave it deleted" },
    ],
  );
}
