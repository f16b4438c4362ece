import { expect, test } from "vitest";
import { createWorld } from "./support/world.ts";

const fetch = async (): Promise<never> => {
  const error = new TypeError("it quotes s3cr3t");
  Object.assign(error, { code: undefined });
  throw error;
};

test.each([["token list"], ["token list --debug"], ["token list -o json"]])(
  "whatever `%s` meets, an unforeseen error's own words are not shown",
  async (line) => {
    const { code, stdout, stderr } = await createWorld().run(line, { fetch });
    expect(code).not.toBe(0);
    expect(stdout + stderr).not.toContain("s3cr3t");
  },
);

test("a bug is exit 1, and --debug says where it was met, without its words", async () => {
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
