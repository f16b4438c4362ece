import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  createWholeFile,
  overwriteFile,
  replaceFile,
  stageNewFile,
  stageReplacement,
} from "../../src/config/atomic-file.ts";
import { openFilesIn } from "../support/open-files.ts";

let folder: string;
const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name), "utf8");
const mode = (name: string) => statSync(at(name)).mode & 0o777;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tokctl-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

describe("replaceFile", () => {
  test("creates a file with mode 0600", () => {
    replaceFile(at("file"), "new", { temporary: at("temporary") });
    expect(read("file")).toBe("new");
    expect(mode("file")).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("replaces a file with a new one", () => {
    writeFileSync(at("file"), "old");
    const { ino } = statSync(at("file"));
    replaceFile(at("file"), "new", { temporary: at("temporary"), mode: 0o640 });
    expect(read("file")).toBe("new");
    expect(mode("file")).toBe(0o640);
    expect(statSync(at("file")).ino).not.toBe(ino);
  });

  test("leaves no temporary and no open file behind if the path is a folder", () => {
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), "tokctl-test-"));
    const path = mkdtempSync(join(folder, "sub"));
    writeFileSync(join(path, "x"), "");
    expect(() => replaceFile(path, "new", { temporary: at("temporary") })).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/EISDIR|ENOTEMPTY|EEXIST/) }),
    );
    expect(existsSync(at("temporary"))).toBe(false);
    expect(openFilesIn(folder)).toEqual([]);
  });
});

describe("stageReplacement", () => {
  test("changes nothing before commit and after discard", () => {
    writeFileSync(at("file"), "old");
    const staged = stageReplacement(at("file"), { temporary: at("temporary"), reserve: 100 });
    expect(read("file")).toBe("old");
    expect(statSync(at("temporary")).size).toBe(100);
    staged.discard();
    expect(read("file")).toBe("old");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("writes exactly the content, however much was reserved", () => {
    const staged = stageReplacement(at("file"), { temporary: at("temporary"), reserve: 100 });
    staged.commit("new");
    expect(read("file")).toBe("new");
  });

  test("overwrites the file if no other file can take its place", () => {
    writeFileSync(at("file"), "old");
    const { ino } = statSync(at("file"));
    // A file of another file system can't be renamed to the path.
    const temporary = mkdtempSync("/dev/shm/tokctl-test-");
    onTestFinished(() => rmSync(temporary, { recursive: true }));
    const staged = stageReplacement(at("file"), {
      temporary: join(temporary, "temporary"),
      overwriteMode: 0o600,
    });
    staged.commit("new");
    expect(read("file")).toBe("new");
    expect(statSync(at("file")).ino).toBe(ino);
    expect(mode("file")).toBe(0o600);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

test("stageNewFile does not change an existing file", () => {
  writeFileSync(at("file"), "old");
  expect(() => stageNewFile(at("file"))).toThrow(expect.objectContaining({ code: "EEXIST" }));
  expect(read("file")).toBe("old");
  expect(openFilesIn(folder)).toEqual([]);
});

test("of several writers, createWholeFile lets one create the file", () => {
  expect(createWholeFile(at("file"), "first", at("1.tmp"))).toBe(true);
  expect(createWholeFile(at("file"), "second", at("2.tmp"))).toBe(false);
  expect(read("file")).toBe("first");
  expect(readdirSync(folder)).toEqual(["file"]);
});

describe("overwriteFile", () => {
  test("shortens a longer file and keeps its mode", () => {
    writeFileSync(at("file"), "a longer text");
    chmodSync(at("file"), 0o644);
    overwriteFile(at("file"), "new");
    expect(read("file")).toBe("new");
    expect(mode("file")).toBe(0o644);
  });

  test("does not follow a symbolic link", () => {
    writeFileSync(at("file"), "old");
    symlinkSync(at("file"), at("link"));
    expect(() => overwriteFile(at("link"), "new")).toThrow(
      expect.objectContaining({ code: "ELOOP" }),
    );
    expect(read("file")).toBe("old");
  });

  test("refuses a device, which it closes", () => {
    expect(() => overwriteFile("/dev/full", "new")).toThrow(
      expect.objectContaining({ code: "EINVAL" }),
    );
    expect(openFilesIn("/dev/full")).toEqual([]);
  });
});
