import fc from "fast-check";
import { expect, test } from "vitest";
import { parseGlob } from "../../src/core/glob.ts";
import { fuzz } from "../support/fuzz.ts";

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
