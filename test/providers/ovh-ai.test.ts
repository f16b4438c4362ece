import { describe, expect, test } from "vitest";
import { describeProvider } from "../contract/provider.ts";
import { errorOf } from "../support/error-of.ts";
import { createWorld } from "../support/world.ts";

describeProvider({
  id: "ovh-ai",
  role: "ai_training_read",
  unsupported: [
    ["--expires-at", "30d"],
    ["--user", "carol"],
    ["--description", "for the nightly build"],
    ["--resource", "iris*"],
  ],
});

describe("OVHcloud AI", () => {
  test("names the provider and the unsupported option", async () => {
    const { run } = createWorld();
    const { stderr } = await run("token create ci -r read --expires-at 2027-01-01");
    const { code, message } = errorOf({ stderr });
    expect(code).toBe("usage");
    for (const fact of ["OVHcloud AI", "--expires-at"]) expect(message).toContain(fact);
  });

  test.each([
    ["token renew ci --expires-at 30d"],
    ["token renew ci --role read"],
    ["token list --user carol"],
    ["token roles ci -u carol"],
  ])("rejects `%s` before anything is sent", async (line) => {
    const { run, requests } = createWorld();
    expect((await run(line)).code).toBe(2);
    expect(requests).toEqual([]);
  });

  test.each([
    ["read", "ai_training_read"],
    ["operator", "ai_training_operator"],
  ])("sends the old role %s as %s, and names the current role on stderr", async (old, current) => {
    const world = createWorld();
    const { stderr } = await world.run(`token create ci -r ${old}`);
    expect(stderr).toContain(current);
    expect(world.requests.find(({ method }) => method === "POST")?.body).toBe(
      JSON.stringify({ name: "ci", role: current }),
    );
    expect(await world.json(`token list --role ${old}`)).toHaveLength(1);
  });

  test("creates and lists tokens with one selector", async () => {
    const world = createWorld();
    const id = "4c4f6253-a059-424a-92da-5e06a12ddffd";
    const token = await world.json(`token create ops -r operator -l ovh/id=${id}`);
    expect(token.labelSelector).toBe(`ovh/id=${id}`);
    expect(await world.json(`token list --label ovh/id=${id}`)).toHaveLength(1);
    expect(await world.json("token list --label a=b=c")).toEqual([]);
  });

  test.each(["nope", "=v", "n=", "a=b,c=d"])("rejects the selector %s", async (text) => {
    const { run, requests } = createWorld();
    expect((await run(["token", "create", "ci", "-r", "read", "-l", text])).code).toBe(2);
    expect(requests).toEqual([]);
  });

  test.each([
    ["a second selector", "token create ci -r read -l a=b -l c=d"],
    ["no role", "token create ci"],
    ["two roles", "token create ci -r read -r operator"],
    ["an unknown role", "token create ci -r admin"],
    ["no name", "token create -r read"],
  ])("rejects %s before anything is sent", async (_, line) => {
    const { run, requests } = createWorld();
    expect((await run(line)).code).toBe(2);
    expect(requests).toEqual([]);
  });

  test("lists several pages in order of creation", async () => {
    const world = createWorld();
    const names = Array.from({ length: 205 }, (_, i) => `t${i}`);
    for (const name of names) await world.json(`token create ${name} -r read`);
    const listed = await world.json("token list");
    expect(listed.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  test("finds a token by an id prefix, and lists the tokens of an ambiguous name", async () => {
    const world = createWorld();
    const first = await world.json("token create twin -r read");
    const second = await world.json("token create twin -r read");
    expect(await world.json(["token", "get", first.id.slice(0, 8)])).toMatchObject({
      id: first.id,
    });
    expect((await world.run(["token", "get", first.id.slice(0, 5)])).code).toBe(3);
    const { code, stderr } = await world.run("token get twin");
    expect(code).toBe(6);
    expect(stderr).toContain(first.id);
    expect(stderr).toContain(second.id);
    for (const verb of ["renew", "delete"])
      expect((await world.run(["token", verb, first.id.slice(0, 8)])).code).toBe(2);
    expect(await world.json("token list")).toHaveLength(2);
  });

  test("keeps the nine digits of the server's times", async () => {
    const { createdAt } = await createWorld().json("token create ci -r read");
    expect(createdAt).toMatch(/^2026-11-23T12:00:00\.\d{9}Z$/);
  });

  test("warns on stderr if the deleted token is the credential in use, with JSON output too", async () => {
    const world = createWorld();
    const { token } = await world.json("token create deployer -r operator");
    await world.json("token create other -r operator");
    const remove = (name: string) => world.run(`token delete ${name} -o json --app-token ${token}`);
    expect(await remove("other")).toMatchObject({ code: 0, stderr: "" });
    const { code, stderr } = await remove("deployer");
    expect(code).toBe(0);
    expect(stderr).not.toBe("");
  });

  test.each([
    "token create ci -r read -l",
    "token list --label",
    "token reach --selector",
    "app list --label",
  ])("%s rejects a selector that matches nothing, before anything is sent", async (line) => {
    const world = createWorld();
    for (const selector of [
      "group = A",
      "group= A",
      " group=A",
      "group=A ",
      "gr oup=A",
      "ovh/id=x",
      "ovh/id=0aa3c557",
      "ovh/id=0AA3C557-10C9-4331-B168-CD4E45ABEBDC",
      "ovh/typ=app",
      "ovh/=app",
      "ovh/type=apps",
      "ovh/constructor=x",
    ]) {
      const { code, stdout } = await world.run([...line.split(" "), selector]);
      expect([selector, code, stdout]).toEqual([selector, 2, ""]);
    }
    expect(world.requests).toEqual([]);
    for (const selector of [
      "group=A B",
      "ovh/id=0aa3c557-10c9-4331-b168-cd4e45abebdc",
      "ovh/type=app",
      "ovhcloud=x",
    ])
      expect((await world.run([...line.split(" "), selector])).code).toBe(0);
  });

  test("a token with the read role can't list tokens", async () => {
    const world = createWorld();
    const { token } = await world.json("token create reader -r read");
    expect((await world.run(["token", "list", "--token", token])).code).toBe(5);
  });

  test.each([
    ["https://gra.ai.cloud.ovh.net", "GRA"],
    ["https://bhs.training.ai.cloud.ovh.net", "BHS"],
    ["https://x.us-east-va.ai.cloud.ovh.us", "US-EAST-VA"],
    ["https://gra.ai.cloud.ovh.net.example.com", null],
  ])("derives the region of a token from %s", async (url, region) => {
    const world = createWorld();
    await world.json("token create ci -r read");
    const listed = await world.json(["token", "list", "--url", url, "--app-token", "t"], {
      fetch: async () =>
        world.sandbox.request(`${world.origin}/v1/token`, {
          headers: { authorization: `Bearer ${world.environment["TOKCTL_APP_TOKEN"]}` },
        }),
    });
    expect(listed).toMatchObject([{ name: "ci", region }]);
  });
});
