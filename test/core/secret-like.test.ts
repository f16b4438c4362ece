import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { findSecretLike, maskSecretLike } from "../../src/core/secret-like.ts";

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
