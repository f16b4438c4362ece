import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  filterTokens,
  parseGlob,
  type SortOrder,
  sortTokens,
  type TokenFilter,
} from "../../src/core/filter.ts";
import { type Token, toToken } from "../../src/core/token.ts";
import { fuzz } from "../support/fuzz.ts";

const now = new Date("2026-11-23T12:00:00Z");
const hour = 3_600_000;

const token = (id: string, known: Partial<Token> = {}): Token =>
  toToken({ id, roles: ["read"], ...known }, now);

const idsOf = (tokens: readonly Token[]): string => tokens.map(({ id }) => id).join(" ");

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
    token("ci-1", { name: "ci-1", createdAt: "2026-11-23T10:00:00Z" }),
    token("created-1h-ago", { createdAt: "2026-11-23T11:00:00Z" }),
    token("created-later", { createdAt: "2026-11-23T11:00:00.000000001Z" }),
    token("renewed", { createdAt: "2026-01-01T00:00:00Z", updatedAt: "2026-11-23T11:30:00Z" }),
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
    ["a name", { matchesName: parseGlob("ci-*") }, "ci-1"],
    ["any name, which tokens without one do not match", { matchesName: () => true }, "ci-1"],
    ["age, the end included", { olderThan: hour }, "ci-1 created-1h-ago"],
    ["age of the secret, not of the token", { olderThan: 2 * hour }, "ci-1"],
    ["no age", { olderThan: 3 * hour }, ""],
    ["role and status", { role: "write", status: "expired" }, ""],
  ])("%s", (_, filter, expected) => {
    expect(idsOf(filterTokens(tokens, filter, now))).toBe(expected);
  });

  test("active, which are the tokens that have not expired", () => {
    expect(filterTokens(tokens, { status: "active" }, now)).toHaveLength(tokens.length - 2);
  });
});

test("filters tokens that are not limited to some resources", () => {
  const tokens = [
    token("everything"),
    token("labelled", { labelSelector: "group=A" }),
    token("all-models", { resource: "*" }),
    token("some-models", { resource: "iris*" }),
  ];
  expect(idsOf(filterTokens(tokens, { unscoped: true }, now))).toBe("everything all-models");
});

describe("sorts by", () => {
  const tokens = [
    token("4", { name: "b", createdAt: "2026-01-03T00:00:00Z" }),
    token("1", { name: "a", createdAt: null, expiresAt: "2027-01-01T00:00:00Z" }),
    token("3", { name: "a", createdAt: "2026-01-01T00:00:00.000000002Z" }),
    token("2", { name: null, createdAt: "2026-01-01T00:00:00.000000001Z" }),
    token("6", { name: "B", createdAt: "2026-01-03T00:00:00Z", expiresAt: "2026-12-01T00:00:00Z" }),
  ];

  test.each<[string, SortOrder | undefined, string]>([
    ["by default created, then id", undefined, "2 3 4 6 1"],
    ["created", "created", "2 3 4 6 1"],
    ["name, capitals first, nameless last", "name", "6 3 1 4 2"],
    ["expires, unlimited last", "expires", "6 1 2 3 4"],
    ["created in reverse, undated last", "-created", "4 6 3 2 1"],
    ["name in reverse, nameless last", "-name", "4 3 1 6 2"],
    ["expires in reverse, unlimited last", "-expires", "1 6 2 3 4"],
  ])("%s", (_, order, expected) => {
    expect(idsOf(sortTokens(tokens, order))).toBe(expected);
    expect(idsOf(sortTokens(tokens.toReversed(), order))).toBe(expected);
  });

  test("a copy of the list", () => {
    sortTokens(tokens, "name");
    expect(tokens.map(({ id }) => id).join(" ")).toBe("4 1 3 2 6");
  });
});

test.each([
  ["ci", "ci", true],
  ["ci", "ci-1", false],
  ["ci", "CI", false],
  ["ci-*", "ci-", true],
  ["ci-*", "ci-1-2", true],
  ["*-2", "ci-1-2", true],
  ["c*1*2", "ci-1-2", true],
  ["c*1*3", "ci-1-2", false],
  ["*", "", true],
  ["**", "a", true],
  ["?", "", false],
  ["?", "😀", true],
  ["ci-?", "ci-12", false],
  ["ci-[0-9]", "ci-7", true],
  ["ci-[0-9]", "ci-a", false],
  ["ci-[!0-9]", "ci-a", true],
  ["ci-[!0-9]", "ci-7", false],
  ["[a-c-]", "-", true],
  ["ci-[0", "ci-[0", true],
  ["\\*", "*", true],
  ["\\*", "a", false],
  ["a.c", "abc", false],
  ["\\", "\\", true],
])("%j matches %j: %j", (pattern, name, expected) => {
  expect(parseGlob(pattern)(name)).toBe(expected);
});

test("takes no exponential time", () => {
  expect(parseGlob(`${"*a".repeat(200)}b`)("a".repeat(5000))).toBe(false);
});

fuzz(
  "a name matches itself as a literal, and with any part replaced by *",
  fc.tuple(fc.string({ unit: "grapheme" }), fc.nat(), fc.nat()),
  200,
  async ([name, from, length]) => {
    const literal = (text: string) => text.replace(/[*?[\]\\]/g, "\\$&");
    expect(parseGlob(literal(name))(name)).toBe(true);
    const letters = Array.from(name);
    const start = from % (letters.length + 1);
    const pattern = [
      literal(letters.slice(0, start).join("")),
      "*",
      literal(letters.slice(start + length).join("")),
    ];
    expect(parseGlob(pattern.join(""))(name)).toBe(true);
  },
);
