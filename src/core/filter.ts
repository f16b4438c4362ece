import type { Selector } from "./selector.ts";
import { formatSelector } from "./selector.ts";
import { compareTimestamps, type Timestamp, toTimestamp } from "./time.ts";
import type { Token, TokenStatus } from "./token.ts";

export const sortKeys = ["name", "created", "expires"] as const;
export type SortKey = (typeof sortKeys)[number];

/** Which tokens of a list are wanted, and in which order. */
export interface Filter {
  readonly role?: string | undefined;
  readonly selector?: Selector | undefined;
  readonly status?: TokenStatus | undefined;
  /** Milliseconds: only active tokens that expire by then. */
  readonly expiringWithin?: number | undefined;
  readonly sort?: SortKey | undefined;
  readonly limit?: number | undefined;
}

/** The wanted tokens, by default in the order of their creation, then by id. */
export function filterTokens(
  tokens: readonly Token[],
  filter: Filter,
  now: Date,
): readonly Token[] {
  const { role, selector, status, expiringWithin, sort = "created", limit } = filter;
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
    .toSorted((a, b) => orders[sort](a, b) || byCreation(a, b))
    .slice(0, limit);
}

/** The order of creation, then of ids. */
export const byCreation = (a: Created, b: Created): number =>
  orders.created(a, b) || compareText(a.id, b.id);

type Created = Pick<Token, "id" | "createdAt">;

const expiresBy = ({ status, expiresAt }: Token, latest: Timestamp): boolean =>
  status === "active" && expiresAt !== null && compareTimestamps(expiresAt, latest) <= 0;

/** The soonest first, what never expires last. */
export const byExpiry = (a: Pick<Token, "expiresAt">, b: Pick<Token, "expiresAt">): number =>
  nullsLast(a.expiresAt, b.expiresAt, compareTimestamps);

const orders = {
  name: (a: Token, b: Token) => nullsLast(a.name, b.name, compareText),
  created: (a: Created, b: Created) => nullsLast(a.createdAt, b.createdAt, compareTimestamps),
  expires: byExpiry,
} as const satisfies Readonly<Record<SortKey, unknown>>;

function nullsLast(
  a: string | null,
  b: string | null,
  compare: (a: string, b: string) => number,
): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compare(a, b);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
