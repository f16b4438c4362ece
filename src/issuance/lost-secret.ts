import { describeToken, type IssuedToken, type Token } from "../core/token.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import { NotFoundError } from "../errors.ts";
import type { OpenEntry } from "../journal/open-entry.ts";
import type { PendingOperation } from "../journal/pending-operation.ts";
import type { Session } from "../session/session.ts";

/** The choices of `--on-lost`: delete the token, renew it to get a new secret, or keep it unchanged. */
export const lostSecretActions = ["revoke", "renew", "keep"] as const;

/** A choice of `--on-lost`. */
export type LostSecretAction = (typeof lostSecretActions)[number];

/** A new secret that is not delivered yet. */
export interface IssuedSecret {
  readonly issued: IssuedToken;
  /** Lines to print after the secret is delivered. */
  readonly messages: readonly string[];
  /** The journal entry. The caller closes it once the secret is delivered. */
  readonly entry: OpenEntry;
}

/** An operation without a response so far. */
export interface PendingIssue {
  readonly session: Session;
  readonly tokens: TokenProvider;
  readonly operation: PendingOperation;
  readonly entry: OpenEntry;
  /** The value of `--on-lost`; undefined to prompt or to use the default. */
  readonly onLost: LostSecretAction | undefined;
}

/**
 * Returns the action without `--on-lost` in a non-interactive run. A new token is revoked, because
 * no client uses it yet. An existing token is renewed.
 */
export const defaultAction = (kind: PendingOperation["kind"]): LostSecretAction =>
  kind === "create" ? "revoke" : "renew";

/**
 * Returns the question and the choices for a token with a lost secret.
 * @param fact the reason for the question, as a sentence about `token`: `"was created, but …"`.
 */
export const lostSecretPrompt = (token: Token, fact: string) =>
  ({
    question: `Token ${describeToken(token)} ${fact}. What do you want to do?`,
    choices: [
      { value: "revoke", label: "revoke: delete the token" },
      { value: "renew", label: "renew: create a new secret and print it" },
      { value: "keep", label: "keep: change nothing" },
    ],
  }) as const;

/** Deletes a token. Succeeds if it is already deleted. @throws CliError as the provider does. */
export async function revokeToken(
  tokens: TokenProvider,
  token: Token,
  owner: string | null,
): Promise<void> {
  try {
    await tokens.delete(token, owner ?? undefined);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}

/** The context of a recovery request. */
interface RecoveryRequest {
  readonly session: Session;
  readonly entry: OpenEntry;
  readonly owner: string | null;
}

/**
 * Replaces a lost secret. The journal entry is updated before the request, so that a later run recovers
 * this renewal too.
 * @param send the request that returns the new secret: a renewal, or a create of a deleted token.
 * @throws CliError as the provider does.
 */
export async function replaceLostSecret(
  { session, entry, owner }: RecoveryRequest,
  token: Token,
  send: () => Promise<IssuedToken>,
): Promise<IssuedToken> {
  entry.replaceOperation({
    kind: "renew",
    owner,
    request: session.clock.startRequest(),
    token,
    isRecovery: true,
  });
  try {
    const issued = await send();
    entry.markDelivering(issued);
    return issued;
  } catch (error) {
    entry.markLost();
    throw error;
  }
}
