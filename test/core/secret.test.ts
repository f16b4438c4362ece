import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";

const secret = new Secret("s3cr3t");

test("reveals its value", () => {
  expect(secret.reveal()).toBe("s3cr3t");
});

test.each<[string, (value: Secret) => string]>([
  ["String()", (value) => String(value)],
  ["a template", (value) => `Bearer ${value}`],
  ["concatenation", (value) => `${"Bearer "}${[value]}`],
  ["join", (value) => [value, value].join()],
  ["JSON", (value) => JSON.stringify({ value })],
  ["JSON of a copy", (value) => JSON.stringify({ ...value })],
  ["inspect", (value) => inspect(value)],
  [
    "inspect of an object that contains it",
    (value) => inspect({ deep: [{ value }] }, { depth: null }),
  ],
  [
    "inspect with all options",
    (value) => inspect(value, { showHidden: true, customInspect: false, getters: true }),
  ],
  ["an error's message", (value) => String(new Error(`refused ${value}`))],
  ["its keys and values", (value) => Object.entries(value).flat().join()],
  ["a localised string", (value) => value.toLocaleString()],
])("%s does not show the value", (_, print) => {
  expect(print(secret)).not.toContain("s3cr3t");
});

test("prints as a mask", () => {
  expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual(["•••", '"•••"', "•••"]);
});

/** Loads a separate copy of the module, since other tests in this process may use it. */
const load = async (name: string): Promise<typeof import("../../src/core/secret.ts")> =>
  import(/* @vite-ignore */ `../../src/core/secret.ts?${name}`);

test("is masked in texts during a run if it was created in that run", async () => {
  const { trackSecrets, maskSecrets, Secret } = await load("run");
  const made = (value: string) => new Secret(value).reveal();
  const [before, text] = [made("made-before"), () => maskSecrets(`${before} ${during} ${after}`)];
  const run = trackSecrets();
  const during = made("made-during");
  const after = "made-after";
  expect(text()).toBe("made-before ••• made-after");
  run.end();
  made(after);
  expect(text()).toBe("made-before made-during made-after");
});
