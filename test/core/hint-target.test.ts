import { expect, test } from "vitest";
import { withTarget } from "../../src/core/target-options.ts";
import { UsageError } from "../../src/errors.ts";

const target = { user: "alice@example.com", url: "https://osmo.example.com", provider: "osmo" };
const place = " --provider osmo --url https://osmo.example.com";

test.each([
  [
    "tokctl token renew ci makes another",
    `tokctl token renew -u alice@example.com${place} ci makes another`,
  ],
  ["See tokctl token list.", `See tokctl token list -u alice@example.com${place}.`],
  ["tokctl token delete x -u bob", `tokctl token delete${place} x -u bob`],
  ["tokctl token renew x -p work", "tokctl token renew -u alice@example.com x -p work"],
  ["tokctl whoami shows it", `tokctl whoami${place} shows it`],
  ["tokctl app list", `tokctl app list${place}`],
  ["tokctl token reach ci", `tokctl token reach${place} ci`],
  ["tokctl app set-label x", `tokctl app set-label${place} x`],
  ["tokctl recover, tokctl login osmo, tokctl help scopes", undefined],
  ["tokctl token --help", undefined],
])("the command in %j leads to the same target", (hint, expected) => {
  const error = new UsageError("x", { hint: ["first", hint] });
  const result = withTarget(error, target);
  if (expected === undefined) expect(result).toBe(error);
  else expect(result).toMatchObject({ code: "usage", hint: ["first", expected] });
});

test("a profile and a URL beside it are both repeated", () => {
  const error = new UsageError("x", { hint: "tokctl token list" });
  const both = { profile: "my work", url: "https://a.example.com", userHeader: "bob" };
  expect(withTarget(error, both).hint).toEqual([
    "tokctl token list -p 'my work' --url https://a.example.com --user-header bob",
  ]);
  expect(withTarget(error, {})).toBe(error);
});
