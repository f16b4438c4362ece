import { mkdirSync, statSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { createPlaces } from "../support/places.ts";

describe("before anything is sent", () => {
  const root = process.getuid?.() === 0;
  test.each<{ why: string; to: readonly string[]; names: RegExp; env?: Record<string, string> }>([
    { why: "an unknown kind", to: ["paper:x"], names: /gitlab-dotenv:PATH#KEY/ },
    { why: "an empty destination", to: [""], names: /gitlab-dotenv:PATH#KEY/ },
    { why: "a kind without a path", to: ["file"], names: /file:PATH/ },
    { why: "an empty command", to: ["command:"], names: /command:CMD/ },
    { why: "a clipboard with a name", to: ["clipboard:x"], names: /clipboard/ },
    { why: "stdout", to: ["file:-"], names: /stdout/ },
    { why: "a tilde", to: ["file:~/x"], names: /"\$HOME\/x"/ },
    { why: "a missing directory", to: ["file:DIR/no/x"], names: /ENOENT/ },
    { why: "a file as directory", to: ["file:/dev/null/x"], names: /ENOTDIR/ },
    { why: "a directory", to: ["file:DIR"], names: /EEXIST.*--force/s },
    { why: "a directory with a slash", to: ["file:DIR/"], names: /file:\S+\// },
    { why: "a name that is too long", to: [`file:DIR/${"x".repeat(300)}`], names: /ENAMETOOLONG/ },
    { why: "a huge path", to: [`env-file:DIR/${"x/".repeat(5000)}x#A`], names: /ENAMETOOLONG/ },
    { why: "a symbolic link", to: ["file:DIR/link"], names: /EEXIST/ },
    {
      why: "a .env file that is a symbolic link",
      to: ["env-file:DIR/link#A"],
      names: /symbolic link/,
    },
    { why: "a .env file that is a directory", to: ["env-file:DIR#A"], names: /EISDIR/ },
    { why: "a .env file that is a device", to: ["env-file:/dev/full#A"], names: /\/dev\/full/ },
    { why: "a .env file in UTF-16", to: ["env-file:DIR/utf16#A"], names: /UTF-8/ },
    { why: "no variable", to: ["env-file:DIR/.env"], names: /#/ },
    { why: "no file", to: ["env-file:#A"], names: /env-file:#A/ },
    { why: "an empty variable", to: ["env-file:DIR/.env#"], names: /""/ },
    { why: "an invalid variable name", to: ["gitlab-dotenv:DIR/.env#A-B"], names: /"A-B"/ },
    { why: "a report with a comment", to: ["gitlab-dotenv:DIR/odd#A"], names: /\bline 2\b/ },
    { why: "no runner", to: ["github-env:A"], names: /GITHUB_ACTIONS/ },
    {
      why: "a runner without the variable of its file",
      to: ["github-output:A"],
      env: { GITHUB_ACTIONS: "true" },
      names: /GITHUB_OUTPUT/,
    },
    {
      why: "a missing file of the runner",
      to: ["github-env:A"],
      env: { GITHUB_ACTIONS: "true", GITHUB_ENV: "/no/such" },
      names: /ENOENT/,
    },
    {
      why: "a reserved variable of the runner",
      to: ["github-env:GITHUB_TOKEN"],
      names: /GITHUB_TOKEN/,
    },
    { why: "an invalid variable name of a job", to: ["github-env:A=B"], names: /"A=B"/ },
    { why: "an invalid output name", to: ["github-output:1\nA=2"], names: /"1\\x0aA=2"/ },
    {
      why: "no desktop",
      to: ["clipboard"],
      names: /WAYLAND_DISPLAY/,
      env: { DISPLAY: "", WAYLAND_DISPLAY: "" },
    },
    {
      why: "no program for the clipboard",
      to: ["clipboard"],
      env: { DISPLAY: ":0", WAYLAND_DISPLAY: "", PATH: "/nowhere" },
      names: /xclip, xsel/,
    },
    { why: "no such command", to: ["command:no-such-program -x"], names: /"no-such-program"/ },
    { why: "a shell syntax error", to: ['command:cat "'], names: /sh -n/ },
    { why: "a destination given twice", to: ["command:cat", "command:cat"], names: /command:cat/ },
    {
      why: "a file twice",
      to: ["file:DIR/x", "file:DIR/./x"],
      names: /file:\S+\/x\b.*file:\S+\/\.\/x\b/,
    },
    {
      why: "a variable twice",
      to: ["env-file:DIR/x#A", "gitlab-dotenv:DIR/./x#A"],
      names: /env-file:\S+x#A.*gitlab-dotenv:\S+x#A/,
    },
    {
      why: "a file of two kinds",
      to: ["env-file:DIR/x#A", "file:DIR/x"],
      names: /env-file:\S+x#A.*file:\S+x\b/,
    },
    {
      why: "one of several",
      to: ["file:DIR/x", "env-file:DIR/y#A", "file:DIR/no/z"],
      names: /ENOENT/,
    },
    ...(root ? [] : [{ why: "a read-only directory", to: ["file:DIR/locked/x"], names: /EACCES/ }]),
  ])("$why is refused, and leaves nothing behind", async ({ to, names, env }) => {
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
    expect(errorOf(created).code).toBe("usage");
    expect(created.stderr).toMatch(names);
    expect(requests).toEqual([]);
    expect(files()).toEqual(before);
  });

  test("--force does not replace a symbolic link, a directory or a device", async () => {
    const { create, requests, at } = createPlaces();
    symlinkSync("/dev/null", at("link"));
    for (const path of [at("link"), at(""), "/dev/full"])
      expect(await create([`file:${path}`], {}, ["--force"])).toMatchObject({ code: 2 });
    expect(requests).toEqual([]);
    expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
  });

  test("an unknown token leaves no file behind", async () => {
    const { renew, at, files } = createPlaces();
    expect(await renew([`file:${at("x")}`, `env-file:${at("y")}#A`])).toMatchObject({ code: 3 });
    expect(files()).toEqual([]);
  });
});
