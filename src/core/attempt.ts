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
  description: description || null,
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
  /** Whatever became of it, somebody has got the secret that the token has now. */
  | { readonly kind: "known"; readonly token: Token }
  /** The token that was to be renewed is not there any more. */
  | { readonly kind: "gone" }
  /** It may have been done: each of these may be what came of it. */
  | { readonly kind: "unclear"; readonly candidates: readonly Token[] };

/** What is known of tokens besides what a list shows, when it is looked what became of an attempt. */
export interface Evidence {
  /** When a token was made, where that is known. */
  readonly madeAt: (token: Token) => Timestamp | null;
  /** So long ago that others may have made or renewed a token after it. */
  readonly isLate: boolean;
  /** What other runs of ours make, or have made since. */
  readonly others: readonly Rival[];
}

/** Another attempt by the same account, and what came of it, if that is known. */
export interface Rival {
  readonly attempt: Attempt;
  readonly made?: Pick<Token, "id" | "version"> | undefined;
}

/**
 * Finds the token that a lost creation made. It is ours only if it is the only one like it that is
 * new since then, and made at that time by the server's clock: others may be making the same.
 */
export function findCreated(
  { wanted, known, window }: Creation,
  tokens: readonly Token[],
  { madeAt, isLate, others: rivals }: Evidence,
): Finding {
  const candidates = tokens
    .filter((token) => isLike(wanted, token) && known?.includes(token.id) !== true)
    .filter(({ id }) => !rivals.some(({ made }) => made?.id === id))
    .map((token) => ({ token, when: relate(madeAt(token), window) }))
    // What was not there before, and is older by its date, tells that the clocks disagree.
    .filter(({ when }) => (when === "after" ? !isLate : when !== "before" || known !== null));
  const [only, ...others] = candidates;
  if (!only) return { kind: "undone" };
  const isOurs = known !== null && others.length === 0 && isThen(only.when, isLate);
  return isOurs && !isBeingMade(only.token, rivals)
    ? { kind: "done", token: only.token }
    : { kind: "unclear", candidates: candidates.map(({ token }) => token) };
}

/**
 * Tells whether a lost renewal was done, by what has become of the token.
 * @param now the token as it is; undefined if there is none of that id.
 */
export function judgeRenewal(
  { token: before, window }: Renewal,
  now: Token | undefined,
  { madeAt, isLate, others }: Evidence,
): Finding {
  if (!now) return { kind: "gone" };
  const unclear: Finding = { kind: "unclear", candidates: [now] };
  const made = others.flatMap((other) => (other.made?.id === now.id ? other.made : []));
  if (made.some(({ version }) => version !== null && version === now.version))
    return { kind: "known", token: now };
  if (made.length > 0 || isBeingMade(now, others)) return unclear;
  if (now.version !== null && before.version !== null) {
    const renewals = now.version - before.version;
    if (renewals === 0) return { kind: "undone" };
    if (renewals !== 1) return unclear;
    const when = relate(now.updatedAt, window);
    // Somebody else has renewed it since.
    if (when === "after" && isLate) return { kind: "undone" };
    return isThen(when, isLate) ? { kind: "done", token: now } : unclear;
  }
  // Where a renewal makes the token anew, its age tells; where not, it stays the same.
  const when = before.createdAt === null ? relate(madeAt(now), window) : undefined;
  if (when === "within") return { kind: "done", token: now };
  return when === "before" ? { kind: "undone" } : unclear;
}

/** Whether another run may be making this very token, or its secret. */
const isBeingMade = (token: Token, rivals: readonly Rival[]): boolean =>
  rivals.some(
    ({ attempt, made }) =>
      !made &&
      (attempt.kind === "create" ? isLike(attempt.wanted, token) : attempt.token.id === token.id),
  );

/** Undefined where it can't be told. */
function relate(
  time: Timestamp | null,
  window: Window | null,
): "before" | "within" | "after" | undefined {
  if (window === null || time === null) return undefined;
  if (compareTimestamps(time, window.from) < 0) return "before";
  return compareTimestamps(time, window.until) <= 0 ? "within" : "after";
}

/** What has no date was made then if nothing can have been made after it. */
const isThen = (when: ReturnType<typeof relate>, isLate: boolean): boolean =>
  when === "within" || (when === undefined && !isLate);
