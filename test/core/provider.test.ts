import { expect, test } from "vitest";
import { defineSupports, requireSupport } from "../../src/core/provider.ts";

const provider = { title: "An API", supports: defineSupports({ names: true, labels: true }) };

test("a feature that a provider does not state is not supported", () => {
  const { names, labels, scopes, ...others } = provider.supports;
  expect({ names, labels, scopes }).toEqual({ names: true, labels: true, scopes: true });
  expect(new Set(Object.values(others))).toEqual(new Set([false]));
});

test("requireSupport accepts a supported feature", () => {
  expect(() =>
    requireSupport(provider, { capability: "labels", flag: "--label-selector" }),
  ).not.toThrow();
});

test("requireSupport rejects an unsupported feature with the provider and the option", () => {
  expect(() =>
    requireSupport(provider, { capability: "expiryDates", flag: "--expires-at" }),
  ).toThrow(
    expect.objectContaining({
      code: "usage",
      message: expect.stringMatching(/^An API .*--expires-at/),
    }),
  );
});
