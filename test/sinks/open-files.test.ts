import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { parse as parseEnvFile } from "../../src/sinks/env-file.ts";
import { parse as parseFile } from "../../src/sinks/file.ts";
import { parseGithubEnv } from "../../src/sinks/github.ts";
import type { SinkContext } from "../../src/sinks/sink.ts";
import { openFilesIn } from "../support/open-files.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tokctl-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

let calls = 0;

const createContext = (changes: Partial<SinkContext> = {}): SinkContext => ({
  env: {},
  platform: "linux",
  randomBytes: (size) => new Uint8Array(size).fill(++calls),
  pipe: async () => ({ code: 0, output: "" }),
  force: false,
  mask: async () => {},
  withFileLock: (_, work) => work(),
  exec: async () => ({ code: 0, stdout: "", stderr: "" }),
  stdout: { write: async () => {} },
  ...changes,
});

const secret = new Secret("a-secret-of-a-test");
const failure = () => Promise.reject(Object.assign(new Error(), { code: "EPIPE" }));

describe("github-env closes the runner's file", () => {
  const prepare = (changes: Partial<SinkContext>) => {
    const runner = join(folder, "runner");
    writeFileSync(runner, "");
    const env = { GITHUB_ACTIONS: "true", GITHUB_ENV: runner };
    return parseGithubEnv("TOKEN").prepare(createContext({ env, ...changes }));
  };

  test("if the secret can't be masked", async () => {
    const delivery = await prepare({ mask: failure });
    expect(openFilesIn(folder)).toHaveLength(1);
    await expect(delivery.deliver(secret, { id: "1" })).rejects.toMatchObject({ code: "EPIPE" });
    expect(openFilesIn(folder)).toEqual([]);
  });

  test("if the file can't be written", async () => {
    const env = { GITHUB_ACTIONS: "true", GITHUB_ENV: "/dev/full" };
    const delivery = await parseGithubEnv("TOKEN").prepare(createContext({ env }));
    await expect(delivery.deliver(secret, { id: "1" })).rejects.toMatchObject({ code: "ENOSPC" });
    expect(openFilesIn("/dev/full")).toEqual([]);
  });

  test("after a delivery", async () => {
    const delivery = await prepare({});
    await delivery.deliver(secret, { id: "1" });
    expect(openFilesIn(folder)).toEqual([]);
  });
});

describe.each([
  { kind: "file", force: false, files: 2, parse: () => parseFile(join(folder, "token")) },
  {
    kind: "file with --force",
    force: true,
    files: 2,
    parse: () => parseFile(join(folder, "token")),
  },
  {
    kind: "env-file",
    force: false,
    files: 1,
    parse: () => parseEnvFile(`${join(folder, ".env")}#TOKEN`),
  },
])("$kind", ({ force, files, parse }) => {
  const prepare = () => parse().prepare(createContext({ force }));

  test("reserves disk space before there is a secret, and removes it on discard", async () => {
    const delivery = await prepare();
    expect(openFilesIn(folder)).toHaveLength(files);
    await delivery.discard();
    expect(openFilesIn(folder)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("has no file open after a delivery", async () => {
    const delivery = await prepare();
    await delivery.deliver(secret, { id: "1" });
    expect(openFilesIn(folder)).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(files);
  });

  test("has no file open after a delivery that failed", async () => {
    const delivery = await prepare();
    rmSync(folder, { recursive: true });
    await expect(delivery.deliver(secret, { id: "1" })).rejects.toMatchObject({ code: "ENOENT" });
    await delivery.discard();
    expect(openFilesIn(folder)).toEqual([]);
  });
});

test("env-file closes a file that is not text", async () => {
  const path = join(folder, ".env");
  writeFileSync(path, "A=1\n\0");
  await expect(parseEnvFile(`${path}#TOKEN`).prepare(createContext())).rejects.toMatchObject({
    code: "usage",
  });
  expect(openFilesIn(folder)).toEqual([]);
});
