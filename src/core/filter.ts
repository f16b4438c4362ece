import type { Selector } from "./selector.ts";
import { formatSelector } from "./selector.ts";
import { compareTimestamps, type Timestamp, toTimestamp } from "./time.ts";
import type { Token, TokenStatus } from "./token.ts";

export const sortKeys = ["name", "created", "expires"] as const;
export type SortKey = (typeof sortKeys)[number];

/** What `--sort` takes: a key, or with a hyphen before it the reverse order. */
export const sortOrders = sortKeys.flatMap((key) => [key, `-${key}`] as const);
export type SortOrder = SortKey | `-${SortKey}`;

/** The key of an order, and whether it is reversed. */
export function parseSortOrder(order: SortOrder): {
  readonly key: SortKey;
  readonly isReversed: boolean;
} {
  const isReversed = order.startsWith("-");
  return { key: (isReversed ? order.slice(1) : order) as SortKey, isReversed };
}

/** Which tokens of a list are wanted, and in which order. */
export interface TokenFilter {
  readonly role?: string | undefined;
  readonly selector?: Selector | undefined;
  readonly status?: TokenStatus | undefined;
  /** Milliseconds: only active tokens that expire by then. */
  readonly expiringWithin?: number | undefined;
  readonly sort?: SortOrder | undefined;
}

/** The wanted tokens, by default in the order of their creation, then by id. */
export function filterTokens(
  tokens: readonly Token[],
  filter: TokenFilter,
  now: Date,
): readonly Token[] {
  const { role, selector, status, expiringWithin, sort = "created" } = filter;
  const { key, isReversed } = parseSortOrder(sort);
  const latest =
    expiringWithin === undefined
      ? undefined
      : toTimestamp(new Date(now.getTime() + expiringWithin));
  return tokens
    .filter(
      (token) =>
        (role === undefined || token.roles.includes(role)) &&
        (selector === undefined || token.labelSelector === formatSelector(selector)) &&
        (status === undefined || token.status === status) &&
        (latest === undefined || expiresBy(token, latest)),
    )
    .toSorted((a, b) => orders[key](a, b, isReversed) || byCreation(a, b));
}

/** The order of creation, then of ids. */
export const byCreation = (a: Created, b: Created): number =>
  orders.created(a, b) || compareText(a.id, b.id);

type Created = Pick<Token, "id" | "createdAt">;

const expiresBy = ({ status, expiresAt }: Token, latest: Timestamp): boolean =>
  status === "active" && expiresAt !== null && compareTimestamps(expiresAt, latest) <= 0;

/** The soonest first, what never expires last. */
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

/** What has no value is last in the reverse order, too. */
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
