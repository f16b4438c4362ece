import { lstatSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createHome } from "../support/home.ts";
import type { RunOptions } from "../support/outcome.ts";

const file = "profiles/one.json.lock";
const self = { id: 1234, machine: "here", startTime: "7" };

/** A home with a locked profile, and a command that changes it. */
function createLocked(text: string) {
  const home = createHome();
  home.keep("one", { provider: "ovh-cloud" });
  symlinkSync(text, home.path(file));
  const change = (options?: RunOptions) =>
    home.run("profile set -p one project p1", { process: self, ...options });
  const project = () => JSON.parse(home.read("profiles/one.json")).project;
  return { ...home, change, project };
}

describe("a lock", () => {
  test("of a process that has exited is taken over immediately", async () => {
    const home = createLocked("99:5:5000:aa:here");
    const pauses: number[] = [];
    const { code } = await home.change({ sleep: (pause) => void pauses.push(pause) });
    expect({ code, project: home.project(), pauses }).toEqual({
      code: 0,
      project: "p1",
      pauses: [],
    });
    expect(home.files("profiles")).toEqual(["one.json"]);
  });

  test("of a running process is never removed: exit 6, and nothing is changed", async () => {
    const home = createLocked("99:5:5000:aa:here");
    const { code, stderr } = await home.change({ isRunning: () => true });
    expect({ code, project: home.project() }).toEqual({ code: 6, project: undefined });
    expect(stderr).toContain(home.path(file));
    expect(readlinkSync(home.path(file))).toBe("99:5:5000:aa:here");
  });

  test("is taken over if another process has its process id now", async () => {
    const home = createLocked("99:5:5000:aa:here");
    const { code } = await home.change({ isRunning: ({ startTime }) => startTime !== "5" });
    expect(code).toBe(0);
  });

  test.each([
    ["a process on another machine", "99:5:2000:aa:elsewhere"],
    ["a process with an unknown start time", "99::2000:aa:here"],
  ])("of %s is respected for the time that its holder set", async (_, text) => {
    const home = createLocked(text);
    let waited = 0;
    const seen: boolean[] = [];
    const { code } = await home.change({
      isRunning: () => true,
      sleep(pause) {
        waited += pause;
        if (waited <= 2000) seen.push(lstatSync(home.path(file)).isSymbolicLink());
      },
    });
    expect({ code, project: home.project() }).toEqual({ code: 0, project: "p1" });
    expect(waited).toBeGreaterThan(2000);
    expect(new Set(seen)).toEqual(new Set([true]));
  });

  test("that tokctl did not write does not block forever", async () => {
    const home = createHome();
    home.keep("one", { provider: "ovh-cloud" });
    writeFileSync(home.path(file), "");
    expect((await home.run("profile set -p one project p1")).code).toBe(0);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])("is not waited for after %s", async (signal, code) => {
    const home = createLocked("99:5:5000:aa:here");
    const interrupt = new AbortController();
    const outcome = await home.change({
      isRunning: () => true,
      sleep: () => interrupt.abort(signal),
      interrupt: interrupt.signal,
    });
    expect({ code: outcome.code, project: home.project() }).toEqual({ code, project: undefined });
  });

  test("that a killed process held to remove another lock is removed, even if nobody has to wait", async () => {
    const home = createHome();
    home.keep("one", { provider: "ovh-cloud" });
    symlinkSync("98:5:5000:bb:here", home.path(`${file}.0123456789abcdef`));
    expect((await home.run("profile set -p one project p1")).code).toBe(0);
    expect(home.files("profiles")).toEqual(["one.json"]);
  });

  test("that a killed process held to remove another lock is removed after a wait", async () => {
    const home = createLocked("99:5:5000:aa:here");
    symlinkSync("98:5:5000:bb:here", home.path(`${file}.0123456789abcdef`));
    let running = true;
    const { code } = await home.change({
      isRunning: () => running,
      sleep: () => {
        running = false;
      },
    });
    expect(code).toBe(0);
    expect(home.files("profiles")).toEqual(["one.json"]);
  });
});

describe("a locked credential", () => {
  test.each(["login", "logout"])("is not changed by %s: exit 6", async (line) => {
    const home = createHome();
    await home.login("-p one");
    const before = home.read("credentials/one.json");
    symlinkSync("99:5:5000:aa:here", home.path("credentials/one.json.lock"));
    const options = { isRunning: () => true, process: self };
    const words = line === "login" ? "-p one" : "";
    const { code } =
      line === "login"
        ? await home.login(words, options)
        : await home.run("logout -p one", options);
    expect(code).toBe(6);
    expect(home.read("credentials/one.json")).toBe(before);
  });
});
