import { formatSelector } from "./selector.ts";
import type { Timestamp } from "./time.ts";
import { compareTimestamps } from "./time.ts";
import type { Token, TokenSpec } from "./token.ts";

/**
 * What is written down before a secret is made, without the secret, so that a token whose answer
 * was lost can be told from all others afterwards.
 */
export type Attempt = Creation | Renewal;

interface Sent {
  /** The other user whose token it is. */
  readonly owner: string | null;
  /** Between what times of the server it was taken, if it was; null where nobody knows its clock. */
  readonly window: Window | null;
}

export interface Window {
  readonly from: Timestamp;
  readonly until: Timestamp;
}

export interface Creation extends Sent {
  readonly kind: "create";
  readonly wanted: Wanted;
  /** Ids of the tokens like it that there were before; null where nobody could say. */
  readonly known: readonly string[] | null;
}

/** What makes a token the one that was asked for, as far as a list shows it. */
export type Wanted = Pick<Token, "name" | "roles" | "labelSelector" | "resource" | "description">;

export interface Renewal extends Sent {
  readonly kind: "renew";
  /** The token as it was. */
  readonly token: Token;
}

export const toWanted = ({ name, roles, selector, resource, description }: TokenSpec): Wanted => ({
  name: name || null,
  roles,
  labelSelector: selector ? formatSelector(selector) : null,
  resource: resource ?? null,
  description: description ?? null,
});

/** Whether a token is as it was asked for. What was left to the server may be anything. */
export const isLike = (wanted: Wanted, token: Token): boolean =>
  (token.name || null) === wanted.name &&
  (wanted.roles.length === 0 || isSameSet(wanted.roles, token.roles)) &&
  token.labelSelector === wanted.labelSelector &&
  token.resource === wanted.resource &&
  (wanted.description === null || token.description === wanted.description);

const isSameSet = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((each) => others.includes(each));

/** What a list tells of an attempt whose answer was lost. */
export type Finding =
  /** It was done: this is the token, and nobody has its secret. */
  | { readonly kind: "done"; readonly token: Token }
  /** No trace of it. Of a renewal: the token is as it was, and so is its secret. */
  | { readonly kind: "undone" }
  /** The token that was to be renewed is not there any more. */
  | { readonly kind: "gone" }
  /** It may have been done: each of these may be what came of it. */
  | { readonly kind: "unclear"; readonly candidates: readonly Token[] };

/**
 * Finds the token that a lost creation made. It is ours only if it is the only one like it that is
 * new since then, and made at that time by the server's clock: others may be making the same.
 * @param madeAt when a token was made, where that is known.
 */
export function findCreated(
  { wanted, known, window }: Creation,
  tokens: readonly Token[],
  madeAt: (token: Token) => Timestamp | null,
): Finding {
  const fresh = tokens.filter(
    (token) =>
      isLike(wanted, token) &&
      known?.includes(token.id) !== true &&
      isWithin(window, madeAt(token)) !== false,
  );
  const [only, ...others] = fresh;
  if (!only) return { kind: "undone" };
  return known === null || others.length > 0
    ? { kind: "unclear", candidates: fresh }
    : { kind: "done", token: only };
}

/**
 * Tells whether a lost renewal was done, by what has become of the token.
 * @param now the token as it is; undefined if there is none of that id.
 */
export function judgeRenewal(
  { token: before, window }: Renewal,
  now: Token | undefined,
  madeAt: (token: Token) => Timestamp | null,
): Finding {
  if (!now) return { kind: "gone" };
  if (now.version !== null && before.version !== null) {
    const renewals = now.version - before.version;
    if (renewals === 0) return { kind: "undone" };
    return renewals === 1 ? { kind: "done", token: now } : { kind: "unclear", candidates: [now] };
  }
  // Where a renewal makes the token anew, its age tells; where not, it stays the same.
  const isNew = before.createdAt === null ? isWithin(window, madeAt(now)) : undefined;
  if (isNew === undefined) return { kind: "unclear", candidates: [now] };
  return isNew ? { kind: "done", token: now } : { kind: "undone" };
}

/** Undefined where it can't be told. */
function isWithin(window: Window | null, time: Timestamp | null): boolean | undefined {
  if (window === null || time === null) return undefined;
  return compareTimestamps(window.from, time) <= 0 && compareTimestamps(time, window.until) <= 0;
}
