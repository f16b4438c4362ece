import { describe, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { createWorld } from "../support/world.ts";

const list = async (world: ReturnType<typeof createWorld>) =>
  (await world.json("token list")).map(({ name, roles }: { name: string; roles: string[] }) => [
    name,
    roles[0],
  ]);

describe("the order of arguments and options", () => {
  test.each([
    ["token create ci -r read"],
    ["token create -r read ci"],
    ["token create --role=read ci"],
    ["token set -rread ci"],
    ["token create --role read -- ci"],
    ["-o json token create --roles read ci"],
    ["token -o text create ci -r read -l a=b"],
  ])("`%s` creates the token ci", async (line) => {
    const world = createWorld();
    expect(await world.run(line)).toMatchObject({ code: 0 });
    expect(await list(world)).toEqual([["ci", "ai_training_read"]]);
  });

  test("a name after -- may look like an option", async () => {
    const world = createWorld();
    await world.run(["token", "create", "-r", "read", "--", "-r"]);
    expect(await list(world)).toEqual([["-r", "ai_training_read"]]);
  });

  test.each([
    ["token create ci -r read read"],
    ["token create -r read read -- ci"],
    ["token create ci -r read -r read"],
  ])("`%s` repeats the role, which counts once", async (line) => {
    const world = createWorld();
    expect(await world.run(line)).toMatchObject({ code: 0 });
    expect(await list(world)).toEqual([["ci", "ai_training_read"]]);
  });

  test.each([
    ["token create -r read a b"],
    ["token create a b -r read"],
    ["token create a b"],
    ["token create a -r read -- b"],
  ])("`%s` has two names: exit 2, and -- is suggested", async (line) => {
    const world = createWorld();
    const { code, stderr } = await world.run(line);
    expect(code).toBe(2);
    const { code: error, message, hint } = errorOf({ stderr });
    expect(error).toBe("usage");
    for (const name of ['"a"', '"b"']) expect(message).toContain(name);
    expect(hint).toMatch(/ -- /);
    expect(world.requests).toEqual([]);
  });
});

describe("global options", () => {
  test.each([
    ["-o yaml token list -o json", "[]\n"],
    ["token list -o json -t yaml", "[]\n"],
    ["token list -t text -o json", "[]\n"],
    ["token list --format-type json --output text", ""],
    ["token list -o text --format-type=json", "[]\n"],
  ])("`%s`: the last format is used", async (line, stdout) => {
    expect(await createWorld().run(line)).toEqual({ code: 0, stdout, stderr: "" });
  });

  test("TOKCTL_OUTPUT is the default, and an invalid value is refused", async () => {
    const { run } = createWorld();
    expect(await run("token list", { env: { TOKCTL_OUTPUT: "json" } })).toMatchObject({
      stdout: "[]\n",
    });
    expect(await run("token list", { env: { TOKCTL_OUTPUT: "xml" } })).toMatchObject({ code: 2 });
  });

  test.each(["0s", "5", "soon", "1.5h", "-1s"])("--timeout %s is refused", async (text) => {
    expect((await createWorld().run(["token", "list", `--timeout=${text}`])).code).toBe(2);
  });
});

describe("help", () => {
  test.each([
    "",
    "token",
    "--help",
    "token --help",
    "help",
    "help token set",
    "sandbox --help",
    "token create -h",
  ])("`tokctl %s` prints help on stdout", async (line) => {
    const { code, stdout, stderr } = await createWorld().run(line, {
      env: { TOKCTL_PROVIDER: "" },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Usage: tokctl");
  });

  test("help COMMAND is the help of that command", async () => {
    const { run } = createWorld();
    expect((await run("help token create")).stdout).toBe((await run("token create -h")).stdout);
    expect((await run("help token nosuch")).code).toBe(2);
  });

  test("a token may be named help", async () => {
    const world = createWorld();
    await world.json("token create help -r read");
    expect(await world.json("token get help")).toMatchObject({ name: "help" });
    expect(await world.json("token delete help")).toMatchObject([{ deleted: true }]);
  });

  test("--version prints the version of the package", async () => {
    expect((await createWorld().run("-V")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    ["tokn list", "token"],
    ["token lst", "list"],
    ["token create ci --rol read", "--role"],
    ["token list --limit many", "--limit"],
    ["token list extra", "token list --help"],
    ["token get", "token get --help"],
    ["token list -o xml", "json"],
  ])("`tokctl %s` is exit 2 and names %s", async (line, named) => {
    const { code, stdout, stderr } = await createWorld().run(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(errorOf({ stderr }).code).toBe("usage");
    expect(stderr).toContain(named);
  });
});
