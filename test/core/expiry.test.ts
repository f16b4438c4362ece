import { expect, test } from "vitest";
import { type Expiry, parseExpiry, toExpiryDate } from "../../src/core/expiry.ts";

const day = 86_400_000;

test.each([
  ["2027-01-31", { date: "2027-01-31" }],
  ["2024-02-29", { date: "2024-02-29" }],
  // The parser accepts dates in the past.
  ["2001-01-01", { date: "2001-01-01" }],
  ["30d", { milliseconds: 30 * day }],
  ["2w", { milliseconds: 14 * day }],
  ["90s", { milliseconds: 90_000 }],
  ["6mo", { milliseconds: 180 * day }],
  ["1y", { milliseconds: 365 * day }],
  ["2027-01-31T12:00:00Z", { time: "2027-01-31T12:00:00Z" }],
  ["2027-01-31t23:30:00.5-01:00", { time: "2027-02-01T00:30:00.5Z" }],
])("parses %s", (text, expected) => {
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
  "2026-01-01T00:00:00",
  "2026-01-01 00:00:00Z",
  "2026-02-30T00:00:00Z",
  "2026-01-01T25:00:00Z",
  "2026-01-01T00:00:00Z and more",
  "2026-01-01 ",
  "2026-01-01\n",
  "30",
  "30 d",
])("rejects %j", (text) => {
  expect(parseExpiry(text)).toBeUndefined();
});

// The current time is noon, so a duration ends at noon.
test.each<[Expiry, string | undefined, string]>([
  [{ milliseconds: 30 * day }, undefined, "2026-12-24"],
  [{ milliseconds: 30 * day }, "2026-12-24", "2026-12-24"],
  [{ milliseconds: 30 * day }, "2026-12-23", "2026-12-23"],
  [{ milliseconds: 30 * day }, "2026-12-22", "2026-12-24"],
  [{ date: "2026-12-24" }, "2026-12-23", "2026-12-24"],
  [{ time: "2026-12-24T00:00:00Z" }, undefined, "2026-12-24"],
  [{ time: "2026-12-24T00:00:01Z" }, undefined, "2026-12-25"],
  [{ time: "2026-12-24T00:00:01Z" }, "2026-12-24", "2026-12-24"],
  [{ time: "9999-12-31T23:59:59Z" }, undefined, "9999-12-31"],
])("%j with the latest date %s is %s", (expiry, latest, expected) => {
  expect(toExpiryDate(expiry, new Date("2026-11-23T12:00:00Z"), latest)).toBe(expected);
});
