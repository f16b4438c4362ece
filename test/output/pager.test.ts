import { describe, expect, test } from "vitest";
import { createWorld } from "../support/world.ts";

const terminal = { isTTY: true, columns: 120, rows: 6 };

/** Lists five tokens and returns the output in the pager and on stdout. */
async function list(line: string, options: Parameters<ReturnType<typeof createWorld>["run"]>[1]) {
  const world = createWorld();
  for (const name of ["a", "b", "c", "d", "e"]) await world.run(`token create ${name} -r read`);
  const pages: { readonly command: string; readonly text: string }[] = [];
  const outcome = await world.run(line, {
    stdout: terminal,
    page: async (command, text) => {
      pages.push({ command, text: [...text].join("") });
      return true;
    },
    ...options,
  });
  return { ...outcome, pages };
}

describe("a list at a terminal", () => {
  test.each([
    ["PAGER", { PAGER: "less -S" }],
    ["TOKCTL_PAGER before PAGER", { TOKCTL_PAGER: "less -S", PAGER: "more" }],
  ])("that is longer than the terminal goes through the pager of %s", async (_, env) => {
    const { code, stdout, pages } = await list("token list", { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(pages).toEqual([{ command: "less -S", text: expect.stringContaining("NAME") }]);
  });

  test.each([
    ["no pager is set", "token list", {}],
    ["the pager is cat", "token list", { env: { PAGER: "cat" } }],
    ["TOKCTL_PAGER is empty", "token list", { env: { TOKCTL_PAGER: "", PAGER: "less" } }],
    ["TERM is dumb", "token list", { env: { TERM: "dumb", PAGER: "less" } }],
    ["--no-pager is given", "token list --no-pager", { env: { PAGER: "less" } }],
    ["the output is JSON", "token list -o json", { env: { PAGER: "less" } }],
    ["-q is given", "token list -q", { env: { PAGER: "less" } }],
    ["the list fits", "token list --limit 2", { env: { PAGER: "less" } }],
    ["stdout is a pipe", "token list", { env: { PAGER: "less" }, stdout: {} }],
  ])("goes to stdout if %s", async (_, line, options) => {
    const { code, stdout, pages } = await list(line, options);
    expect(code).toBe(0);
    expect(stdout).not.toBe("");
    expect(pages).toEqual([]);
  });

  test("goes to stdout if the pager can't be started", async () => {
    const env = { PAGER: "no-such-pager" };
    const { code, stdout } = await list("token list", { env, page: async () => false });
    expect(code).toBe(0);
    expect(stdout).toContain("NAME");
  });
});
