import type { Context, Unfinished } from "../../context.ts";
import type { Attempt } from "../../core/attempt.ts";
import type { TokenProvider } from "../../core/provider.ts";
import { compareTimestamps } from "../../core/time.ts";
import { describeToken, type IssuedToken, isNamesake, type Token } from "../../core/token.ts";
import { CliError } from "../../errors.ts";
import type { Remedy } from "./attempt.ts";
import { keepRenewed } from "./keep.ts";
import { apply, investigate, listCandidates, questionOf, targetOf, usualRemedy } from "./settle.ts";
import { wordsFor } from "./views.ts";

/** How something that was cut off ended. */
export interface Ending {
  /**
   * `revoked`, `renewed`, `kept`: the token was found, and that was done with it. `restored`: it was
   * deleted to be renewed, and was created again. `undone`: it was never made, or never renewed.
   * `gone`: it is not there any more. `forgotten`: nobody wants to know.
   */
  readonly outcome: "revoked" | "renewed" | "kept" | "restored" | "undone" | "gone" | "forgotten";
  readonly token?: Token;
  /** With the secret that it has now. */
  readonly issued?: IssuedToken;
  /** What went wrong although it ended. */
  readonly error?: CliError;
  /** Takes it out of the journal, once the result is written. */
  readonly end: () => void;
}

/**
 * Finds out what became of a create or renew that an earlier run has left, and finishes it.
 * @throws CliError for what stays open, and why.
 */
export async function finish(
  context: Context,
  entry: Unfinished,
  remedy: Remedy | undefined,
): Promise<Ending> {
  const { attempt, end } = entry;
  if (remedy === "keep") return { outcome: "forgotten", end };
  const tokens = await context.tokens();
  if (attempt.kind === "renew")
    await tokens.removeLeftovers?.(attempt.token, attempt.owner ?? undefined);
  const finding = await investigate(tokens, attempt, {
    isLate: () => isLate(context, attempt),
    others: () => context.othersAt(entry.place),
  });
  const token = targetOf(finding, attempt, remedy);
  if (token) return settle(context, entry, tokens, token, remedy);
  if (finding.kind === "unclear")
    throw attempt.kind === "create"
      ? stillOpen("which token that made can't be told.", listCandidates(finding.candidates))
      : stillOpen("whether that was done can't be told.");
  if (!(await context.isAccountOf(entry.place)))
    throw stillOpen(
      finding.kind !== "gone" && attempt.kind === "renew"
        ? "it is as it was, as far as this credential sees."
        : "it is not there, as far as this credential sees.",
    );
  if (finding.kind === "known") return { outcome: "kept", token: finding.token, end };
  if (finding.kind === "gone") return restore(context, entry, tokens, remedy);
  if (!isOver(context, entry)) throw stillOpen("it is not there by now: try again in a minute.");
  return { outcome: "undone", end };
}

/**
 * Whether the token is the one that was meant. What was there before is known of the account that
 * looked, and a name may be another token's at another account; an id that the server made is not.
 */
const isSame = async (context: Context, { attempt, place }: Unfinished): Promise<boolean> =>
  (attempt.kind === "renew" && context.provider().supports.serverIds) ||
  (await context.isAccountOf(place));

async function settle(
  context: Context,
  entry: Unfinished,
  tokens: TokenProvider,
  token: Token,
  wanted: Remedy | undefined,
): Promise<Ending> {
  const { attempt, delivering, end } = entry;
  const asked = wanted === undefined && context.interactive;
  if (!asked && !(await isSame(context, entry)))
    throw stillOpen(
      "it was begun with another credential than this, which may see others' tokens. It may be:",
      listCandidates([token]),
    );
  if (delivering && wanted === undefined && !asked)
    throw stillOpen(
      `the secret of ${describeToken(token)} was being handed over: somebody may have it.`,
    );
  const { question, choices } = questionOf(attempt, token, delivering);
  const remedy = asked ? await context.choose(question, choices) : (wanted ?? usualRemedy(attempt));
  const inUse = remedy === "renew" && (await isInUse(tokens, token));
  const remedied = await apply(remedy, tokens, token, attempt.owner ?? undefined);
  if (remedied.kind !== "renewed") return { outcome: remedied.kind, token, end };
  const { issued } = remedied;
  const error = inUse ? await keepRenewed(context, context.provider(), issued) : undefined;
  return { outcome: "renewed", token: issued, issued, end, ...(error && { error }) };
}

async function isInUse(tokens: TokenProvider, token: Token): Promise<boolean> {
  const inUse = await tokens.tokenInUse();
  return inUse !== undefined && isNamesake(inUse, token);
}

/** A token that was deleted to be renewed is created again, where its name is all that it is known by. */
async function restore(
  context: Context,
  { attempt, end }: Unfinished,
  tokens: TokenProvider,
  wanted: Remedy | undefined,
): Promise<Ending> {
  if (attempt.kind === "create" || !tokens.restore) return { outcome: "gone", end };
  const { token } = attempt;
  const remedy =
    wanted ??
    (context.interactive
      ? await context.choose(`${describeToken(token)} was deleted to be renewed, and is gone.`, [
          { value: "renew", label: "create it again as it was, and show its secret" },
          { value: "revoke", label: "leave it as it is" },
        ])
      : "renew");
  if (remedy !== "renew") return { outcome: "gone", end };
  if (token.roles.length === 0)
    throw stillOpen(
      `${describeToken(token)} was deleted to be renewed. It had no roles, and created again without any it would get all of its owner's.`,
      [`Say which: tokctl token create ${wordsFor(token, attempt.owner)} -r ROLE`],
    );
  const issued = await tokens.restore(token, attempt.owner ?? undefined);
  return { outcome: "restored", token: issued, issued, end };
}

/** How long ago a request must have been sent to a server that does not tell its time, in milliseconds. */
const patience = 15 * 60_000;

/** Whether a request that was under way then can't come in any more, by the server's clock. */
function isOver(context: Context, { attempt, at }: Unfinished): boolean {
  return isPast(context, attempt) ?? context.host.now().getTime() - Date.parse(at) > patience;
}

/** Whether others may have made or renewed a token since, as far as is known. */
const isLate = (context: Context, attempt: Attempt): boolean => isPast(context, attempt) ?? true;

/** Undefined where the server does not tell its time. */
function isPast(context: Context, { window }: Attempt): boolean | undefined {
  const now = context.window();
  return window && now ? compareTimestamps(window.until, now.from) < 0 : undefined;
}

/** Why it stays open. */
const stillOpen = (reason: string, hint: readonly string[] = []): CliError =>
  new CliError("outcome_unknown", reason, { hint });
