import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { createPlaces, type Places } from "../support/places.ts";
import { createTerminal } from "../support/terminal.ts";

/** Whether a process is there, or was not waited for yet. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const full = { write: () => Promise.reject(Object.assign(new Error(), { code: "ENOSPC" })) };

describe("if a place does not take it", () => {
  test("the others still get it, and exit 9 says which", async () => {
    const { create, at, read, owner } = createPlaces();
    const to = ["command:echo broken; exit 3", `file:${at("token")}`];
    const { code, stdout, stderr } = await create(to);
    expect(code).toBe(9);
    expect(await owner(read("token"))).toBe("ci");
    expect(stdout).toMatch(/^sent "ci" \(.*\) to file:\S+token\n$/);
    expect(stderr).toContain(`did not go everywhere: it is in ${to[1]}.`);
    expect(stderr).toContain("exit code 3.\n  broken\n");
    expect(stderr).toMatch(/tokctl token renew [\da-f-]{36} --to/);
  });

  test.each([
    { why: "reads nothing", line: "exec <&-; exit 1" },
    { why: "is ended by a signal", line: "kill -9 $$" },
    { why: "repeats it", line: "cat; exit 1" },
    { why: "repeats it before very much", line: "cat; printf '%4060s' x; exit 1" },
    { why: "repeats it before many lines", line: "cat; printf '%4000s\\n%50s' x y; exit 1" },
  ])("as a command that $why, the secret is not shown", async ({ line }) => {
    const { create, at, read } = createPlaces();
    const to = [`command:${line}`, `file:${at("token")}`];
    const { code, stdout, stderr } = await create(to, {}, ["-o", "json"]);
    expect(code).toBe(9);
    expect(stdout + stderr).not.toContain(read("token").slice(-8));
  });

  test.each(["s3cret", "s3cret:x", "clipboard:s3cret"])("%s is not repeated", async (to) => {
    const { code, stderr } = await createPlaces().create([to]);
    expect(code).toBe(2);
    expect(stderr).not.toContain("s3cret");
  });

  test("because it vanished meanwhile, the others still get it", async () => {
    const { create, at, read, owner, sandbox } = createPlaces();
    mkdirSync(at("gone"));
    const { code, stderr } = await create(
      [`env-file:${at("gone")}/.env#A`, `file:${at("token")}`],
      {
        fetch: async (url, init) => {
          if (init.method === "POST") rmSync(at("gone"), { recursive: true });
          return sandbox.request(url, init);
        },
      },
    );
    expect(code).toBe(9);
    expect(stderr).toContain("ENOENT");
    expect(await owner(read("token"))).toBe("ci");
  });

  test("because it has changed for the worse, what was made beside it is gone, too", async () => {
    const { create, at, read, files, sandbox } = createPlaces();
    const to = [`env-file:${at(".env")}#A`, `file:${at("token")}`];
    const { code, stderr } = await create(to, {
      fetch: async (url, init) => {
        if (init.method === "POST") symlinkSync(at("token"), at(".env"));
        return sandbox.request(url, init);
      },
    });
    expect(code).toBe(9);
    expect(stderr).toContain("symbolic link");
    expect(files()).toEqual([".env", "token"]);
    expect(read("token")).not.toContain("A=");
  });

  test("because a disk is full, exit 9 says so", async () => {
    const { create, at, read, owner } = createPlaces();
    const env = { GITHUB_ACTIONS: "true", GITHUB_ENV: "/dev/full" };
    const { code, stderr } = await create(["github-env:A", `file:${at("token")}`], { env });
    expect(code).toBe(9);
    expect(stderr).toMatch(/github-env:A: .*ENOSPC.*disk is full/s);
    expect(await owner(read("token"))).toBe("ci");
  });

  test("because it can't be masked, GitHub's file does not get it", async () => {
    const { create, github, read, at, owner } = createPlaces();
    const to = ["github-env:A", "github-output:A", `file:${at("token")}`];
    const { code, stderr } = await create(to, { env: github(), stdout: full });
    expect(code).toBe(9);
    expect(stderr.match(/can't be told to hide/g)).toHaveLength(2);
    expect(read("runner")).toBe("");
    expect(await owner(read("token"))).toBe("ci");
  });
});

describe.each(["ovh-ai", "osmo"])("if no place takes a secret of %s", (api) => {
  const createLine =
    api === "osmo" ? "token create ci -u other-user@example.com" : "token create ci -r read";
  const owner = api === "osmo" ? " -u other-user@example.com" : "";
  const nowhere = ["--to", "command:exit 7"];
  const names = async (world: Places) =>
    (await world.json(`token list${owner}`)).map(({ name }: { name: string }) => name);

  test("a new token is deleted again", async () => {
    const places = createPlaces(api);
    const before = await names(places);
    const { code, stdout, stderr } = await places.run([...createLine.split(" "), ...nowhere]);
    expect({ code, stdout }).toEqual({ code: 9, stdout: "" });
    expect(stderr).toContain("the new token was deleted again");
    expect(stderr).toContain("exit code 7");
    expect(await names(places)).toEqual(before);
  });

  test("a new token that can't be deleted is named", async () => {
    const places = createPlaces(api);
    const { code, stderr } = await places.run([...createLine.split(" "), ...nowhere], {
      fetch: async (url, init) =>
        init.method === "DELETE"
          ? new Response("{}", { status: 503 })
          : places.sandbox.request(url, init),
    });
    expect(code).toBe(9);
    expect(stderr).toMatch(
      new RegExp(`lost, but the token is still there.*token delete \\S+${owner}\n`, "s"),
    );
    expect(await names(places)).toContain("ci");
  });

  test("a renewed token is kept, and how to renew it again is said", async () => {
    const places = createPlaces(api);
    await places.run(createLine);
    const { code, stdout, stderr } = await places.run([
      ...`token renew ci${owner} -o json`.split(" "),
      ...nowhere,
    ]);
    expect(code).toBe(9);
    expect(JSON.parse(stdout)).toMatchObject({ name: "ci", deliveries: [{ delivered: false }] });
    expect(stderr).toMatch(new RegExp(`tokctl token renew \\S+${owner} --to`));
    expect(await names(places)).toContain("ci");
  });

  test("it is shown at a terminal, and only there", async () => {
    const places = createPlaces(api);
    const { terminal, screen } = createTerminal();
    const { code, stdout, stderr } = await places.run(
      [...createLine.split(" "), ...nowhere, "-q"],
      {
        terminal,
      },
    );
    const secret = screen().trim();
    expect(secret).toMatch(/^[\x21-\x7e]{20,}$/);
    expect({ code, stdout }).toEqual({ code: 9, stdout: "" });
    expect(stderr).toContain("No place took");
    expect(stderr).not.toContain(secret);
    expect(await names(places)).toContain("ci");
  });

  test("it is not shown in CI", async () => {
    const places = createPlaces(api);
    const { terminal, screen } = createTerminal();
    await places.run([...createLine.split(" "), ...nowhere], { terminal, env: { CI: "true" } });
    expect(screen()).toBe("");
    expect(await names(places)).not.toContain("ci");
  });
});

describe("^C while it is handed over", () => {
  /** Runs with a command that waits for good, and ^C once it does. */
  async function interrupted(to: (places: Places) => readonly string[]) {
    const places = createPlaces();
    const interrupt = new AbortController();
    execFileSync("mkfifo", [places.at("waits")]);
    const waiting = `command:echo $$ >'${places.at("waits")}'; exec sleep 1000`;
    const ended = places.create([waiting, ...to(places)], { interrupt: interrupt.signal });
    const pid = Number(await readFile(places.at("waits")));
    interrupt.abort("SIGINT");
    return { ...places, pid, ...(await ended) };
  }

  test("stops a command, and the other places still get it", async () => {
    const { code, stderr, pid, read, owner } = await interrupted(({ at }) => [
      `file:${at("token")}`,
    ]);
    expect(code).toBe(130);
    expect(stderr).toContain("the command was stopped");
    expect(await owner(read("token"))).toBe("ci");
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test("starts no other command, and leaves no token behind that nobody has", async () => {
    const { code, stderr, files, json } = await interrupted(({ at }) => [`command:>'${at("x")}'`]);
    expect(code).toBe(130);
    expect(stderr).toContain("the new token was deleted again");
    expect(files()).toEqual(["waits"]);
    expect(await json("token list")).toEqual([]);
  });
});
