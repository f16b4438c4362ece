import { namesOf } from "./soft-expiry.ts";
import { compareTimestamps, type Timestamp, toTimestamp } from "./time.ts";
import { formatSelector, type Selector, type Token, type TokenStatus } from "./token.ts";

/** The attributes to sort tokens by. */
export const sortKeys = ["name", "created", "expires"] as const;
export type SortKey = (typeof sortKeys)[number];

/** The values of `--sort`: a key, with a hyphen before it for the reverse order. */
export const sortOrders = sortKeys.flatMap((key) => [key, `-${key}`] as const);
export type SortOrder = SortKey | `-${SortKey}`;

/** Returns the key of a sort order, and whether it is reversed. */
export function parseSortOrder(order: SortOrder): {
  readonly key: SortKey;
  readonly isReversed: boolean;
} {
  const isReversed = order.startsWith("-");
  return { key: (isReversed ? order.slice(1) : order) as SortKey, isReversed };
}

/** Conditions on a token, which must meet all of them. */
export interface TokenFilter {
  /**
   * Returns whether a name matches; see `parseGlob`. A token matches by its name, with or without the date
   * of a soft expiry. A token without a name never does.
   */
  readonly matchesName?: ((name: string) => boolean) | undefined;
  readonly role?: string | undefined;
  readonly selector?: Selector | undefined;
  readonly status?: TokenStatus | undefined;
  /** Milliseconds: only active tokens that expire within that time. */
  readonly expiringWithin?: number | undefined;
  /** Milliseconds: only tokens with a secret at least that old. */
  readonly olderThan?: number | undefined;
  /** Only tokens that are not limited to some resources. */
  readonly unscoped?: boolean | undefined;
}

/** Returns the tokens that match, in the same order. */
export function filterTokens(
  tokens: readonly Token[],
  filter: TokenFilter,
  now: Date,
): readonly Token[] {
  const { matchesName, role, selector, status, expiringWithin, olderThan, unscoped } = filter;
  const latestExpiry = timeAfter(now, expiringWithin);
  const latestIssue = timeAfter(now, olderThan === undefined ? undefined : -olderThan);
  return tokens.filter(
    (token) =>
      (!matchesName || namesOf(token).some(matchesName)) &&
      (role === undefined || token.roles.includes(role)) &&
      (selector === undefined || token.labelSelector === formatSelector(selector)) &&
      (status === undefined || token.status === status) &&
      (latestExpiry === undefined || expiresBy(token, latestExpiry)) &&
      (latestIssue === undefined || isIssuedBy(token, latestIssue)) &&
      (!unscoped || isUnscoped(token)),
  );
}

/** Returns the tokens in an order, by default of creation; equal ones in the order of creation, then of IDs. */
export function sortTokens<T extends Token>(
  tokens: readonly T[],
  order: SortOrder = "created",
): readonly T[] {
  const { key, isReversed } = parseSortOrder(order);
  return tokens.toSorted((a, b) => orders[key](a, b, isReversed) || byCreation(a, b));
}

/** Returns the time after a duration in milliseconds, which may be negative; undefined without one. */
const timeAfter = (now: Date, duration: number | undefined): Timestamp | undefined =>
  duration === undefined ? undefined : toTimestamp(new Date(now.getTime() + duration));

/** Compares by creation time, then by ID. */
export const byCreation = (a: Created, b: Created): number =>
  orders.created(a, b) || compareText(a.id, b.id);

type Created = Pick<Token, "id" | "createdAt">;

const expiresBy = ({ status, expiresAt }: Token, latest: Timestamp): boolean =>
  status === "active" && expiresAt !== null && compareTimestamps(expiresAt, latest) <= 0;

/** A renewal is the only update of a token. A token of unknown age never matches. */
function isIssuedBy({ createdAt, updatedAt }: Token, latest: Timestamp): boolean {
  const issuedAt = updatedAt ?? createdAt;
  return issuedAt !== null && compareTimestamps(issuedAt, latest) <= 0;
}

const isUnscoped = ({ labelSelector, resource }: Token): boolean =>
  labelSelector === null && (resource === null || resource === "*");

/** Compares by expiry; tokens without one come last. */
export const byExpiry = (a: Pick<Token, "expiresAt">, b: Pick<Token, "expiresAt">): number =>
  orders.expires(a, b);

const orders = {
  name: (a: Pick<Token, "name">, b: Pick<Token, "name">, isReversed?: boolean) =>
    nullsLast(a.name, b.name, compareText, isReversed),
  created: (a: Created, b: Created, isReversed?: boolean) =>
    nullsLast(a.createdAt, b.createdAt, compareTimestamps, isReversed),
  expires: (a: Pick<Token, "expiresAt">, b: Pick<Token, "expiresAt">, isReversed?: boolean) =>
    nullsLast(a.expiresAt, b.expiresAt, compareTimestamps, isReversed),
} as const satisfies Readonly<Record<SortKey, unknown>>;

/** Items without a value come last in either order. */
function nullsLast(
  a: string | null,
  b: string | null,
  compare: (a: string, b: string) => number,
  isReversed = false,
): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return isReversed ? compare(b, a) : compare(a, b);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether a character matches one element of a pattern. */
type CharacterTest = (character: string) => boolean;

/**
 * Parses a pattern for whole names, as in a shell: `*` matches any characters, `?` exactly one,
 * `[abc]` and `[a-z]` one of a set, `[!a-z]` one outside it; a backslash makes the next character
 * literal. Matching is case-sensitive, and its time is proportional to both lengths.
 * @returns a function that tests a name.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_14
 */
export function parseGlob(pattern: string): (name: string) => boolean {
  // The alternatives match every character, so that no part of the pattern is lost.
  const parts = pattern.match(/\*+|\?|\[!?[^\]]+\]|\\.|./gsu) ?? [];
  const elements = parts.map((part) => (part.startsWith("*") ? "any" : toCharacterTest(part)));
  return (name) => matches(Array.from(name), elements);
}

function toCharacterTest(part: string): CharacterTest {
  if (part === "?") return () => true;
  const [, negation, set] = /^\[(!?)(.+)\]$/su.exec(part) ?? [];
  if (set === undefined) {
    const literal = part.replace(/^\\(?=.)/su, "");
    return (character) => character === literal;
  }
  const ranges = [...set.matchAll(/(.)-(.)|(.)/gsu)].map(
    ([, from, to, single = ""]) => [from ?? single, to ?? single] as const,
  );
  return (character) =>
    ranges.some(([from, to]) => isBetween(character, from, to)) === (negation === "");
}

/** Compares code points. */
const isBetween = (character: string, from: string, to: string): boolean => {
  const point = (text: string) => text.codePointAt(0) ?? 0;
  return point(character) >= point(from) && point(character) <= point(to);
};

/** Returns to the last `*` after a mismatch, which lets it match one more character. */
function matches(characters: readonly string[], elements: readonly (CharacterTest | "any")[]) {
  let element = 0;
  let star: { readonly element: number; readonly character: number } | undefined;
  for (let i = 0; i < characters.length; ) {
    const test = elements[element];
    if (test === "any") star = { element: element++, character: i };
    else if (test?.(characters[i] ?? "")) {
      element++;
      i++;
    } else if (star) {
      i = star.character + 1;
      star = { ...star, character: i };
      element = star.element + 1;
    } else return false;
  }
  return elements.slice(element).every((rest) => rest === "any");
}
