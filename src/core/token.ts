import type { Secret } from "./secret.ts";
import { compareTimestamps, type Expiry, type Timestamp, toTimestamp } from "./time.ts";

/** The status of a token. An expired token exists until it is deleted. */
export type TokenStatus = "active" | "expired";

/**
 * What makes the secret of an expired token stop working: the server, or a client that deletes the token.
 * The expiry of the second kind is part of the name; see `toSoftExpiryName`.
 */
export type ExpiryEnforcement = "server" | "client";

/**
 * A token. It has the same keys for every provider. Attributes that a provider does not support are
 * null.
 */
export interface Token {
  readonly id: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly labelSelector: string | null;
  readonly resource: string | null;
  readonly description: string | null;
  readonly owner: string | null;
  readonly region: string | null;
  readonly createdAt: Timestamp | null;
  readonly updatedAt: Timestamp | null;
  readonly expiresAt: Timestamp | null;
  /** Null if the token has no expiry. */
  readonly expiryEnforcedBy: ExpiryEnforcement | null;
  readonly status: TokenStatus;
  /** The number of secrets issued for the token, if the provider counts them. */
  readonly version: number | null;
}

/** A token with its secret, which the APIs return only once. */
export interface IssuedToken extends Token {
  readonly token: Secret;
}

/** The attributes of a token to create. */
export interface TokenSpec {
  readonly name?: string | undefined;
  readonly roles: readonly string[];
  readonly selector?: Selector | undefined;
  readonly description?: string | undefined;
  readonly expiry?: Expiry | undefined;
  readonly resource?: string | undefined;
  readonly owner?: string | undefined;
  /** The region, if the base URL does not determine it. */
  readonly region?: string | undefined;
}

/**
 * Creates a Token from the attributes of a provider: absent ones become null, the status depends on
 * `now`. The server enforces the expiry unless the attributes state otherwise.
 */
export function toToken(known: Pick<Token, "id" | "roles"> & Partial<Token>, now: Date): Token {
  const expiresAt = known.expiresAt ?? null;
  return {
    id: known.id,
    name: known.name ?? null,
    roles: known.roles,
    labelSelector: known.labelSelector ?? null,
    resource: known.resource ?? null,
    description: known.description ?? null,
    owner: known.owner ?? null,
    region: known.region ?? null,
    createdAt: known.createdAt ?? null,
    updatedAt: known.updatedAt ?? null,
    expiresAt,
    expiryEnforcedBy: expiresAt === null ? null : (known.expiryEnforcedBy ?? "server"),
    status:
      expiresAt !== null && compareTimestamps(expiresAt, toTimestamp(now)) <= 0
        ? "expired"
        : "active",
    version: known.version ?? null,
  };
}

/** Returns whether two tokens have the same name and owner. For the token in use, an API returns nothing else. */
export const hasSameName = (
  one: Pick<Token, "name" | "owner">,
  other: Pick<Token, "name" | "owner">,
): boolean => one.name === other.name && one.owner === other.owner;

/** Describes a token as `"ci" (0aa3c557-…)`, or by its ID if it has no name. */
export const describeToken = ({ id, name }: Pick<Token, "id" | "name">): string =>
  name === null || name === id ? `"${id}"` : `"${name}" (${id})`;

/** A label selector, `name=value` in API requests, which limits a token to resources with that label. */
export interface Selector {
  readonly name: string;
  readonly value: string;
}

/**
 * Parses `name=value`, split at the first `=`. Undefined if a side is empty or has spaces around it,
 * or the text contains a comma.
 */
export function parseSelector(text: string): Selector | undefined {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1 || text.includes(",")) return undefined;
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  return /\s/.test(name) || value !== value.trim() ? undefined : { name, value };
}

/** Formats a selector as `name=value`. */
export const formatSelector = ({ name, value }: Selector): string => `${name}=${value}`;
