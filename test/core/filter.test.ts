import { describe, expect, test } from "vitest";
import { filterTokens, type TokenFilter } from "../../src/core/filter.ts";
import { type Token, toToken } from "../../src/core/token.ts";

const now = new Date("2026-11-23T12:00:00Z");
const hour = 3_600_000;

const token = (id: string, known: Partial<Token> = {}): Token =>
  toToken({ id, roles: ["read"], ...known }, now);

const idsOf = (tokens: readonly Token[], filter: TokenFilter = {}): string =>
  filterTokens(tokens, filter, now)
    .map(({ id }) => id)
    .join(" ");

describe("filters by", () => {
  const tokens = [
    token("plain"),
    token("two-roles", { roles: ["read", "write"] }),
    token("scoped", { labelSelector: "group=A" }),
    token("scoped-too", { labelSelector: "group=AB" }),
    token("expired", { expiresAt: "2026-11-23T11:59:59.999999999Z" }),
    token("expires-now", { expiresAt: "2026-11-23T12:00:00Z" }),
    token("expires-in-1h", { expiresAt: "2026-11-23T13:00:00Z" }),
    token("expires-later", { expiresAt: "2026-11-23T13:00:00.000000001Z" }),
  ];

  test.each<[string, TokenFilter, string]>([
    ["a role", { role: "write" }, "two-roles"],
    ["a role of no token", { role: "writ" }, ""],
    ["a selector", { selector: { name: "group", value: "A" } }, "scoped"],
    ["another selector", { selector: { name: "group", value: "B" } }, ""],
    ["expired", { status: "expired" }, "expired expires-now"],
    ["expiring, the end included", { expiringWithin: hour }, "expires-in-1h"],
    ["expiring sooner", { expiringWithin: hour - 1 }, ""],
    ["both expiring and expired", { expiringWithin: hour, status: "expired" }, ""],
    ["role and status", { role: "write", status: "expired" }, ""],
  ])("%s", (_, filter, expected) => {
    expect(idsOf(tokens, filter)).toBe(expected);
  });

  test("active, which are the tokens that have not expired", () => {
    expect(idsOf(tokens, { status: "active" }).split(" ")).toHaveLength(tokens.length - 2);
  });
});

describe("sorts by", () => {
  const tokens = [
    token("4", { name: "b", createdAt: "2026-01-03T00:00:00Z" }),
    token("1", { name: "a", createdAt: null, expiresAt: "2027-01-01T00:00:00Z" }),
    token("3", { name: "a", createdAt: "2026-01-01T00:00:00.000000002Z" }),
    token("2", { name: null, createdAt: "2026-01-01T00:00:00.000000001Z" }),
    token("6", { name: "B", createdAt: "2026-01-03T00:00:00Z", expiresAt: "2026-12-01T00:00:00Z" }),
  ];

  test.each<[string, TokenFilter, string]>([
    ["by default created, then id", {}, "2 3 4 6 1"],
    ["created", { sort: "created" }, "2 3 4 6 1"],
    ["name, capitals first, nameless last", { sort: "name" }, "6 3 1 4 2"],
    ["expires, unlimited last", { sort: "expires" }, "6 1 2 3 4"],
    ["created in reverse, undated last", { sort: "-created" }, "4 6 3 2 1"],
    ["name in reverse, nameless last", { sort: "-name" }, "4 3 1 6 2"],
    ["expires in reverse, unlimited last", { sort: "-expires" }, "1 6 2 3 4"],
  ])("%s", (_, filter, expected) => {
    expect(idsOf(tokens, filter)).toBe(expected);
    expect(idsOf(tokens.toReversed(), filter)).toBe(expected);
  });

  test("a copy of the list", () => {
    idsOf(tokens, { sort: "name" });
    expect(tokens.map(({ id }) => id).join(" ")).toBe("4 1 3 2 6");
  });
});
