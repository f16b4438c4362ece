import { describe, expect, test } from "vitest";
import { describeProvider } from "../contract/provider.ts";
import { createWorld } from "../support/world.ts";

describeProvider({
  id: "ovh-serving",
  role: "model-evaluation",
  options: "--resource iris*",
  nameless: true,
  accepts: async () => undefined,
  unsupported: [
    ["--expires-at", "30d"],
    ["--user", "carol"],
    ["--description", "for the nightly build"],
    ["--label-selector", "group=A"],
  ],
});

describe("OVHcloud ML Serving", () => {
  test("creates a token for a model pattern with two groups", async () => {
    const world = createWorld("ovh-serving");
    const both = "-r model-management -r model-evaluation";
    expect(
      await world.json(["token", "create", ...both.split(" "), "--resource", "*"]),
    ).toMatchObject({ name: null, resource: "*", roles: ["model-management", "model-evaluation"] });
    const { stdout } = await world.run("token list");
    expect(stdout.split("\n")[0]).toMatch(/ RESOURCE$/);
  });

  test.each([["iris**"], ["*iris"], ["iris model"], ["iris/eval"], ["x".repeat(51)], [""]])(
    "rejects the resource %j before anything is sent",
    async (pattern) => {
      const { run, requests } = createWorld("ovh-serving");
      const line = ["token", "create", "-r", "model-evaluation", "--resource", pattern];
      expect((await run(line)).code).toBe(2);
      expect(requests).toEqual([]);
    },
  );

  test.each([
    ["no resource", "token create -r model-evaluation"],
    ["a name", "token create ci -r model-evaluation --resource iris"],
    ["no namespace", "token create -r model-evaluation --resource iris --namespace="],
  ])("rejects %s before anything is sent", async (_, line) => {
    const { run, requests } = createWorld("ovh-serving");
    expect((await run(line)).code).toBe(2);
    expect(requests).toEqual([]);
  });
});
