import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { createPlaces, type Places } from "../support/places.ts";
import { createTerminal } from "../support/terminal.ts";

/** Whether a process exists, a zombie included. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const full = { write: () => Promise.reject(Object.assign(new Error(), { code: "ENOSPC" })) };

describe("a destination that fails", () => {
  test("is named with exit 9, and the others still receive the secret", async () => {
    const { create, at, read, owner } = createPlaces();
    const to = ["command:echo broken; exit 3", `file:${at("token")}`];
    const { code, stdout, stderr } = await create(to);
    expect(code).toBe(9);
    expect(await owner(read("token"))).toBe("ci");
    expect(stdout).toMatch(/^.*"ci" \(.*\) to file:\S+token\.\n$/);
    const { code: error, message, hint } = errorOf({ stderr });
    expect(error).toBe("partial");
    expect(message).toContain(to[1]);
    expect(hint).toMatch(/command:echo .*\b3\b.*\n\s+broken\n/);
    expect(hint).toMatch(/tokctl token renew [\da-f-]{36} --to/);
  });

  test.each([
    { why: "reads nothing", line: "exec <&-; exit 1" },
    { why: "is killed by a signal", line: "kill -9 $$" },
    { why: "prints it", line: "cat; exit 1" },
    { why: "prints it before a long line", line: "cat; printf '%4060s' x; exit 1" },
    { why: "prints it before several lines", line: "cat; printf '%4000s\\n%50s' x y; exit 1" },
  ])("does not show the secret, if it is a command that $why", async ({ line }) => {
    const { create, at, read } = createPlaces();
    const to = [`command:${line}`, `file:${at("token")}`];
    const { code, stdout, stderr } = await create(to, {}, ["-o", "json"]);
    expect(code).toBe(9);
    expect(stdout + stderr).not.toContain(read("token").slice(-8));
  });

  test.each(["s3cret", "s3cret:x", "clipboard:s3cret"])(
    "is not printed if it is invalid: %s",
    async (to) => {
      const { code, stderr } = await createPlaces().create([to]);
      expect(code).toBe(2);
      expect(stderr).not.toContain("s3cret");
    },
  );

  test("does not stop the others if its directory was deleted meanwhile", async () => {
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

  test("leaves no temporary file if it became a symbolic link meanwhile", async () => {
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
    expect(files()).toEqual([".env", "token", "token.tokctl.json"]);
    expect(read("token")).not.toContain("A=");
  });

  test("does not stop the others if the disk is full (ENOSPC)", async () => {
    const { create, at, read, owner } = createPlaces();
    const env = { GITHUB_ACTIONS: "true", GITHUB_ENV: "/dev/full" };
    const { code, stderr } = await create(["github-env:A", `file:${at("token")}`], { env });
    expect(code).toBe(9);
    expect(errorOf({ stderr }).hint).toMatch(/github-env:A\b.*ENOSPC/);
    expect(await owner(read("token"))).toBe("ci");
  });

  test("is not written if it is GitHub's file and the mask can't be printed", async () => {
    const { create, github, read, at, owner } = createPlaces();
    const to = ["github-env:A", "github-output:A", `file:${at("token")}`];
    const { code, stderr } = await create(to, { env: github(), stdout: full });
    expect(code).toBe(9);
    expect(errorOf({ stderr }).hint?.match(/github-(env|output):A\b.*ENOSPC/g)).toHaveLength(2);
    expect(read("runner")).toBe("");
    expect(await owner(read("token"))).toBe("ci");
  });
});

describe.each(["ovh-ai", "osmo"])("if every destination fails for a secret of %s", (api) => {
  const createLine =
    api === "osmo" ? "token create ci -u other-user@example.com" : "token create ci -r read";
  const owner = api === "osmo" ? " -u other-user@example.com" : "";
  const nowhere = ["--to", "command:exit 7"];
  const names = async (world: Places) =>
    (await world.json(`token list${owner}`)).map(({ name }: { name: string }) => name);

  test("the new token is deleted", async () => {
    const places = createPlaces(api);
    const before = await names(places);
    const { code, stdout, stderr } = await places.run([...createLine.split(" "), ...nowhere]);
    expect({ code, stdout }).toEqual({ code: 9, stdout: "" });
    const { code: error, message, hint } = errorOf({ stderr });
    expect(error).toBe("partial");
    expect(message).toContain('"ci"');
    expect(hint).toMatch(/command:exit .*\b7\b/);
    expect(await names(places)).toEqual(before);
  });

  test("the delete command is printed if the new token can't be deleted", async () => {
    const places = createPlaces(api);
    const { code, stderr } = await places.run([...createLine.split(" "), ...nowhere], {
      fetch: async (url, init) =>
        init.method === "DELETE"
          ? new Response("{}", { status: 503 })
          : places.sandbox.request(url, init),
    });
    expect(code).toBe(9);
    expect(errorOf({ stderr }).hint).toMatch(new RegExp(`tokctl token delete \\S+${owner}$`, "m"));
    expect(await names(places)).toContain("ci");
  });

  test("a renewed token is kept, and the renew command is printed", async () => {
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

  test("the secret is shown at a terminal, and only there", async () => {
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
    expect(errorOf({ stderr }).code).toBe("partial");
    expect(stderr).not.toContain(secret);
    expect(await names(places)).toContain("ci");
  });

  test("the secret is not shown in CI", async () => {
    const places = createPlaces(api);
    const { terminal, screen } = createTerminal();
    await places.run([...createLine.split(" "), ...nowhere], { terminal, env: { CI: "true" } });
    expect(screen()).toBe("");
    expect(await names(places)).not.toContain("ci");
  });
});

describe("^C during the delivery", () => {
  /** Runs with a command that never ends, and presses ^C once it has started. */
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

  test("stops a command, and the other destinations still receive the secret", async () => {
    const { code, stderr, pid, read, owner } = await interrupted(({ at }) => [
      `file:${at("token")}`,
    ]);
    expect(code).toBe(130);
    expect(errorOf({ stderr }).hint).toContain("command:echo");
    expect(await owner(read("token"))).toBe("ci");
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test("starts no other command, and deletes the undelivered token", async () => {
    const { code, files, json } = await interrupted(({ at }) => [`command:>'${at("x")}'`]);
    expect(code).toBe(130);
    expect(files()).toEqual(["waits"]);
    expect(await json("token list")).toEqual([]);
  });
});
