import { describe, expect, test } from "vitest";
import { createWorld } from "./support/world.ts";

const fetch = async (): Promise<never> => {
  const error = new TypeError("it quotes s3cr3t");
  Object.assign(error, { code: undefined });
  throw error;
};

test.each([["token list"], ["token list --debug"], ["token list -o json"]])(
  "`%s` does not show the message of an unexpected error",
  async (line) => {
    const { code, stdout, stderr } = await createWorld().run(line, { fetch });
    expect(code).not.toBe(0);
    expect(stdout + stderr).not.toContain("s3cr3t");
  },
);

test("a bug is exit 1, and --debug shows the stack without the message", async () => {
  const { run } = createWorld();
  const stdout = {
    write: async () => {
      throw new TypeError("it quotes s3cr3t");
    },
  };
  const { code, stderr } = await run("token list -o json", { stdout });
  expect(code).toBe(1);
  expect(stderr).not.toMatch(/s3cr3t| at /);
  const debugged = await run("token list -o json --debug", { stdout });
  expect(debugged.stderr).toMatch(/^ +at .*main\.test\.ts/m);
  expect(debugged.stderr).not.toContain("s3cr3t");
});

test("--debug shows a server's headers with their control characters visible", async () => {
  const { stderr } = await createWorld().run("token list --debug", {
    fetch: async () => new Response("[]", { headers: { "x-request-id": "\u009b31mred" } }),
  });
  expect(stderr).toContain("\\x9b31mred");
  expect(stderr).not.toContain("\u009b");
});

describe("a closed stderr", () => {
  const stderr = {
    write: async () => {
      throw Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    },
  };

  test("does not prevent a deletion", async () => {
    const world = createWorld();
    await world.json("token create sandbox-operator -r read");
    expect(await world.run("token delete sandbox-operator", { stderr })).toMatchObject({ code: 0 });
    expect(await world.json("token list")).toEqual([]);
  });

  test("does not change the exit code", async () => {
    const { run } = createWorld();
    expect((await run("token create ci -r read", { stderr })).code).toBe(0);
    expect((await run("token delete nosuch ci -y", { stderr })).code).toBe(9);
    expect((await run("token get nosuch", { stderr })).code).toBe(3);
  });
});

test("a credential in a server's response is not shown", async () => {
  const fetch = async () =>
    Response.json({ message: "no such token: secret-secret" }, { status: 401 });
  for (const format of ["text", "json"]) {
    const { code, stderr } = await createWorld().run(
      ["token", "list", "--debug", "-o", format, "--app-token", "secret-secret"],
      { fetch },
    );
    expect(code).toBe(4);
    expect(stderr).toContain("no such token: •••");
    expect(stderr).not.toContain("secret-secret");
  }
});

test("the version is shown after a command too", async () => {
  const { run } = createWorld();
  expect((await run("token list --version")).stdout).toBe((await run("-V")).stdout);
});

test("a token can be deleted without access to the owner of the credential", async () => {
  const world = createWorld();
  await world.json("token create leaked -r read");
  const { code } = await world.run("token delete leaked", {
    fetch: async (url, init) =>
      url.endsWith("/v1/me")
        ? Response.json({ message: "forbidden" }, { status: 403 })
        : world.sandbox.request(url, init),
  });
  expect(code).toBe(0);
  expect(await world.json("token list")).toEqual([]);
});
