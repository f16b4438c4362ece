import { describe, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { createWorld, type World } from "../support/world.ts";

/** A second more than a day, because the sandbox's times have fractions of a second. */
const day = 86_401_000;

const namesOf = async (world: World, line: string, options?: Parameters<World["json"]>[1]) =>
  (await world.json(`token list ${line}`, options)).map(
    ({ name, id }: { name: string | null; id: string }) => name ?? id,
  );

/** Options of a token that is created, by API. */
const specs: Readonly<Record<string, string>> = {
  "ovh-ai": "-r read",
  "ovh-cloud": "-r read --region GRA",
  osmo: "-r osmo-user",
};

describe.each(Object.entries(specs))("token list of %s", (api, spec) => {
  test("filters by a pattern of the name", async () => {
    const world = createWorld(api);
    for (const name of ["ci-1", "ci-2", "deploy"]) await world.json(`token create ${name} ${spec}`);
    expect(await namesOf(world, "--name ci-* --sort name")).toEqual(["ci-1", "ci-2"]);
    expect(await namesOf(world, "--name ?i-[!1]")).toEqual(["ci-2"]);
    expect(await namesOf(world, "--name CI-*")).toEqual([]);
  });

  test("limits the list to the tokens on stdin", async () => {
    const world = createWorld(api);
    for (const name of ["a", "b", "c"]) await world.json(`token create ${name} ${spec}`);
    const { stdout } = await world.run("token list --name [ab] -o json");
    const list = (line: string, stdin: string) => namesOf(world, `${line} --sort -name`, { stdin });
    expect(await list("-", stdout)).toEqual(["b", "a"]);
    expect(await list("-", "c\r\n\n  a \nc")).toEqual(["c", "a"]);
    expect(await list("- --name [bc]", stdout)).toEqual(["b"]);
    expect(await list("-", "")).toEqual([]);
    expect(await list("-", "[]")).toEqual([]);
  });
});

test.each([
  ["ovh-ai", "-r read", "-r ai_training_read -l group=A"],
  ["ovh-cloud", "-r read --region GRA", "-r read -l group=A --region GRA"],
])("token list of %s filters by age and scope", async (api, unscoped, scoped) => {
  const world = createWorld(api);
  await world.json(`token create old ${unscoped}`);
  await world.json(`token create renewed ${scoped}`);
  world.advance(10 * day);
  await world.json(`token create new ${scoped}`);
  await world.json("token renew renewed -y");
  expect(await namesOf(world, "--unscoped")).toEqual(["old"]);
  expect(await namesOf(world, "--older-than 10d")).toEqual(["old"]);
  expect(await namesOf(world, "--older-than 11d")).toEqual([]);
  world.advance(day);
  expect(await namesOf(world, "--older-than 1d --sort name")).toEqual(["new", "old", "renewed"]);
});

test("token list of ovh-serving filters by age and scope", async () => {
  const world = createWorld("ovh-serving");
  const create = async (resource: string): Promise<string> =>
    (await world.json(`token create -r model-evaluation --resource ${resource}`)).id;
  const old = await create("*");
  world.advance(day);
  await create("iris*");
  expect(await namesOf(world, "--older-than 1d")).toEqual([old]);
  expect(await namesOf(world, "--unscoped")).toEqual([old]);
  expect(await namesOf(world, "-", { stdin: `${old}\n` })).toEqual([old]);
});

test.each([
  ["osmo", "--older-than 90d"],
  ["osmo", "--unscoped"],
  ["osmo", "--label group=A"],
  ["osmo", "--columns id,created"],
  ["ovh-serving", "--name x"],
  ["ovh-serving", "--columns name"],
  ["ovh-ai", "--columns id,nosuch"],
  ["ovh-ai", "--columns owner"],
  ["ovh-ai", "--columns ,"],
  ["ovh-ai", "--older-than 90"],
  ["ovh-ai", "ci"],
  ["ovh-ai", "- --app-token-file -"],
])("%s: token list %s is refused before anything is sent", async (api, line) => {
  const world = createWorld(api);
  const outcome = await world.run(`token list ${line} -o json`, { stdin: "x" });
  expect([outcome.code, errorOf(outcome).code]).toEqual([2, "usage"]);
  expect(world.requests).toEqual([]);
});

test("an empty pattern is refused", async () => {
  const world = createWorld();
  expect((await world.run(["token", "list", "--name", ""])).code).toBe(2);
});

test.each(["{", "[1]", '[{"id":7}]', '{"name":"ci"}', "\0"])(
  "invalid tokens on stdin are refused before anything is sent: %j",
  async (stdin) => {
    const world = createWorld();
    expect((await world.run("token list -", { stdin })).code).toBe(2);
    expect(world.requests).toEqual([]);
  },
);

test("a terminal is not read as a list of tokens", async () => {
  const world = createWorld();
  const stdin = { isTTY: true, async *[Symbol.asyncIterator]() {} };
  expect((await world.run("token list -", { stdin })).code).toBe(2);
});

test("tokens on stdin that do not exist are reported after those that do", async () => {
  const world = createWorld();
  await world.json("token create ci -r read");
  const { code, stdout, stderr } = await world.run("token list - -o json", {
    stdin: "ci\nnosuch",
  });
  expect(code).toBe(9);
  expect(JSON.parse(stdout)).toMatchObject([{ name: "ci" }]);
  expect(stderr).toContain("nosuch");
  expect((await world.run("token list -", { stdin: "nosuch" })).code).toBe(3);
});

test("a secret on stdin is not repeated", async () => {
  const world = createWorld();
  const { token } = await world.json("token create ci -r read");
  const { code, stdout, stderr } = await world.run("token list -", { stdin: `ci\n${token}\n` });
  expect(code).toBe(9);
  expect(stdout + stderr).not.toContain(token);
});

test("JSON of another user's tokens requires that user", async () => {
  const world = createWorld("osmo");
  await world.json("token create ci -r osmo-user");
  const [own] = await world.json("token list");
  const stdin = JSON.stringify([{ ...own, owner: "alice" }]);
  expect((await world.run("token list -", { stdin })).code).toBe(2);
  expect((await world.run("token list -", { stdin: JSON.stringify(own) })).code).toBe(0);
});

test("--columns chooses and orders the columns", async () => {
  const world = createWorld();
  const { id } = await world.json("token create ci -r ai_training_read");
  const lines = async (columns: string) =>
    (await world.run(["token", "list", "--columns", columns])).stdout
      .trim()
      .split("\n")
      .map((line) => line.split(/ {2,}/));
  expect(await lines("roles,name, ID,name")).toEqual([
    ["ROLES", "NAME", "ID"],
    ["ai_training_read", "ci", id],
  ]);
  expect(await lines("updated")).toEqual([
    ["UPDATED"],
    [expect.stringMatching(/^2026-11-23T12:00:00/)],
  ]);
  expect(await world.json("token list --columns name")).toMatchObject([{ id }]);
});

test("--columns id works where the name is the ID", async () => {
  const world = createWorld("osmo");
  await world.json("token create ci -r osmo-user");
  const { stdout } = await world.run("token list --columns id,name,roles --name ci");
  expect(stdout).toMatch(/^ID +NAME +ROLES\nci +ci +osmo-user\n$/);
});
