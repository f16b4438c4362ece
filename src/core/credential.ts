import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Secret } from "./secret.ts";
import type { Timestamp } from "./time.ts";

/** A credential for requests. */
export type Credential =
  | { readonly kind: "token"; readonly token: Secret }
  /** A user name that a development service accepts without a secret. */
  | { readonly kind: "user"; readonly user: string }
  /** Keys that sign each request to OVHcloud's public API. */
  | {
      readonly kind: "application";
      readonly applicationKey: string;
      readonly applicationSecret: Secret;
      readonly consumerKey: Secret;
    }
  | OAuthCredential;

/**
 * An access token of an OAuth 2.0 authorization server, and the data to request the next one.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-1.4
 */
export interface OAuthCredential {
  readonly kind: "oauth";
  /** The grant that requests the next access token: RFC 6749 §6 or §4.4. */
  readonly grant: "refresh_token" | "client_credentials";
  /** The URL of the token endpoint. */
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: Secret | undefined;
  /** Absent for the grant `client_credentials`. */
  readonly refreshToken?: Secret | undefined;
  /** The scope to request with the grant `client_credentials`. */
  readonly scope?: string | undefined;
  /** Absent until the first one was requested. */
  readonly accessToken?: Secret | undefined;
  /** When the access token expires; absent if the server does not send it. */
  readonly expiresAt?: Timestamp | undefined;
}

/** Returns the secret of a token credential. @throws UsageError for another kind of credential */
export function requireTokenCredential(credential: Credential): Secret {
  if (credential.kind !== "token")
    throw new UsageError("This provider requires an app token.", {
      hint: "Pass it with --app-token-file FILE (- for stdin).",
    });
  return credential.token;
}

/** The kinds of credential storage: a file, or the keychain of the operating system. */
export const storageKinds = ["file", "keychain"] as const;
export type StorageKind = (typeof storageKinds)[number];

/**
 * Returns where to store a new credential, by option or TOKCTL_CREDENTIAL_STORE; undefined if neither
 * is set.
 * @throws UsageError for an invalid variable
 */
export function resolveStorageKind(
  option: StorageKind | undefined,
  { TOKCTL_CREDENTIAL_STORE: variable }: Host["env"],
): StorageKind | undefined {
  if (option !== undefined || !variable) return option;
  const store = storageKinds.find((known) => known === variable);
  if (!store)
    throw new UsageError(
      `TOKCTL_CREDENTIAL_STORE is "${variable}", which is not a credential store.`,
      {
        hint: `Set it to ${storageKinds.join(" or ")}.`,
      },
    );
  return store;
}
