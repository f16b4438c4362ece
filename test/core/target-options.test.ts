import { expect, test } from "vitest";
import { formatTargetOptions } from "../../src/core/target-options.ts";

test.each([
  [{}, ""],
  [
    { provider: "osmo", url: "https://osmo.example.com/", user: "alice" },
    " --provider osmo --url https://osmo.example.com/ -u alice",
  ],
  [
    { profile: "work", provider: "ovh-cloud", url: "https://api.ovh.com/", project: "p1" },
    " -p work --project p1",
  ],
  [{ profile: "it's", user: null }, " -p 'it'\\''s'"],
])("formats %j as the options%s", (target, words) => {
  expect(formatTargetOptions(target)).toBe(words);
});
