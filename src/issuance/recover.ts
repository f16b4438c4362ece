import { isPast } from "../core/clock.ts";
import type { TokenProvider } from "../core/provider.ts";
import { describeToken, type IssuedToken, isNamesake, type Token } from "../core/token.ts";
import { CliError, UsageError } from "../errors.ts";
import type { OpenEntry, Session } from "../session/session.ts";
import type { OperationState } from "./classify.ts";
import {
  defaultAction,
  investigate,
  questionOf,
  renewLost,
  revoke,
  tokenIdOf,
  tokensOf,
} from "./investigate.ts";
import type { LostSecretAction } from "./lost-secret.ts";
import {
  choice,
  credentialHint,
  notRestorable,
  type RecoveryCase,
  shortId,
  undecided,
} from "./recovery-cases.ts";
import { updateStoredCredential } from "./stored-credential.ts";

/**
 * How something that was interrupted ended. `revoked`, `renewed`, `kept`: the token was found, and that
 * was done with it. `restored`: it was deleted to be renewed, and was created again. `undone`: it was
 * never made, or never renewed. `gone`: it is not there any more. `forgotten`: the entry was removed.
 */
export type Outcome = "revoked" | "renewed" | "kept" | "restored" | "undone" | "gone" | "forgotten";

export interface RecoveryResult {
  readonly outcome: Outcome;
  readonly token?: Token;
  /** With the secret that it has now. */
  readonly issued?: IssuedToken;
  /** What went wrong although it ended. */
  readonly error?: CliError;
  /** Takes it out of the journal, once the result is written. */
  readonly end: () => void;
}

/** What the command line says about what is to be done. */
export interface RecoverOptions {
  readonly remedy: LostSecretAction | undefined;
  /** The id of the token that is ours, of several that may be. */
  readonly candidate: string | undefined;
  /** Finds out what would be done, and changes nothing. */
  readonly isDryRun: boolean;
}

/** A case that this process has taken over. */
interface Work extends RecoverOptions {
  readonly session: Session;
  readonly entries: RecoveryCase;
  /** None in a dry run. */
  readonly claimed: readonly OpenEntry[];
  readonly end: () => void;
}

/**
 * Finds out what became of creates and renews that earlier runs have left, and finishes them.
 * @returns undefined if another process is doing so.
 * @throws CliError for what stays open, and why; UndecidedError with the tokens that may be meant.
 */
export async function finish(
  session: Session,
  entries: RecoveryCase,
  wishes: RecoverOptions,
): Promise<RecoveryResult | undefined> {
  const claimed = wishes.isDryRun ? [] : claimAll(entries);
  if (!claimed) return undefined;
  const end = () => {
    for (const each of claimed) each.end();
  };
  try {
    return await decide({ session, entries, claimed, end, ...wishes });
  } catch (error) {
    for (const each of claimed) each.release();
    throw error;
  }
}

/** All of them, or none. */
function claimAll(entries: RecoveryCase): readonly OpenEntry[] | undefined {
  const claimed: OpenEntry[] = [];
  for (const entry of entries) {
    const open = entry.claim();
    if (!open) {
      for (const each of claimed) each.release();
      return undefined;
    }
    claimed.push(open);
  }
  return claimed;
}

async function decide(work: Work): Promise<RecoveryResult> {
  const { session, entries, remedy, candidate, isDryRun, end } = work;
  const [{ attempt, place }] = entries;
  if (remedy === "keep" && candidate === undefined) return { outcome: "forgotten", end };
  const isOurs = await session.isSameAccount(place);
  if (!isOurs && !isNamedToken(work)) throw credentialHint(entries, session.provider());
  const tokens = await session.tokens();
  const owner = attempt.owner ?? undefined;
  let isUnchanged = false;
  for (const each of isDryRun ? [] : entries)
    if (each.attempt.kind === "renew")
      isUnchanged = (await tokens.removeLeftovers?.(each.attempt.token, owner)) === true;
  const finding = await investigate(session, tokens, entries, () => session.journalActivity(place));
  // What was left is deleted before the token is: the only renewal there was has not changed it.
  if (isUnchanged && entries.length === 1 && finding.kind !== "gone" && remedy === undefined)
    return { outcome: "undone", end };
  const chosen = await choose(finding, work);
  const isOne = tokenIdOf(entries[0]) === undefined && (finding.kind === "unclear" || candidate);
  const [one] = chosen;
  if (one) return settle(isOne ? narrow(work, one) : work, tokens, chosen);
  if (!isOurs) throw credentialHint(entries, session.provider());
  switch (finding.kind) {
    case "known":
      return { outcome: "kept", token: finding.token, end };
    case "gone":
      return restore(work, tokens);
    case "undone":
      if (!isOver(work))
        throw new CliError("outcome_unknown", "it is not there by now.", {
          hint: "The request may still be processed: run tokctl recover again in a minute.",
        });
      return { outcome: "undone", end };
    default:
      throw undecided(finding, entries);
  }
}

/**
 * Whether the command line says what is to be done with a token whose id the server made: whoever
 * sees it, it is that token. A name may be another token's at another account.
 */
const isNamedToken = ({ session, entries, remedy, candidate }: Work): boolean =>
  remedy !== undefined &&
  session.provider().supports.serverIds &&
  (candidate ?? tokenIdOf(entries[0])) !== undefined;

/** Whether no request can be processed any more. */
const isOver = ({ session, entries }: Work): boolean =>
  entries.every(({ attempt: { sending } }) => isPast(sending, session.moment()));

/** The tokens that something is to be done with; none if that is not clear, or there is nothing to do. */
async function choose(finding: OperationState, work: Work): Promise<readonly Token[]> {
  const { session, entries, remedy, candidate, isDryRun } = work;
  const tokens = tokensOf(finding);
  if (candidate !== undefined) {
    const named = tokens.filter(({ id }) => id === candidate);
    if (named.length === 0)
      throw new UsageError(`"${candidate}" is not a token that this may have been.`, {
        hint: `tokctl recover ${shortId(entries[0])} --dry-run shows those that may be.`,
      });
    return named;
  }
  if (finding.kind === "done") return tokens;
  if (finding.kind !== "unclear" && finding.kind !== "delivered") return [];
  // Its id says which token it is, so that whoever says what is to be done is obeyed.
  if (tokenIdOf(entries[0]) !== undefined && remedy !== undefined) return tokens;
  if (!session.interactive || isDryRun) return [];
  if (finding.kind === "delivered") return tokens;
  const answer = await session.choose(...choice(entries, tokens));
  return answer === undefined ? [] : [answer];
}

/** Of creations that were all alike, the one that a person says made this token: the others stay open. */
function narrow(work: Work, { id }: Token): Work {
  const { entries, claimed } = work;
  const found = entries.findIndex(
    ({ attempt }) => attempt.kind === "create" && attempt.known?.includes(id) !== true,
  );
  const entry = entries[found] ?? entries[0];
  const own = claimed.filter((_, i) => entries[i] === entry);
  const end = () => {
    for (const each of claimed)
      if (own.includes(each)) each.end();
      else each.release();
  };
  return { ...work, entries: [entry], claimed: own, end };
}

async function settle(
  work: Work,
  tokens: TokenProvider,
  found: readonly Token[],
): Promise<RecoveryResult> {
  const { session, entries, claimed, end } = work;
  const [first] = entries;
  const token = found.at(-1) as Token;
  const isDelivered = entries.some(({ made }) => made?.id === token.id);
  const attempts = entries.map(({ attempt }) => attempt);
  const usual = defaultAction(attempts.find(({ kind }) => kind === "renew") ?? first.attempt);
  const isAsked = work.remedy === undefined && session.interactive && !work.isDryRun;
  const { question, choices } = questionOf(first.attempt, token, isDelivered);
  const remedy = isAsked ? await session.choose(question, choices) : (work.remedy ?? usual);
  if (work.isDryRun) return { outcome: outcomes[remedy], token, end };
  if (remedy === "keep") return { outcome: "kept", token, end };
  const { owner } = first.attempt;
  const superfluous = remedy === "revoke" ? found : found.slice(0, -1);
  for (const each of superfluous) await revoke(tokens, each, owner ?? undefined);
  if (remedy === "revoke") return { outcome: "revoked", token, end };
  const inUse = await isInUse(tokens, token);
  const issued = await renewLost(
    { session, tokens, entry: claimed.at(-1) as OpenEntry },
    token,
    owner,
  );
  const error = inUse
    ? await updateStoredCredential(session, session.provider(), issued)
    : undefined;
  return { outcome: "renewed", token: issued, issued, end, ...(error && { error }) };
}

const outcomes = { revoke: "revoked", renew: "renewed", keep: "kept" } as const;

async function isInUse(tokens: TokenProvider, token: Token): Promise<boolean> {
  const inUse = await tokens.tokenInUse();
  return inUse !== undefined && isNamesake(inUse, token);
}

/** A token that was deleted to be renewed is created again, where a renewal does that. */
async function restore(work: Work, tokens: TokenProvider): Promise<RecoveryResult> {
  const { session, entries, claimed, end, remedy: wanted, isDryRun } = work;
  const attempt = entries.map((entry) => entry.attempt).findLast(({ kind }) => kind === "renew");
  if (attempt?.kind !== "renew" || !tokens.restore) return { outcome: "gone", end };
  const { token, owner } = attempt;
  const isAsked = wanted === undefined && session.interactive && !isDryRun;
  const remedy = isAsked
    ? await session.choose(`${describeToken(token)} was deleted to be renewed, and is gone.`, [
        { value: "renew", label: "create it again as it was, and show its secret" },
        { value: "revoke", label: "leave it as it is" },
      ])
    : (wanted ?? "renew");
  if (remedy !== "renew") return { outcome: "gone", end };
  if (token.roles.length === 0) throw notRestorable(entries[0].place, token, owner);
  if (isDryRun) return { outcome: "restored", token, end };
  const entry = claimed.at(-1) as OpenEntry;
  entry.resend({ ...attempt, sending: session.sending(), isRecovery: true });
  try {
    const issued = await tokens.restore(token, owner ?? undefined);
    entry.deliver(issued);
    return { outcome: "restored", token: issued, issued, end };
  } catch (error) {
    entry.lose();
    throw error;
  }
}
