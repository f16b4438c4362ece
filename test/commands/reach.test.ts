import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createWorld } from "../support/world.ts";

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
  test("lists the resources that a label selector matches, and counts all", async () => {
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
  ])("lists the resources that a token with `%s` can access", async (words, names) => {
    const { json } = await withToken(words);
    const reach = await json("token reach it");
    expect(namesOf(reach)).toEqual(names);
    expect(reach).toMatchObject({ total: 5, matching: names.length });
  });

  test("follows label changes", async () => {
    const { json } = await withToken("-r read -l group=A");
    await json("job set-label training group A");
    await json("app set-label hello-a group --delete");
    expect(namesOf(await json("token reach it"))).toEqual(["training"]);
  });

  test("prints a table, and the counts on stderr", async () => {
    const { run } = await withToken("-r read -l group=A");
    const { code, stdout, stderr } = await run("token reach it");
    expect(code).toBe(0);
    const [head, row] = stdout.split("\n").map((line) => line.split(/ {2,}/));
    expect(head).toEqual(["KIND", "ID", "NAME", "STATE", "URL"]);
    expect(row).toMatchObject({ 0: "app", 2: "hello-a", 3: "RUNNING" });
    expect(stderr).toMatch(/\bgroup=A\b.*\b1\b.*\b5\b.*\b1 app\b/);
    const { stdout: blocks } = await run("token reach it -o description");
    expect(blocks).toMatch(/^Info: {5}\n {2}Kind: {2}app\n {2}ID: {4}\S+\n {2}Name: {2}hello-a\n/);
    expect((await run("token reach it -q")).stdout).toBe(`${row?.[1]}\n`);
  });

  test("prints a note if nothing matches", async () => {
    const { run } = createWorld();
    const line = "token reach --selector group=Z";
    const { code, stdout, stderr } = await run(line);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("group=Z");
    expect(await run(`${line} -o yaml`)).toEqual({
      code: 0,
      stdout: "total: 5\nmatching: 0\nresources: []\n",
      stderr: "",
    });
  });

  test("prints a note that Quantum Notebooks can't be distinguished", async () => {
    const { run } = await withToken("-r quantum_reader");
    expect((await run("token reach it")).stderr).toContain("Quantum Notebooks");
  });

  test("sends one count and one filtered list request per kind", async () => {
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
    ["an invalid selector", "token reach --selector group", "name=value"],
    ["a provider without apps", "token reach it --provider osmo", "NVIDIA OSMO"],
    [
      "the public API, which has no apps",
      "token reach it --provider ovh-cloud",
      "OVHcloud public API",
    ],
  ])("refuses %s before anything is sent", async (_, line, named) => {
    const { run, requests } = createWorld();
    const { code, stderr } = await run(line);
    expect({ code, error: errorOf({ stderr }).code }).toEqual({ code: 2, error: "usage" });
    expect(stderr).toContain(named);
    expect(requests).toEqual([]);
  });

  test("is exit 3 for an unknown token, and 5 without permission", async () => {
    const { run, token } = await withToken("-r read");
    expect((await run("token reach nosuch")).code).toBe(3);
    expect((await run(["token", "reach", "--selector", "a=b", "--app-token", token])).code).toBe(5);
  });
});

describe("token create --preview", () => {
  test("lists the resources the token could access, and creates nothing", async () => {
    const { json, run, requests } = createWorld();
    const reach = await json("token create ci -r read -l group=B --preview");
    expect(Object.keys(reach)).toEqual(["total", "matching", "resources"]);
    expect(namesOf(reach)).toEqual(["hello-b"]);
    const { stdout, stderr } = await run("token create ci -r read --preview");
    expect(stdout.split("\n")).toHaveLength(7);
    expect(stderr).toContain("3 apps, 1 job, 1 notebook");
    expect(requests.every(({ method }) => method === "GET")).toBe(true);
    expect(await json("token list")).toEqual([]);
  });

  test("reports a selector that matches nothing", async () => {
    const { run } = createWorld();
    const { code, stdout, stderr } = await run("token create ci -r read -l group=Z --preview");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("group=Z");
  });

  test("depends on the role", async () => {
    const { json } = createWorld();
    const reach = await json("token create ci -r quantum_operator --preview");
    expect(namesOf(reach)).toEqual(["exploration"]);
  });

  test.each([
    "token create ci -r nosuch --preview",
    "token create -r read --preview",
    "token create ci -r a --preview --provider osmo",
  ])("refuses what create refuses, or can't preview: `%s`", async (line) => {
    const { run, requests } = createWorld();
    expect((await run(line)).code).toBe(2);
    expect(requests).toEqual([]);
  });
});

describe("token create prints a warning", () => {
  test.each([
    ["for an unscoped token", "-r read", "3 apps, 1 job, 1 notebook"],
    ["for a token that can access all notebooks", "-r quantum_reader", "1 notebook"],
    ["that Quantum Notebooks can't be distinguished", "-r quantum_reader", "Quantum Notebooks"],
    ["for a token that matches nothing", "-r read -l group=Z", "group=Z"],
  ])("%s", async (_, words, named) => {
    const { run } = createWorld();
    const { code, stdout, stderr } = await run(`token create ci ${words}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\S{64}\n$/);
    const [, warning] = stderr.split(/^warning: /im);
    expect(warning).toContain(named);
  });

  test("not if the selector matches something", async () => {
    const { stderr } = await createWorld().run("token create ci -r read -l group=A");
    expect(stderr).not.toMatch(/^warning:/im);
  });

  test.each(["-q", "-o json"])("not with %s, and sends no count request", async (option) => {
    const { run, requests } = createWorld();
    const { stderr } = await run(`token create ci -r read ${option}`);
    expect(stderr).toBe("");
    expect(requests.map(({ method }) => method)).toEqual(["GET", "POST"]);
  });

  test("before the token is created, with one count request per kind", async () => {
    const { run, requests } = createWorld();
    const stdout = { write: async () => void requests.push({ url: "printed" } as never) };
    await run("token create ci -r read -l group=Z", { stdout });
    const paths = requests.map(({ url }) => url.replace(/^http:\/\/[^/]+/, ""));
    expect(paths.slice(3)).toEqual(["/v1/token?size=100", "/v1/token", "printed"]);
    expect(paths.slice(0, 3).toSorted()).toEqual(
      ["app", "job", "notebook"].map((kind) => `/v1/${kind}?size=1&labelSelector=group%3DZ`),
    );
  });

  test("and creates nothing if the user interrupts the counting", async () => {
    const world = createWorld();
    const interruption = new AbortController();
    const fetch: Fetch = async (url, init) => {
      if (url.includes("/v1/token")) return world.sandbox.request(url, init);
      interruption.abort("SIGINT");
      throw Object.assign(new Error("aborted"), { name: "AbortError" });
    };
    const options = { fetch, interrupt: interruption.signal };
    expect((await world.run("token create ci -r read", options)).code).toBe(130);
    expect(await world.json("token list")).toEqual([]);
    expect(await world.json("recover --list")).toEqual([]);
  });

  describe.each([
    [
      "counting is forbidden (403)",
      async () => Response.json({ message: "not yours" }, { status: 403 }),
      "not yours",
    ],
    [
      "the connection is reset",
      async () => {
        throw Object.assign(new Error("cut"), { code: "ECONNRESET" });
      },
      "127.0.0.1:8787",
    ],
  ] as const)("if %s", (_, refuse, reason) => {
    test.each([
      ["-r read", "notebook"],
      ["-r read -l group=A", "group=A"],
    ])("after `%s`, with the reason", async (words, named) => {
      const { run, sandbox } = createWorld();
      const fetch: Fetch = (url, init) =>
        url.includes("/v1/token") ? sandbox.request(url, init) : refuse();
      const { code, stdout, stderr } = await run(`token create ci ${words}`, { fetch });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^\S{64}\n$/);
      expect(stderr).toContain(named);
      expect(stderr).toContain(reason);
    });
  });

  test("not for OSMO, whose tokens are not scoped to resources", async () => {
    const world = createWorld("osmo");
    const { stderr } = await world.run("token create ci -r osmo-user");
    expect(stderr).not.toMatch(/^warning:/im);
  });
});

test("resources are counted page by page if the server sends no total", async () => {
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
