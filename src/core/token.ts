import type { Expiry } from "./expiry.ts";
import type { Secret } from "./secret.ts";
import type { Selector } from "./selector.ts";
import { compareTimestamps, type Timestamp, toTimestamp } from "./time.ts";

export type TokenStatus = "active" | "expired";

/** A token that exists: the same keys for every provider, null where the provider has no such thing. */
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
  readonly status: TokenStatus;
  /** How often its secret was made, where the provider counts. */
  readonly version: number | null;
}

/** A token together with its secret, which no API shows a second time. */
export interface IssuedToken extends Token {
  readonly token: Secret;
}

/** A token that is asked for. */
export interface TokenSpec {
  readonly name?: string | undefined;
  readonly roles: readonly string[];
  readonly selector?: Selector | undefined;
  readonly description?: string | undefined;
  readonly expiry?: Expiry | undefined;
  readonly resource?: string | undefined;
  readonly owner?: string | undefined;
  /** Where it is to be, if that is not said by the target. */
  readonly region?: string | undefined;
}

/** Completes what a provider knows of a token: absent keys become null, the status follows the clock. */
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
    status:
      expiresAt !== null && compareTimestamps(expiresAt, toTimestamp(now)) <= 0
        ? "expired"
        : "active",
    version: known.version ?? null,
  };
}

/** Whether two bear one name at one owner: all that an API says of the token that a credential is. */
export const hasSameName = (
  one: Pick<Token, "name" | "owner">,
  other: Pick<Token, "name" | "owner">,
): boolean => one.name === other.name && one.owner === other.owner;

/** How people call a token: `"ci" (0aa3c557-…)`, or its id where it has no other name. */
export const describeToken = ({ id, name }: Pick<Token, "id" | "name">): string =>
  name === null || name === id ? `"${id}"` : `"${name}" (${id})`;
