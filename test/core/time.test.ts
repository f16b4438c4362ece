import { describe, expect, test } from "vitest";
import {
  clampTimestamp,
  compareTimestamps,
  type Expiry,
  parseDuration,
  parseExpiry,
  parseTimestamp,
  toExpiryDate,
  toTimestamp,
} from "../../src/core/time.ts";

describe("converts a server's time to RFC 3339 in UTC", () => {
  test.each([
    ["2021-05-27T14:03:06.178808548Z", "2021-05-27T14:03:06.178808548Z"],
    ["2021-05-27T14:03:06.100000000Z", "2021-05-27T14:03:06.100000000Z"],
    ["2021-05-27T14:03:06.5Z", "2021-05-27T14:03:06.5Z"],
    ["2026-12-23T00:00:00Z", "2026-12-23T00:00:00Z"],
    ["2026-12-23T00:00:00.000000000Z", "2026-12-23T00:00:00Z"],
    ["2026-12-23T00:00:00.0Z", "2026-12-23T00:00:00Z"],
    // A time without a zone is UTC.
    ["2026-12-23T00:00:00", "2026-12-23T00:00:00Z"],
    ["2026-12-23T00:00:00.123456", "2026-12-23T00:00:00.123456Z"],
    ["2026-12-23 00:00:00", "2026-12-23T00:00:00Z"],
    ["2021-05-27 14:03:06.178808548 UTC", "2021-05-27T14:03:06.178808548Z"],
    ["2021-05-27t14:03:06z", "2021-05-27T14:03:06Z"],
    // Another zone is converted with all digits.
    ["2026-12-31T23:30:00.123456789-01:00", "2027-01-01T00:30:00.123456789Z"],
    ["2026-01-01T00:30:00+05:30", "2025-12-31T19:00:00Z"],
    ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"],
  ])("%s is %s", (text, expected) => {
    expect(parseTimestamp(text)).toBe(expected);
  });

  test.each([
    "",
    "never",
    "2026-12-23",
    "14:03:06",
    "1700000000",
    "2026-13-01T00:00:00Z",
    "2026-12-32T00:00:00Z",
    "2026-12-23T25:00:00Z",
    "2026-12-23T00:00Z",
    "2026-12-23T00:00:00.Z",
    "2026-12-23T00:00:00Z and more",
    " 2026-12-23T00:00:00Z",
    "+002026-12-23T00:00:00Z",
  ])("rejects %j", (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});

test.each([
  ["2026-12-23T00:00:00.000Z", "2026-12-23T00:00:00Z"],
  ["2026-12-23T00:00:00.120Z", "2026-12-23T00:00:00.120Z"],
])("formats the Date %s as %s", (text, expected) => {
  expect(toTimestamp(new Date(text))).toBe(expected);
});

describe("the order of times", () => {
  test.each([
    ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"],
    ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000001Z"],
    ["2026-01-01T00:00:00.100000001Z", "2026-01-01T00:00:00.100000002Z"],
    ["2026-01-01T00:00:00.09Z", "2026-01-01T00:00:00.1Z"],
    ["2026-01-01T00:00:00.999999999Z", "2026-01-01T00:00:01Z"],
    ["2025-12-31T23:59:59.9Z", "2026-01-01T00:00:00Z"],
  ])("%s is before %s", (earlier, later) => {
    expect(compareTimestamps(earlier, later)).toBeLessThan(0);
    expect(compareTimestamps(later, earlier)).toBeGreaterThan(0);
    expect(compareTimestamps(earlier, earlier)).toBe(0);
  });
});

describe("a duration", () => {
  test.each([
    ["90s", 90_000],
    ["15m", 900_000],
    ["12h", 43_200_000],
    ["30d", 2_592_000_000],
    ["2w", 1_209_600_000],
    ["0s", 0],
    ["6mo", 180 * 86_400_000],
    ["1y", 365 * 86_400_000],
    ["100y", 36_500 * 86_400_000],
    ["007d", 604_800_000],
  ])("%s is %i ms", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each([
    "",
    "s",
    "90",
    "90 s",
    "90S",
    "1M",
    "1yr",
    "101y",
    "1h30m",
    "1.5h",
    "-1d",
    "+1d",
    "1e3s",
    "٣d",
    "1234567890s",
    "12h\n",
  ])("rejects %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

test.each([
  [0, "1970-01-01T00:00:00Z"],
  [1_800_000_000_000, "2027-01-15T08:00:00Z"],
  [-1, "1970-01-01T00:00:00Z"],
  [1e300, "9999-12-31T23:59:59Z"],
  [Infinity, "9999-12-31T23:59:59Z"],
  [-Infinity, "1970-01-01T00:00:00Z"],
  [Number.NaN, "1970-01-01T00:00:00Z"],
])("clamps %s ms to %s", (milliseconds, expected) => {
  expect(clampTimestamp(milliseconds)).toBe(expected);
});

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
