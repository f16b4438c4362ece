import { expect, test } from "vitest";
import { parseExpiry } from "../../src/core/expiry.ts";

const day = 86_400_000;

test.each([
  ["2027-01-31", { date: "2027-01-31" }],
  ["2024-02-29", { date: "2024-02-29" }],
  // Whether a day is too late is for the one who asks to know.
  ["2001-01-01", { date: "2001-01-01" }],
  ["30d", { milliseconds: 30 * day }],
  ["2w", { milliseconds: 14 * day }],
  ["90s", { milliseconds: 90_000 }],
])("%s is read", (text, expected) => {
  expect(parseExpiry(text)).toEqual(expected);
});

test.each([
  "",
  "tomorrow",
  "never",
  "2026-02-29",
  "2026-02-30",
  "2026-04-31",
  "2026-13-01",
  "2026-00-10",
  "2026-01-00",
  "2026-1-1",
  "26-01-01",
  "2026/01/01",
  "01-02-2026",
  "20260101",
  "2026-01-01T00:00:00Z",
  "2026-01-01 ",
  "2026-01-01\n",
  "30",
  "30 d",
])("%j is refused", (text) => {
  expect(parseExpiry(text)).toBeUndefined();
});
