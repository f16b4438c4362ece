import type { RequestInterval } from "../core/server-clock.ts";
import { describeToken, formatSelector, type Token, type TokenSpec } from "../core/token.ts";

/**
 * A create or renew, recorded without its secret before the request is sent. If the response is
 * lost, the record identifies the token among all others.
 */
export type PendingOperation = PendingCreate | PendingRenewal;

interface PendingRequest {
  /** The owner of the token, if it is another user. */
  readonly owner: string | null;
  /** When the request was in flight. */
  readonly request: RequestInterval;
}

/** A token that is being created. */
export interface PendingCreate extends PendingRequest {
  readonly kind: "create";
  readonly wanted: WantedToken;
  /** IDs of matching tokens that existed before; null if the tokens could not be listed. */
  readonly existingIds: readonly string[] | null;
  /** The token exists only while a command runs, and is deleted afterwards. */
  readonly isEphemeral?: boolean | undefined;
}

/** The requested attributes of a new token that are also in a token list. */
export type WantedToken = Pick<
  Token,
  "name" | "roles" | "labelSelector" | "resource" | "description"
>;

/** A token that is getting a new secret. */
export interface PendingRenewal extends PendingRequest {
  readonly kind: "renew";
  /** The token before the renewal. */
  readonly token: Token;
  /** Whether this renewal is part of a recovery, so that the previous secret was lost too. */
  readonly isRecovery: boolean;
  /** Whether the renewal failed without changing the token. It may have left temporary tokens. */
  readonly isTokenUnchanged?: boolean | undefined;
}

/** Identifies one secret of a token. The version is null if the API doesn't count secrets. */
export type SecretVersion = Pick<Token, "id" | "version">;

/** An operation, and the secret that it produced if the response arrived. */
export interface RecordedOperation {
  readonly operation: PendingOperation;
  /** Set once the response arrives; cleared on delivery. */
  readonly issued?: SecretVersion | undefined;
}

/** Whether an operation created a token for one run of a command, and the token may still exist. */
export const hasEphemeralToken = (recorded: RecordedOperation): boolean =>
  recorded.issued !== undefined && isEphemeral(recorded.operation);

/** Returns the ID of the token that an operation is about; undefined for a create without a response. */
export const tokenIdOf = ({ operation, issued }: RecordedOperation): string | undefined =>
  issued?.id ?? (operation.kind === "renew" ? operation.token.id : undefined);

/** Whether an operation creates a token for one run of a command. */
export const isEphemeral = (operation: PendingOperation): operation is PendingCreate =>
  operation.kind === "create" && operation.isEphemeral === true;

/** Whether an operation is known to have failed without changing the token. */
export const isKnownUnchanged = (operation: PendingOperation): boolean =>
  operation.kind === "renew" && operation.isTokenUnchanged === true;

/** Returns the requested attributes in the format of a token list. */
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

/** Whether a token has the requested attributes. Roles and descriptions that the server chose always match. */
export const matchesWanted = (wanted: WantedToken, token: Token): boolean =>
  (token.name || null) === wanted.name &&
  (wanted.roles.length === 0 || isSameSet(wanted.roles, token.roles)) &&
  token.labelSelector === wanted.labelSelector &&
  token.resource === wanted.resource &&
  (wanted.description === null || token.description === wanted.description);

/** Whether two lists without duplicates have the same items. */
export const isSameSet = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((each) => others.includes(each));

/** Formats the token of an operation for a sentence: `token "ci"`, or `the token` if it has no name. */
export const describeOperation = (operation: PendingOperation): string => {
  if (operation.kind === "renew") return `token ${describeToken(operation.token)}`;
  return operation.wanted.name === null ? "the token" : `token "${operation.wanted.name}"`;
};

/** The past participle of each kind of operation, for messages. */
export const pastTense = { create: "created", renew: "renewed" } as const;
