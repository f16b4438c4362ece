import { CliError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import type { Timestamp } from "./time.ts";
import type { ExpiryEnforcement } from "./token.ts";
import { withoutTrailingSlash } from "./url.ts";

/** The identity of a credential. */
export interface Identity {
  readonly provider: string;
  readonly url: string;
  readonly name: string | null;
  /** `app` for an application token, else the provider's term. */
  readonly kind: string;
  readonly roles: readonly string[];
  readonly project: string | null;
  /** The user that the credential belongs to, if the API returns it. */
  readonly owner: string | null;
  /** The names of the pools that the user can submit to; empty for a provider without pools. */
  readonly pools: readonly string[];
  readonly defaultPool: string | null;
  /** The name of the token that is the credential, if the API returns it. */
  readonly tokenName: string | null;
  readonly expiresAt: Timestamp | null;
  /** Null if the credential has no expiry. */
  readonly expiryEnforcedBy: ExpiryEnforcement | null;
}

/** Creates an Identity from the attributes that an API returns: absent ones become null or empty. */
export const toIdentity = (
  provider: string,
  { url }: Pick<Connection, "url">,
  known: Pick<Identity, "kind"> & Partial<Omit<Identity, "provider" | "url">>,
): Identity => ({
  provider,
  url: withoutTrailingSlash(url),
  name: known.name ?? null,
  kind: known.kind,
  roles: known.roles ?? [],
  project: known.project ?? null,
  owner: known.owner ?? null,
  pools: known.pools ?? [],
  defaultPool: known.defaultPool ?? null,
  tokenName: known.tokenName ?? null,
  expiresAt: known.expiresAt ?? null,
  expiryEnforcedBy: known.expiryEnforcedBy ?? null,
});

/**
 * Fetches the identity of the credential in use.
 * @throws CliError `forbidden` if the credential may not read it, with a hint that does not suggest
 * `whoami`.
 */
export async function fetchIdentity(tokens: { whoami(): Promise<Identity> }): Promise<Identity> {
  try {
    return await tokens.whoami();
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "forbidden") throw error;
    throw new CliError("forbidden", error.message, {
      hint: "The credential lacks the permission. Sign in with another one: tokctl login, or pass it with --app-token-file.",
      reason: error.reason,
      requestId: error.requestId,
      cause: error,
    });
  }
}
