import { describe, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { idsOf } from "../support/fleet.ts";
import { createTerminal } from "../support/terminal.ts";
import { createWorld } from "../support/world.ts";

/** A world with the tokens `a`, `b` and `c`. */
async function createThree(api = "ovh-ai") {
  const world = createWorld(api);
  const spec = api === "osmo" ? "-r osmo-user" : "-r read";
  for (const name of ["a", "b", "c"]) await world.json(`token create ${name} ${spec}`);
  return world;
}

const methodsOf = (world: ReturnType<typeof createWorld>) =>
  new Set(world.requests.map(({ method }) => method));

test.each([
  "a --all",
  "a --name x",
  "a - ",
  "- --all",
  "--all --role read",
  "a --dry-run --unscoped",
  "",
  "--dry-run",
  "--missing-ok -y",
])("token delete %s is refused before anything is sent", async (line) => {
  const world = createWorld();
  const outcome = await world.run(`token delete ${line} -o json`, { stdin: "a" });
  expect([outcome.code, errorOf(outcome).code]).toEqual([2, "usage"]);
  expect(world.requests).toEqual([]);
});

test("several selected tokens need --yes without a terminal, and nothing is deleted without", async () => {
  const world = await createThree();
  world.requests.length = 0;
  for (const [line, stdin] of [
    ["--all", ""],
    ["--name [ab]", ""],
    ["-", "a\nb"],
  ] as const)
    expect((await world.run(`token delete ${line}`, { stdin })).code).toBe(2);
  expect(methodsOf(world)).toEqual(new Set(["GET"]));
  expect((await world.run("token delete --name a")).code).toBe(0);
  expect(await world.json("token list")).toHaveLength(2);
});

test("a selection that matches nothing succeeds without --yes", async () => {
  const world = await createThree();
  for (const line of ["--name nosuch", "--name nosuch --dry-run", "--older-than 90d"]) {
    const { code, stdout, stderr } = await world.run(`token delete ${line}`);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).not.toBe("");
    expect(await world.json(`token delete ${line}`)).toEqual([]);
  }
});

test("the question comes after the selection, with its number and names", async () => {
  const world = await createThree();
  const terminal = createTerminal([/2 tokens.*\[y\/N\]/, "y\r"]);
  const { code, stderr } = await world.run("token delete --name [ab]", terminal);
  expect(code).toBe(0);
  for (const name of ["a", "b"]) expect(stderr).toContain(`"${name}"`);
  expect(stderr).not.toContain('"c"');
  expect(terminal.left).toEqual([]);
  expect(await world.json("token list")).toMatchObject([{ name: "c" }]);
});

test("a declined question deletes nothing", async () => {
  const world = await createThree();
  world.requests.length = 0;
  const { code } = await world.run(
    "token delete --all",
    createTerminal([/3 tokens.*\[y\/N\]/, "n\r"]),
  );
  expect(code).toBe(130);
  expect(methodsOf(world)).toEqual(new Set(["GET"]));
});

test("--dry-run shows the tokens as a table, IDs or JSON of token list", async () => {
  const world = await createThree();
  const listed = await world.json("token list --name [ab]");
  expect(await world.json("token delete --name [ab] --dry-run")).toEqual(listed);
  expect(await world.json("token delete a b --dry-run")).toEqual(listed);
  const table = await world.run("token list --name [ab]");
  expect((await world.run("token delete --name [ab] --dry-run")).stdout).toBe(table.stdout);
  const ids = await world.run("token delete --name [ab] --dry-run -q");
  expect(ids.stdout).toBe(listed.map(({ id }: { id: string }) => `${id}\n`).join(""));
  const missing = await world.run("token delete a nosuch --dry-run -o json");
  expect(missing.code).toBe(9);
  expect(JSON.parse(missing.stdout)).toMatchObject([{ name: "a" }]);
  expect((await world.run("token delete nosuch --dry-run")).code).toBe(3);
  expect((await world.run("token delete nosuch --dry-run --missing-ok")).code).toBe(0);
  expect(await world.json("token list")).toHaveLength(3);
});

test("a failed deletion is named, and the others are deleted", async () => {
  const world = await createThree();
  const [{ id }] = await world.json("token list --name b");
  const { code, stdout, stderr } = await world.run("token delete --all -y -o json", {
    fetch: async (url, init) =>
      init.method === "DELETE" && url.includes(id)
        ? new Response("busy", { status: 503 })
        : world.sandbox.request(url, init),
  });
  expect(code).toBe(9);
  expect(errorOf({ stderr }).message).toContain(id);
  expect(JSON.parse(stdout).map(({ deleted }: { deleted: boolean }) => deleted)).toEqual(
    expect.arrayContaining([true, false, true]),
  );
  expect(await world.json("token list")).toMatchObject([{ id }]);
});

test("a selected token that another run has deleted is no failure", async () => {
  const world = await createThree();
  const [{ id }] = await world.json("token list --name b");
  const { code } = await world.run("token delete --all -y", {
    fetch: async (url, init) => {
      if (init.method === "DELETE" && url.includes(id)) await world.sandbox.request(url, init);
      return world.sandbox.request(url, init);
    },
  });
  expect(code).toBe(0);
  expect(await world.json("token list --name [abc]")).toEqual([]);
});

test("^C ends a deletion with 130, and reports the tokens that were deleted", async () => {
  const world = createWorld();
  for (let i = 0; i < 20; i++) await world.json(`token create t${i} -r read`);
  const interrupt = new AbortController();
  let deletions = 0;
  const { code, stdout } = await world.run("token delete --all -y -o json", {
    interrupt: interrupt.signal,
    fetch: async (url, init) => {
      if (init.method === "DELETE" && ++deletions === 10) interrupt.abort("SIGINT");
      if (init.signal.aborted) throw init.signal.reason;
      return world.sandbox.request(url, init);
    },
  });
  expect(code).toBe(130);
  const remaining = idsOf(await world.json("token list --name t*"));
  const results: { id: string; deleted: boolean }[] = JSON.parse(stdout);
  expect(idsOf(results.filter(({ deleted }) => !deleted))).toEqual(remaining);
  expect(remaining.length).toBeGreaterThan(5);
});

describe("the credential in use", () => {
  test.each(["--all -y", "--name mine", "- -y"])("is skipped by %s, with a note", async (line) => {
    const world = await createThree();
    const { token } = await world.json("token create mine -r operator");
    const options = { stdin: "a\nmine\n", env: { TOKCTL_APP_TOKEN: token } };
    const { code, stderr } = await world.run(`token delete ${line} -o json`, options);
    expect(code).toBe(0);
    expect(stderr).toContain('"mine"');
    expect(await world.json("token list --name mine")).toHaveLength(1);
    expect((await world.run("token delete mine", options)).code).toBe(0);
  });

  test("prevents the deletion if it can't be identified", async () => {
    const world = await createThree();
    world.requests.length = 0;
    const { code } = await world.run("token delete --all -y", {
      fetch: async (url, init) =>
        url.endsWith("/me")
          ? new Response("busy", { status: 503 })
          : world.sandbox.request(url, init),
    });
    expect(code).toBe(12);
    expect(methodsOf(world)).toEqual(new Set(["GET"]));
  });

  test("of another user with the same name is deleted", async () => {
    const world = await createThree("osmo");
    const { token } = await world.json("token create mine -r osmo-admin");
    const options = { env: { TOKCTL_APP_TOKEN: token } };
    const created = await world.run(
      "token create mine -r osmo-user -u service-account@example.com",
      options,
    );
    expect(created.code).toBe(0);
    expect(
      (await world.run("token delete --all -u service-account@example.com", options)).code,
    ).toBe(0);
    expect(await world.json("token list -u service-account@example.com", options)).toEqual([]);
    expect(await world.json("token list --name mine")).toHaveLength(1);
  });
});
