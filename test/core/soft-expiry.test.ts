import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  namesOf,
  parseSoftExpiryName,
  toBaseName,
  toSoftExpiry,
  toSoftExpiryName,
} from "../../src/core/soft-expiry.ts";

const now = new Date("2026-11-23T12:00:00Z");

describe("the name of a token", () => {
  test("with a date has a base name and an expiry at 00:00 UTC", () => {
    expect(parseSoftExpiryName("ci.expires-2026-12-31")).toEqual({
      baseName: "ci",
      date: "2026-12-31",
    });
    expect(toSoftExpiry("ci.expires-2026-12-31")).toEqual({
      expiresAt: "2026-12-31T00:00:00Z",
      expiryEnforcedBy: "client",
    });
  });

  test.each([
    "ci",
    "",
    ".expires-2026-12-31",
    "x.expires-2026-99-99",
    "x.expires-2026-02-30",
    "x.expires-2026-12-31T00:00:00Z",
    "x.expires-30d",
    "x.expires-",
    "x.expires-2026-12-31 ",
    "x.expires-2026-12-31.expires-2027-01-01",
    "x.expires-2026-99-99.expires-2027-01-01",
    "x.Expires-2026-12-31",
    "x.expires-٢٠٢٦-12-31",
    "x\n.expires-2026-12-31\n",
  ])("%j is a plain name", (name) => {
    expect(parseSoftExpiryName(name)).toBeUndefined();
    expect(toSoftExpiry(name)).toEqual({});
    expect(toBaseName(name)).toBe(name);
  });

  test("finds the token with and without the date, only if a client enforces the expiry", () => {
    const name = "ci.expires-2026-12-31";
    expect(namesOf({ name, expiryEnforcedBy: "client" })).toEqual([name, "ci"]);
    expect(namesOf({ name, expiryEnforcedBy: "server" })).toEqual([name]);
    expect(namesOf({ name: "ci", expiryEnforcedBy: null })).toEqual(["ci"]);
    expect(namesOf({ name: null, expiryEnforcedBy: null })).toEqual([]);
  });
});

describe("a soft expiry", () => {
  test.each([
    [{ date: "2026-12-31" }, "ci.expires-2026-12-31"],
    [{ milliseconds: 60_000 }, "ci.expires-2026-11-24"],
    [{ time: "2026-12-30T00:00:01Z" }, "ci.expires-2026-12-31"],
  ])("%j gives %s", (expiry, expected) => {
    expect(toSoftExpiryName("ci", expiry, now)).toBe(expected);
  });

  test("replaces the date that a name has", () => {
    expect(toSoftExpiryName("ci.expires-2026-12-31", { date: "2027-01-31" }, now)).toBe(
      "ci.expires-2027-01-31",
    );
  });

  test.each([
    ["ci", { date: "2026-11-23" }],
    ["ci", { time: "2020-01-01T00:00:00Z" }],
    ["", { date: "2026-12-31" }],
    ["x.expires-2026-99-99", { date: "2026-12-31" }],
    [".expires-2026-12-31", { date: "2026-12-31" }],
  ])("%j with %j is rejected", (name, expiry) => {
    expect(() => toSoftExpiryName(name, expiry, now)).toThrow(
      expect.objectContaining({ code: "usage" }),
    );
  });

  test("is read back from any name that can have one", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.integer({ min: 1, max: 30_000 }),
        (name, days) => {
          fc.pre(!name.includes(".expires-"));
          const long = toSoftExpiryName(name, { milliseconds: days * 86_400_000 }, now);
          expect(toBaseName(long)).toBe(name);
          expect(toSoftExpiryName(long, { milliseconds: days * 86_400_000 }, now)).toBe(long);
        },
      ),
    );
  });
});
