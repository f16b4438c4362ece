import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host/host.ts";
import { createWorld } from "../support/world.ts";

const everything = "every app, job and notebook of the project (3 apps, 1 job, 1 notebook)";
const nothing = "group=Z matches no app, job or notebook now";
const quantum = "the API does not say which of them are such";

const namesOf = ({ resources }: { readonly resources: readonly { readonly name: string }[] }) =>
  resources.map(({ name }) => name);

/** A world with a token `it`, made by these words. */
async function withToken(words: string) {
  const world = createWorld();
  const { token } = await world.json(`token create it ${words}`);
  world.requests.length = 0;
  return { ...world, token };
}

describe("token reach", () => {
  test("shows what a label selector opens, and how much there is", async () => {
    const world = createWorld();
    const app = await world.json("app get hello-a");
    expect(await world.json("token reach --selector group=A")).toEqual({
      total: 5,
      matching: 1,
      resources: [{ kind: "app", id: app.id, name: "hello-a", url: app.url, state: "RUNNING" }],
    });
  });

  test.each([
    ["-r read", ["hello-a", "hello-b", "hello-stopped", "training", "exploration"]],
    ["-r operator -l group=B", ["hello-b"]],
    ["-r read -l ovh/type=job", ["training"]],
    ["-r quantum_reader", ["exploration"]],
    ["-r quantum_operator -l ovh/type=app", []],
  ])("shows what a token with `%s` opens", async (words, names) => {
    const { json } = await withToken(words);
    const reach = await json("token reach it");
    expect(namesOf(reach)).toEqual(names);
    expect(reach).toMatchObject({ total: 5, matching: names.length });
  });

  test("follows the labels as they are now", async () => {
    const { json } = await withToken("-r read -l group=A");
    await json("job set-label training group A");
    await json("app set-label hello-a group --delete");
    expect(namesOf(await json("token reach it"))).toEqual(["training"]);
  });

  test("is a table, with the sum of it said aside", async () => {
    const { run } = await withToken("-r read -l group=A");
    const { code, stdout, stderr } = await run("token reach it");
    expect(code).toBe(0);
    const [head, row] = stdout.split("\n").map((line) => line.split(/ {2,}/));
    expect(head).toEqual(["KIND", "ID", "NAME", "STATE", "URL"]);
    expect(row).toMatchObject({ 0: "app", 2: "hello-a", 3: "RUNNING" });
    expect(stderr).toBe("group=A opens 1 app, of 5 that there are.\n");
    const { stdout: blocks } = await run("token reach it -o description");
    expect(blocks).toMatch(/^Info: {5}\n {2}Kind: {2}app\n {2}ID: {4}\S+\n {2}Name: {2}hello-a\n/);
    expect((await run("token reach it -q")).stdout).toBe(`${row?.[1]}\n`);
  });

  test("says it if there is nothing", async () => {
    const { run } = createWorld();
    const line = "token reach --selector group=Z";
    const { code, stdout, stderr } = await run(line);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain(nothing);
    expect(await run(`${line} -o yaml`)).toEqual({
      code: 0,
      stdout: "total: 5\nmatching: 0\nresources: []\n",
      stderr: "",
    });
  });

  test("says of quantum roles that it can't be told what is meant", async () => {
    const { run } = await withToken("-r quantum_reader");
    expect((await run("token reach it")).stderr).toContain(quantum);
  });

  test("reads no more than what is opened", async () => {
    const { json, requests } = createWorld();
    await json("token reach --selector group=A");
    const read = requests.map(({ url }) => new URL(url)).map((url) => url.pathname + url.search);
    expect(read.toSorted()).toEqual([
      "/v1/app?size=1",
      "/v1/app?size=100&labelSelector=group%3DA",
      "/v1/job?size=1",
      "/v1/job?size=100&labelSelector=group%3DA",
      "/v1/notebook?size=1",
      "/v1/notebook?size=100&labelSelector=group%3DA",
    ]);
  });

  test.each([
    ["neither a token nor a selector", "token reach", "token reach TOKEN"],
    ["both", "token reach it --selector a=b", "token reach TOKEN"],
    ["a selector that is none", "token reach --selector group", "name=value"],
    ["a provider without apps", "token reach it --provider osmo", "NVIDIA OSMO has no apps"],
    ["another address than the region's", "token reach it --provider ovh-cloud", "has no apps"],
  ])("refuses %s before anything is sent", async (_, line, said) => {
    const { run, requests } = createWorld();
    const { code, stderr } = await run(line);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
    expect(requests).toEqual([]);
  });

  test("ends with 3 for a token that is not there, with 5 for one that may not look", async () => {
    const { run, token } = await withToken("-r read");
    expect((await run("token reach nosuch")).code).toBe(3);
    expect((await run(["token", "reach", "--selector", "a=b", "--app-token", token])).code).toBe(5);
  });
});

describe("token create --preview", () => {
  test("shows what it would open, and creates nothing", async () => {
    const { json, run, requests } = createWorld();
    const reach = await json("token create ci -r read -l group=B --preview");
    expect(Object.keys(reach)).toEqual(["total", "matching", "resources"]);
    expect(namesOf(reach)).toEqual(["hello-b"]);
    const { stdout, stderr } = await run("token create ci -r read --preview");
    expect(stdout.split("\n")).toHaveLength(7);
    expect(stderr).toContain("Nothing was created.");
    expect(stderr).toContain(everything);
    expect(requests.every(({ method }) => method === "GET")).toBe(true);
    expect(await json("token list")).toEqual([]);
  });

  test("reports a selector that matches nothing", async () => {
    const { run } = createWorld();
    const { code, stdout, stderr } = await run("token create ci -r read -l group=Z --preview");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain(nothing);
  });

  test("heeds the role", async () => {
    const { json } = createWorld();
    const reach = await json("token create ci -r quantum_operator --preview");
    expect(namesOf(reach)).toEqual(["exploration"]);
  });

  test.each([
    "token create ci -r nosuch --preview",
    "token create -r read --preview",
    "token create ci -r a --preview --provider osmo",
  ])("refuses what a create would refuse, or could not preview: `%s`", async (line) => {
    const { run, requests } = createWorld();
    expect((await run(line)).code).toBe(2);
    expect(requests).toEqual([]);
  });
});

describe("token create warns", () => {
  test.each([
    ["of a token that opens everything", "-r read", everything],
    ["of one that opens all notebooks", "-r quantum_reader", "every notebook of the project"],
    ["that nobody knows which these are", "-r quantum_reader", quantum],
    ["of one that opens nothing", "-r read -l group=Z", nothing],
  ])("%s", async (_, words, said) => {
    const { run } = createWorld();
    const { code, stdout, stderr } = await run(`token create ci ${words}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\S{64}\n$/);
    expect(stderr).toContain("Warning: ");
    expect(stderr).toContain(said);
  });

  test("of nothing where the selector matches something", async () => {
    const { stderr } = await createWorld().run("token create ci -r read -l group=A");
    expect(stderr).not.toContain("Warning");
  });

  test.each(["-q", "-o json"])("not with %s, and then nothing is counted", async (option) => {
    const { run, requests } = createWorld();
    const { stderr } = await run(`token create ci -r read ${option}`);
    expect(stderr).toBe("");
    expect(requests.map(({ method }) => method)).toEqual(["GET", "POST"]);
  });

  test("once the secret is printed, by totals alone", async () => {
    const { run, requests } = createWorld();
    const stdout = { write: async () => void requests.push({ url: "printed" } as never) };
    await run("token create ci -r read -l group=Z", { stdout });
    const paths = requests.map(({ url }) => url.replace(/^http:\/\/[^/]+/, ""));
    expect(paths.slice(1, 3)).toEqual(["/v1/token", "printed"]);
    expect(paths.slice(3).toSorted()).toEqual(
      ["app", "job", "notebook"].map((kind) => `/v1/${kind}?size=1&labelSelector=group%3DZ`),
    );
  });

  describe.each([
    [
      "may not look",
      async () => Response.json({ message: "not yours" }, { status: 403 }),
      "not yours",
    ],
    [
      "can't reach the server any more",
      async () => {
        throw Object.assign(new Error("cut"), { code: "ECONNRESET" });
      },
      "the connection was cut",
    ],
  ] as const)("if it %s", (_, refuse, reason) => {
    test.each([
      ["-r read", "every app, job and notebook of the project (how many is not known)"],
      ["-r read -l group=A", "Whether group=A matches anything is not known."],
    ])("after `%s`, that it could not count", async (words, said) => {
      const { run, sandbox } = createWorld();
      const fetch: Fetch = (url, init) =>
        url.includes("/v1/token") ? sandbox.request(url, init) : refuse();
      const { code, stdout, stderr } = await run(`token create ci ${words}`, { fetch });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^\S{64}\n$/);
      expect(stderr).toContain(said);
      expect(stderr).toContain(reason);
    });
  });

  test("of nothing for a provider whose tokens open something else", async () => {
    const world = createWorld("osmo");
    const { stderr } = await world.run("token create ci -r osmo-user");
    expect(stderr).not.toContain("Warning");
  });
});

test("a server that counts nothing is counted by reading", async () => {
  const { json } = createWorld();
  const item = { id: "1", spec: {}, status: { state: "RUNNING" } };
  const fetch: Fetch = async (url) => {
    const items = url.includes("/v1/app") ? [item] : [];
    return Response.json({ items });
  };
  expect(await json("token reach --selector a=b", { fetch })).toMatchObject({
    total: 1,
    matching: 1,
  });
});
