import type { Identity } from "./identity.ts";
import type { ResourceProvider } from "./resource.ts";
import type { Secret } from "./secret.ts";
import type { Expiry, Timestamp } from "./time.ts";
import type { IssuedToken, Token, TokenSpec } from "./token.ts";

/**
 * The operations on the tokens of one provider: adding a provider means implementing them. `owner` is
 * another user, if `supports.owners`; by default the caller.
 *
 * Each method that sends a request throws a CliError with one of these codes: `usage` for a request
 * that the API rejects (400, 405, 413, 422), `unauthenticated` (401), `forbidden` (402, 403),
 * `not_found` (404), `conflict` (409), `rate_limited` (429), `server_error` (5xx, or a response that
 * is not the API's), `network` if the request can't be sent or a read fails, `interrupted` and
 * `terminated` after a signal. `create`, `renew` and `restore` throw `outcome_unknown` if the request
 * was sent and its response was lost; `delete` throws `network`, because it can be sent again.
 * @see `connect.ts` of each provider, which links to the documentation of its API
 */
export interface TokenProvider {
  /** Lists all tokens, from all pages. @throws CliError `not_found` if the owner or the project does not exist */
  list(owner?: string): Promise<readonly Token[]>;
  /**
   * Returns the token with an ID; undefined if it does not exist. Absent if the API supports only
   * `list`.
   */
  get?(id: string): Promise<Token | undefined>;
  /** Validates the attributes of a token without a request. @throws UsageError for invalid ones */
  validateSpec?(spec: TokenSpec): void;
  /**
   * Creates a token.
   * @param before the owner's tokens just before, if they are known.
   * @throws UsageError for invalid attributes; ConflictError if the name is taken; CliError
   * `outcome_unknown` if the response was lost.
   */
  create(spec: TokenSpec, before?: readonly Token[]): Promise<IssuedToken>;
  /**
   * Issues a new secret for a token. The previous secret no longer works.
   * @throws NotFoundError if the token does not exist; UsageError for changes that are not supported;
   * CliError `outcome_unknown` if the response was lost; UnfinishedError if `restore` can finish it.
   */
  renew(token: Token, changes: RenewChanges, owner?: string): Promise<IssuedToken>;
  /**
   * Recreates a token that an interrupted renewal deleted. Absent if a renewal deletes nothing.
   * Attributes that the API no longer accepts get the nearest accepted value.
   * @throws ConflictError if the name is taken; CliError `outcome_unknown` if the response was lost.
   */
  restore?(token: Token, owner?: string): Promise<IssuedToken>;
  /**
   * Deletes temporary tokens of an interrupted renewal.
   * @returns whether there were any: then the renewal had not changed the token yet.
   */
  removeLeftovers?(token: Token, owner?: string): Promise<boolean>;
  /**
   * Deletes a token. Its secret no longer works.
   * @throws NotFoundError if the token does not exist; CliError `network` if the response was lost:
   * the token may be deleted, and the request can be sent again.
   */
  delete(token: Token, owner?: string): Promise<void>;
  /** Returns the roles of a token, and who assigned them. @throws NotFoundError if the token does not exist */
  roles(token: Token, owner?: string): Promise<readonly AssignedRole[]>;
  /** Returns the identity of the credential. @throws UnauthenticatedError if the API rejects it */
  whoami(): Promise<Identity>;
  /**
   * Requests the smallest part of the list, to check that the API accepts the credential.
   * @throws CliError like `list`
   */
  tryList?(): Promise<unknown>;
  /**
   * Returns the secret to send as Bearer token to other hosts of the platform. Absent if that is the
   * credential itself.
   * @throws CliError `unauthenticated` if it can't be obtained
   */
  bearer?(): Promise<Secret>;
  /** Returns the token that is the credential; undefined if it is not a token, or the API does not return it. */
  tokenInUse(): Promise<Pick<Token, "name" | "owner"> | undefined>;
  /** Returns the operations on resources, if `supports.resources`. */
  resources?(): Promise<ResourceProvider>;
}

/** The attributes that a renewal changes, if `supports.renewChanges`. */
export interface RenewChanges {
  readonly roles?: readonly string[] | undefined;
  readonly expiry?: Expiry | undefined;
  readonly description?: string | undefined;
}

/** A role of an existing token. */
export interface AssignedRole {
  readonly name: string;
  readonly assignedBy: string | null;
  readonly assignedAt: Timestamp | null;
}
