import { Option } from "@commander-js/extra-typings";
import type { RenewChanges, TokenProvider } from "../core/provider.ts";
import type { IssuedToken, Token, TokenSpec } from "../core/token.ts";
import { CliError, type ErrorCode, InterruptedError, UnfinishedError } from "../errors.ts";
import type { Session } from "../session/session.ts";
import { type IssuedSecret, type LostSecretAction, lostSecretActions } from "./lost-secret.ts";
import { matchesWanted, type PendingOperation, toWantedToken } from "./pending-operation.ts";

export const onLostOption = () =>
  new Option(
    "--on-lost <remedy>",
    "what to do with a token whose answer is lost (default: ask at a terminal, else revoke a new token and renew an old one)",
  ).choices(lostSecretActions);

/**
 * Creates a token, and finds out what became of it if the answer is lost.
 * @throws CliError as the provider does; `outcome_unknown` with the exact state if a secret may be
 * lost; `network` if it was, and nothing is left of the token.
 */
export async function createToken(
  session: Session,
  tokens: TokenProvider,
  spec: TokenSpec,
  remedy: LostSecretAction | undefined,
): Promise<IssuedSecret> {
  tokens.check?.(spec);
  const before = await listBefore(tokens, spec.owner);
  const wanted = toWantedToken(spec);
  const attempt: PendingOperation = {
    kind: "create",
    owner: spec.owner ?? null,
    sending: session.sending(),
    wanted,
    known: before?.filter((token) => matchesWanted(wanted, token)).map(({ id }) => id) ?? null,
  };
  const made = await make(session, tokens, attempt, remedy, () => tokens.create(spec, before));
  return { ...made, said: [...made.said, ...tellNamesakes(made.issued, before ?? [])] };
}

/** Warns of other tokens that have the name of a new one: by that name neither can be found. */
function tellNamesakes({ id, name }: IssuedToken, before: readonly Token[]): readonly string[] {
  const same = before.filter((token) => name !== null && token.name === name && token.id !== id);
  if (same.length === 0) return [];
  const ids = same.slice(0, 3).map((token) => token.id);
  const more = same.length > ids.length ? ` and ${same.length - ids.length} more` : "";
  const others = same.length === 1 ? "Another token is" : `${same.length} other tokens are`;
  return [
    `Warning: ${others} named "${name}": ${ids.join(", ")}${more}. Use ids to tell them apart.`,
  ];
}

/** Gives a token a new secret; the same otherwise. */
export async function renewToken(
  session: Session,
  tokens: TokenProvider,
  token: Token,
  { owner, ...changes }: RenewChanges & { readonly owner: string | undefined },
  remedy: LostSecretAction | undefined,
): Promise<IssuedSecret> {
  const attempt: PendingOperation = {
    kind: "renew",
    owner: owner ?? null,
    sending: session.sending(),
    token,
    isRecovery: false,
  };
  return make(session, tokens, attempt, remedy, () => tokens.renew(token, changes, owner));
}

async function make(
  session: Session,
  tokens: TokenProvider,
  attempt: PendingOperation,
  remedy: LostSecretAction | undefined,
  send: () => Promise<IssuedToken>,
): Promise<IssuedSecret> {
  const entry = await session.begin(attempt);
  try {
    const issued = await send();
    entry.deliver(issued);
    // The new secret may have to be stored, or the token deleted.
    session.ensureTime();
    return { issued, said: [], entry };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (!isLost(error) && !(error instanceof UnfinishedError)) {
      entry.end();
      throw error;
    }
    const lost = { session, tokens, attempt: entry.lose(), entry, remedy };
    if (error instanceof UnfinishedError) throw error;
    session.ensureTime();
    const { reconcileLostResponse } = await import("./reconcile.ts");
    return reconcileLostResponse(lost, error);
  }
}

/** Whether it may have been done all the same; whoever is stopped is told if it may. */
const isLost = (error: CliError): boolean =>
  error.code === "outcome_unknown" || (error instanceof InterruptedError && error.hint.length > 0);

/** Undefined where a token may be made though its owner's can't be listed. */
async function listBefore(
  tokens: TokenProvider,
  owner: string | undefined,
): Promise<readonly Token[] | undefined> {
  try {
    return await tokens.list(owner);
  } catch (error) {
    if (error instanceof CliError && unlisted.includes(error.code)) return undefined;
    throw error;
  }
}

const unlisted: readonly ErrorCode[] = ["forbidden", "not_found", "server_error", "usage"];
