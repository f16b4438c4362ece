import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  findSecretLike,
  maskSecretLike,
  parsePastedSecret,
  Secret,
} from "../../src/core/secret.ts";

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

const jwt = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from("{}".padEnd(60)).toString("base64url")}.c2lnbmF0dXJl`;

describe("a text that looks like a secret", () => {
  test.each([
    "honyZpUrCrdNJSHDHONbl+fIJi71NGSLOULHup0iNTc3ZwmsLeWx2usgKydJ/rNg",
    "O7TSfkoR03mUnKvCm7Aiv8DPCJPf6m2mRKUHo-f4T0Y",
    "7kbG7Bk7S9Nt7ZSV",
    "0b2c3d4e5f60718293a4b5c6d7e8f901",
    "uEMsIjQPhH7Q0w3TKAM-B169zWtrLNGi",
    jwt,
  ])("is found alone and within a word: %s", (secret) => {
    for (const word of [
      secret,
      `-p${secret}`,
      `--url=${secret}`,
      `TOKEN=${secret}`,
      `https://${secret}`,
      `Bearer ${secret}`,
    ]) {
      const found = findSecretLike(word);
      expect([word, found.length > 0]).toEqual([word, true]);
      const shown = maskSecretLike(`"${word.slice(0, 80)}…" was ${word.toLowerCase()}`, found);
      expect(shown.toLowerCase()).not.toContain(secret.slice(4, 16).toLowerCase());
    }
  });

  test("is found in nearly all random secrets", () => {
    const missed = Array.from({ length: 1000 }, () => [
      randomBytes(48).toString("base64"),
      randomBytes(32).toString("base64url"),
    ])
      .flat()
      .filter((secret) => findSecretLike(secret).length === 0);
    expect(missed.length).toBeLessThan(40);
  });

  test.each([
    "31a502ed-c585-4e32-bac5-c1827cd63761",
    "nightly-build-2024-11-29-linux-x64",
    "Release-2024-Q4-Prod-EU-West-1-Backend-API",
    "GitHubActionsDeployKey01",
    "ci-3f2a9c8b7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a",
    "3f2a9c8b7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a",
    "/home/User1/Projects/MyApp2/config/file3.json",
    "/tmp/tokctl-test-1p4oGc/seed.yaml",
    "--seed=/tmp/tokctl-test-1p4oGc/seed.yaml",
    "file:/tmp/tmp.aB3dE5fG7h/token",
    "https://gra.training.ai.cloud.ovh.net/v1",
    "2026-12-31T00:00:00Z",
    "model-evaluation",
    "ovh/id=31a502ed-c585-4e32-bac5-c1827cd63761",
  ])("is not a name, an id, a date, a path or a URL: %s", (word) => {
    expect(findSecretLike(word)).toEqual([]);
  });
});

test("a temporary folder with a random name does not look like a secret", () => {
  const names = Array.from({ length: 2000 }, () => randomBytes(12).toString("base64url"));
  const paths = names.flatMap((name) => [
    `/tmp/tokctl-test-${name.slice(0, 6)}/seed.yaml`,
    `file:/tmp/tmp.${name.slice(0, 10)}/token`,
    `/tmp/run-${name.slice(0, 6)}/config-${name.slice(6, 12)}`,
  ]);
  expect(paths.filter((path) => findSecretLike(path).length > 0)).toEqual([]);
});

const base64 = "q1Vd/+8rXAbcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOP==";
const urlSafe = "-_Ab3dEf6hIj9lMn0pQr3tUv6xYz9bCdEf2hIj5lMn8";

describe.each([base64, urlSafe, "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl"])(
  "the secret %s",
  (secret) => {
    test.each([
      secret,
      ` ${secret}\r\n`,
      `\ufeff${secret}`,
      `\u00a0${secret}\u200b`,
      `"${secret}"`,
      `'${secret}'`,
      `\`${secret}\``,
      `\u201c${secret}\u201d`,
      `"${secret}",`,
      `${secret},`,
      `${secret};`,
      `TOKEN=${secret}`,
      `TOKEN="${secret}"`,
      `TOKEN = '${secret}'`,
      `export TOKCTL_APP_TOKEN=${secret}`,
      `export TOKEN="${secret}";`,
      `set TOKEN=${secret}`,
      `$env:TOKEN = "${secret}"`,
      `"token": "${secret}"`,
      `"token": "${secret}",`,
      `{"token": "${secret}"}`,
      `{"id": "1", "name": "ci", "token": "${secret}"}`,
      `{"value": "${secret}", "version": 1}`,
      `token: ${secret}`,
      `token: "${secret}"`,
      `Access token: ${secret}`,
      `Bearer ${secret}`,
      `Authorization: Bearer ${secret}`,
      `authorization:bearer ${secret}`,
      `-H "Authorization: Bearer ${secret}"`,
      `'Authorization: Bearer ${secret}'`,
      `# from the console\nTOKEN=${secret}\n`,
      `${secret.slice(0, 20)}\n${secret.slice(20)}`,
      `${secret.slice(0, 20)}\r\n${secret.slice(20)}\r\n`,
      `TOKEN="${secret.slice(0, 9)}\n  ${secret.slice(9)}"`,
    ])("is read from %j", (text) => {
      expect(parsePastedSecret(text)).toBe(secret);
    });

    test.each([
      `${secret}\n${secret}`,
      `a ${secret}`,
      `${secret} b`,
      `URL=https://example.com\nTOKEN=${secret}`,
      `{"a": "${secret}", "b": "${secret}"}`,
      `{"token": 1}`,
      `["${secret}"]`,
      `${secret.slice(0, 9)}"${secret.slice(9)}`,
      `${secret}é`,
      "",
      '""',
      "TOKEN=",
    ])("can't be read from %j", (text) => {
      const parsed = parsePastedSecret(text);
      expect(parsed === undefined || parsed === "TOKEN=").toBe(true);
    });
  },
);
