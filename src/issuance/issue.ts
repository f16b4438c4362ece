import type { Provider } from "../core/provider.ts";
import { baseNameOf, toBaseName } from "../core/soft-expiry.ts";
import { describeToken, type IssuedToken, type Token, type TokenSpec } from "../core/token.ts";
import type { RenewChanges, TokenProvider } from "../core/token-provider.ts";
import { CliError, type ErrorCode, UnfinishedError, UsageError } from "../errors.ts";
import {
  matchesWanted,
  type PendingOperation,
  toWantedToken,
} from "../journal/pending-operation.ts";
import type { Session } from "../session/session.ts";
import type { IssuedSecret, LostSecretAction } from "./lost-secret.ts";

/** How a token is created. */
export interface CreateOptions {
  /** What to do with a token with a lost secret; undefined to ask or to use the default. */
  readonly onLost?: LostSecretAction | undefined;
  /** The token is deleted at the end of the run, or by `tokctl recover`. */
  readonly isEphemeral?: boolean;
  /**
   * Whether a token of the same name that was created at the same time may be that of another machine. A
   * lost response is then left to a later run.
   */
  readonly isShared?: boolean;
}

/**
 * Creates a token. Records the operation in the journal first. If the response is lost, determines
 * whether the token was created, and applies `onLost`.
 * @returns the token and its open journal entry: deliver the secret, then close the entry.
 * @throws CliError as the provider does; `network` if the secret was lost and the token was deleted
 * again; `outcome_unknown` if the token may exist without a known secret.
 */
export async function createToken(
  session: Session,
  tokens: TokenProvider,
  spec: TokenSpec,
  options: CreateOptions,
): Promise<IssuedSecret> {
  tokens.validateSpec?.(spec);
  const before = await listIfAllowed(tokens, spec.owner);
  const name = lookupName(session.provider(), spec);
  await session.say({ text: warnOfDuplicateName(name, before ?? []) });
  return createTokenUnchecked(session, tokens, spec, before, options);
}

/**
 * Creates a token as `createToken` does, without validating it and without a warning about its name.
 * @param before the owner's tokens just before; undefined if the credential may not list them.
 */
export async function createTokenUnchecked(
  session: Session,
  tokens: TokenProvider,
  spec: TokenSpec,
  before: readonly Token[] | undefined,
  { onLost, isEphemeral, isShared }: CreateOptions,
): Promise<IssuedSecret> {
  const wanted = toWantedToken(spec);
  const operation: PendingOperation = {
    kind: "create",
    owner: spec.owner ?? null,
    request: session.clock.startRequest(),
    wanted,
    existingIds:
      before?.filter((token) => matchesWanted(wanted, token)).map(({ id }) => id) ?? null,
    isEphemeral,
  };
  const action = isShared ? "postpone" : onLost;
  return send(session, tokens, operation, action, () => tokens.create(spec, before));
}

/** Returns the name that identifies a new token: without the date of a soft expiry. */
export const lookupName = (
  { supports }: Provider,
  { name }: Pick<TokenSpec, "name">,
): string | undefined => (name !== undefined && supports.softExpiry ? toBaseName(name) : name);

/** Returns a warning if known tokens have the name of a new token, which then identifies none of them. */
export function warnOfDuplicateName(
  name: string | null | undefined,
  known: readonly Token[],
): readonly string[] {
  const same = name == null ? [] : known.filter((token) => baseNameOf(token) === name);
  if (same.length === 0) return [];
  const ids = same.slice(0, 3).map((token) => token.id);
  const more = same.length > ids.length ? ` and ${same.length - ids.length} more` : "";
  const others = same.length === 1 ? "Another token is" : `${same.length} other tokens are`;
  return [`warning: ${others} named "${name}": ${ids.join(", ")}${more}. Use IDs in commands.`];
}

/**
 * Renews the secret of a token, and optionally changes its roles or expiry. Handles the journal and
 * lost responses as `createToken` does.
 * @returns the token and its open journal entry: deliver the secret, then close the entry.
 * @throws UsageError for an expired token; CliError as the provider does; `network` if the secret was lost
 * and the token was deleted (`onLost` revoke); `outcome_unknown` if the secret is or may be lost.
 */
export async function renewToken(
  session: Session,
  tokens: TokenProvider,
  token: Token,
  { owner, ...changes }: RenewChanges & { readonly owner: string | undefined },
  onLost: LostSecretAction | undefined,
): Promise<IssuedSecret> {
  if (token.expiryEnforcedBy === "client" && token.status === "expired")
    throw new UsageError(
      `Token ${describeToken(token)} has expired: a renewal needs a new expiry.`,
      {
        hint: `For example: tokctl token renew ${token.id} -e 30d --soft-expiry`,
      },
    );
  const operation: PendingOperation = {
    kind: "renew",
    owner: owner ?? null,
    request: session.clock.startRequest(),
    token,
    isRecovery: false,
  };
  return send(session, tokens, operation, onLost, () => tokens.renew(token, changes, owner));
}

async function send(
  session: Session,
  tokens: TokenProvider,
  operation: PendingOperation,
  onLost: LostSecretAction | "postpone" | undefined,
  sendRequest: () => Promise<IssuedToken>,
): Promise<IssuedSecret> {
  const entry = await session.journal.begin(operation);
  try {
    const issued = await sendRequest();
    entry.markDelivering(issued);
    session.clock.ensureTime();
    return { issued, messages: [], entry };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error instanceof UnfinishedError) {
      if (error.isTokenUnchanged) entry.markUnchanged();
      else entry.markLost();
      throw error;
    }
    if (!error.mayBeApplied) {
      entry.close();
      throw error;
    }
    const lost = entry.markLost();
    if (onLost === "postpone") {
      entry.release();
      throw error;
    }
    const pending = { session, tokens, operation: lost, entry, onLost };
    session.clock.ensureTime();
    const { reconcileLostResponse } = await import("./reconcile.ts");
    return reconcileLostResponse(pending, error);
  }
}

/** Lists the owner's tokens; undefined if the credential may create tokens but not list them. */
async function listIfAllowed(
  tokens: TokenProvider,
  owner: string | undefined,
): Promise<readonly Token[] | undefined> {
  try {
    return await tokens.list(owner);
  } catch (error) {
    if (error instanceof CliError && ignoredListErrors.includes(error.code)) return undefined;
    throw error;
  }
}

const ignoredListErrors: readonly ErrorCode[] = ["forbidden", "not_found", "server_error", "usage"];
