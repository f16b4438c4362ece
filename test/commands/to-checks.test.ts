import { mkdirSync, statSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createPlaces } from "../support/places.ts";

describe("before anything is sent", () => {
  const root = process.getuid?.() === 0;
  test.each<{ why: string; to: readonly string[]; says: RegExp; env?: Record<string, string> }>([
    { why: "an unknown kind", to: ["paper:x"], says: /no such kind.*gitlab-dotenv:PATH#KEY/s },
    { why: "nothing", to: [""], says: /no such kind/ },
    { why: "a kind without a place", to: ["file"], says: /written file:PATH/ },
    { why: "an empty place", to: ["command:"], says: /written command:CMD/ },
    { why: "a clipboard with a name", to: ["clipboard:x"], says: /written clipboard/ },
    { why: "stdout", to: ["file:-"], says: /stdout is where the secret goes without --to/ },
    { why: "a tilde", to: ["file:~/x"], says: /"\$HOME\/x"/ },
    { why: "no folder", to: ["file:DIR/no/x"], says: /ENOENT.*folder/s },
    { why: "a file for a folder", to: ["file:/dev/null/x"], says: /ENOTDIR.*folder/s },
    { why: "a folder", to: ["file:DIR"], says: /EEXIST.*--force/s },
    { why: "a folder by another name", to: ["file:DIR/"], says: /Name a file in it/ },
    { why: "a name that is too long", to: [`file:DIR/${"x".repeat(300)}`], says: /ENAMETOOLONG/ },
    { why: "a huge path", to: [`env-file:DIR/${"x/".repeat(5000)}x#A`], says: /ENAMETOOLONG/ },
    { why: "a link", to: ["file:DIR/link"], says: /EEXIST/ },
    { why: "a .env file that is a link", to: ["env-file:DIR/link#A"], says: /symbolic link/ },
    { why: "a .env file that is a folder", to: ["env-file:DIR#A"], says: /EISDIR/ },
    { why: "a .env file that is a device", to: ["env-file:/dev/full#A"], says: /no file/ },
    { why: "a .env file in UTF-16", to: ["env-file:DIR/utf16#A"], says: /UTF-8/ },
    { why: "no variable", to: ["env-file:DIR/.env"], says: /followed by #/ },
    { why: "no file", to: ["env-file:#A"], says: /followed by #/ },
    { why: "an empty variable", to: ["env-file:DIR/.env#"], says: /"" can't name a variable/ },
    { why: "a strange variable", to: ["gitlab-dotenv:DIR/.env#A-B"], says: /"A-B" can't name/ },
    { why: "a report with a comment", to: ["gitlab-dotenv:DIR/odd#A"], says: /line 2 is not/ },
    { why: "no runner", to: ["github-env:A"], says: /GITHUB_ACTIONS/ },
    {
      why: "a runner without the file's name",
      to: ["github-output:A"],
      env: { GITHUB_ACTIONS: "true" },
      says: /GITHUB_OUTPUT/,
    },
    {
      why: "a runner's file that is not there",
      to: ["github-env:A"],
      env: { GITHUB_ACTIONS: "true", GITHUB_ENV: "/no/such" },
      says: /ENOENT/,
    },
    {
      why: "a variable of the runner's",
      to: ["github-env:GITHUB_TOKEN"],
      says: /keeps GITHUB_TOKEN/,
    },
    { why: "a strange variable of a job", to: ["github-env:A=B"], says: /"A=B" can't name/ },
    { why: "a strange output", to: ["github-output:1\nA=2"], says: /can't name an output/ },
    {
      why: "no desktop",
      to: ["clipboard"],
      says: /no desktop/,
      env: { DISPLAY: "", WAYLAND_DISPLAY: "" },
    },
    {
      why: "no program for the clipboard",
      to: ["clipboard"],
      env: { DISPLAY: ":0", WAYLAND_DISPLAY: "", PATH: "/nowhere" },
      says: /Install one of xclip, xsel/,
    },
    { why: "no such command", to: ["command:no-such-program -x"], says: /"no-such-program"/ },
    { why: "a command that is no shell", to: ['command:cat "'], says: /shell can't read it/ },
    { why: "a place twice", to: ["command:cat", "command:cat"], says: /given twice/ },
    { why: "a file twice", to: ["file:DIR/x", "file:DIR/./x"], says: /write over each other/ },
    {
      why: "a variable twice",
      to: ["env-file:DIR/x#A", "gitlab-dotenv:DIR/./x#A"],
      says: /write over each other/,
    },
    { why: "a file of two kinds", to: ["env-file:DIR/x#A", "file:DIR/x"], says: /write over/ },
    {
      why: "one of several",
      to: ["file:DIR/x", "env-file:DIR/y#A", "file:DIR/no/z"],
      says: /ENOENT/,
    },
    ...(root
      ? []
      : [{ why: "a folder to read", to: ["file:DIR/locked/x"], says: /EACCES.*permissions/s }]),
  ])("$why is refused, and leaves nothing behind", async ({ to, says, env }) => {
    const { create, renew, requests, at, write, files } = createPlaces();
    symlinkSync("/dev/null", at("link"));
    write("odd", "A=1\n\n");
    write("utf16", Buffer.from("A=1\n", "utf16le").toString("latin1"));
    mkdirSync(at("locked"), { mode: 0o500 });
    const before = files();
    const places = to.map((place) => place.replace("DIR", at("")));
    const created = await create(places, { env: { ...env } });
    const renewed = await renew(places, { env: { ...env } });
    expect([created.code, renewed.code]).toEqual([2, 2]);
    expect(created.stderr).toMatch(says);
    expect(requests).toEqual([]);
    expect(files()).toEqual(before);
  });

  test("--force replaces neither a link, nor a folder, nor a device", async () => {
    const { create, requests, at } = createPlaces();
    symlinkSync("/dev/null", at("link"));
    for (const path of [at("link"), at(""), "/dev/full"])
      expect(await create([`file:${path}`], {}, ["--force"])).toMatchObject({ code: 2 });
    expect(requests).toEqual([]);
    expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
  });

  test("a lookup that fails leaves no file behind", async () => {
    const { renew, at, files } = createPlaces();
    expect(await renew([`file:${at("x")}`, `env-file:${at("y")}#A`])).toMatchObject({ code: 3 });
    expect(files()).toEqual([]);
  });
});
