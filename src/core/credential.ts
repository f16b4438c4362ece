import { UsageError } from "../errors.ts";
import type { Secret } from "./secret.ts";
import type { Timestamp } from "./time.ts";

/** What says who is calling. */
export type Credential =
  | { readonly kind: "token"; readonly token: Secret }
  /** Only a development service takes a user at their word. */
  | { readonly kind: "user"; readonly user: string }
  /** Signs each request (OVHcloud's public API). */
  | {
      readonly kind: "application";
      readonly applicationKey: string;
      readonly applicationSecret: Secret;
      readonly consumerKey: Secret;
    }
  | OAuthCredential;

/** The access token of an OAuth 2.0 authorization server, and what gets the next one (RFC 6749). */
export interface OAuthCredential {
  readonly kind: "oauth";
  /** How the next access token is got: by the refresh token, or by the client for itself. */
  readonly grant: "refresh_token" | "client_credentials";
  /** The token endpoint, and who asks there: a token is redeemed by the client it was made for. */
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Absent from a public client. */
  readonly clientSecret?: Secret | undefined;
  /** Redeemed for the next access token (§6), unless the client acts for itself (§4.4). */
  readonly refreshToken?: Secret | undefined;
  /** What is asked for when a client acts for itself. */
  readonly scope?: string | undefined;
  /** Absent until one was asked for. */
  readonly accessToken?: Secret | undefined;
  /** When the access token ends; unknown if the server does not say. */
  readonly expiresAt?: Timestamp | undefined;
}

/** Where a credential can be kept. */
export const storageKinds = ["file", "keychain"] as const;
export type StorageKind = (typeof storageKinds)[number];

/** @throws UsageError for a credential of another kind. */
export function requireTokenCredential(credential: Credential): Secret {
  if (credential.kind !== "token")
    throw new UsageError("This provider needs an app token.", {
      hint: "Pass it with --app-token-file FILE (- is stdin).",
    });
  return credential.token;
}
