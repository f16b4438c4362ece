import type { Sending } from "../core/clock.ts";
import { formatSelector } from "../core/selector.ts";
import type { Token, TokenSpec } from "../core/token.ts";

/**
 * What is written down before a secret is made, without the secret, so that a token whose response
 * was lost can be told from all others afterwards.
 */
export type PendingOperation = PendingCreate | PendingRenewal;

interface Sent {
  /** The other user whose token it is. */
  readonly owner: string | null;
  readonly sending: Sending;
}

export interface PendingCreate extends Sent {
  readonly kind: "create";
  readonly wanted: WantedToken;
  /** Ids of the tokens like it that there were before; null where nobody could say. */
  readonly known: readonly string[] | null;
}

/** What makes a token the one that was asked for, as far as a list shows it. */
export type WantedToken = Pick<
  Token,
  "name" | "roles" | "labelSelector" | "resource" | "description"
>;

export interface PendingRenewal extends Sent {
  readonly kind: "renew";
  /** The token as it was. */
  readonly token: Token;
  /** Nobody had the token's secret even before: this renewal was to recover it. */
  readonly isRecovery: boolean;
}

/** A token whose secret was made: its version tells which of its secrets, where the provider counts. */
export type SecretVersion = Pick<Token, "id" | "version">;

export const toWantedToken = ({
  name,
  roles,
  selector,
  resource,
  description,
}: TokenSpec): WantedToken => ({
  name: name || null,
  roles,
  labelSelector: selector ? formatSelector(selector) : null,
  resource: resource ?? null,
  description: description || null,
});

/** Whether a token is as it was asked for. What was left to the server may be anything. */
export const matchesWanted = (wanted: WantedToken, token: Token): boolean =>
  (token.name || null) === wanted.name &&
  (wanted.roles.length === 0 || isSameSet(wanted.roles, token.roles)) &&
  token.labelSelector === wanted.labelSelector &&
  token.resource === wanted.resource &&
  (wanted.description === null || token.description === wanted.description);

const isSameSet = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((each) => others.includes(each));
