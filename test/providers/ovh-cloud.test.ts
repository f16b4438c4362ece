import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { describeProvider } from "../contract/provider.ts";
import { errorOf } from "../support/error-of.ts";
import { createWorld } from "../support/world.ts";

describeProvider({
  id: "ovh-cloud",
  role: "ai_training_read",
  options: "--region GRA",
  accepts: async ({ sandbox, origin }, secret) => {
    const headers = { authorization: `Bearer ${secret}` };
    return (await sandbox.request(`${origin}/v1/me`, { headers })).status === 200;
  },
  unsupported: [
    ["--expires-at", "30d"],
    ["--user", "carol"],
    ["--description", "for the nightly build"],
    ["--resource", "iris*"],
    ["--namespace", "n"],
  ],
});

describe("OVHcloud public API", () => {
  test("lists the tokens of all regions or of one", async () => {
    const world = createWorld("ovh-cloud");
    await world.json("token create in-gra -r read --region gra -l group=A");
    await world.json("token create in-bhs -r read --region BHS");
    const { stdout } = await world.run("token list");
    expect(stdout.split("\n")[0]).toMatch(/ REGION$/);
    expect(stdout).toMatch(/in-gra .* group=A .* GRA\n.*in-bhs .* BHS\n$/);
    expect(await world.json("token list --region BHS")).toMatchObject([{ name: "in-bhs" }]);
  });

  test.each([
    ["ovh-cloud", "--project nosuch", /--project/],
    ["ovh-serving", "--project nosuch", /--namespace/],
    ["ovh-serving", "--namespace nosuch", /--namespace/],
  ])(
    "`%s` with %s is not_found, and the hint names the option but no command",
    async (api, options, hint) => {
      const { run } = createWorld(api);
      for (const line of ["token list", "whoami"]) {
        const outcome = await run(`${line} ${options} -o json`);
        expect(outcome.code).toBe(3);
        const error = errorOf(outcome);
        expect(error).toMatchObject({ code: "not_found", hint: expect.stringMatching(hint) });
        expect(error.hint).not.toContain("tokctl");
      }
    },
  );

  test.each([
    ["a project", "token list", { TOKCTL_PROJECT: "" }, "--project"],
    ["a region for a new token", "token create ci -r read", {}, "--region"],
  ])("requires %s, and names the option", async (_, line, env, option) => {
    const { run, requests } = createWorld("ovh-cloud");
    const { code, stderr } = await run(line, { env });
    expect(code).toBe(2);
    expect(errorOf({ stderr }).code).toBe("usage");
    expect(stderr).toContain(option);
    expect(requests).toEqual([]);
  });

  test("--missing-ok does not accept an unknown project", async () => {
    const { run } = createWorld("ovh-cloud");
    expect((await run("token delete ci --missing-ok --project nosuch")).code).toBe(3);
  });
});

describe("a request signed for OVHcloud's public API", () => {
  const env = {
    TOKCTL_URL: "",
    TOKCTL_APP_TOKEN: "",
    OVH_ENDPOINT: "ovh-eu",
    OVH_APPLICATION_KEY: "7kbG7Bk7S9Nt7ZSV",
    OVH_APPLICATION_SECRET: "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF",
    OVH_CONSUMER_KEY: "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1",
  };

  test("has the server's time and the signature", async () => {
    const world = createWorld("ovh-cloud");
    const serverTime = 1_366_560_945;
    const replies = [String(serverTime), "[]"];
    await world.run("token list --project p1", {
      env,
      fetch: async () => new Response(replies.shift()),
    });
    const [time, list] = world.requests;
    expect(time?.url).toBe("https://eu.api.ovh.com/1.0/auth/time");
    expect(time?.headers).not.toHaveProperty("x-ovh-signature");
    const url = "https://eu.api.ovh.com/1.0/cloud/project/p1/ai/token";
    const signed = `EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF+MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1+GET+${url}++${serverTime}`;
    expect(list?.url).toBe(url);
    expect(list?.headers).toMatchObject({
      "x-ovh-application": "7kbG7Bk7S9Nt7ZSV",
      "x-ovh-consumer": "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1",
      "x-ovh-timestamp": String(serverTime),
      "x-ovh-signature": `$1$${createHash("sha1").update(signed).digest("hex")}`,
    });
  });

  test("signs the body", async () => {
    const world = createWorld("ovh-cloud");
    const replies = ["1000", "[]", "{}", "[]"];
    await world.run("token create ci -r read --region GRA --project p1", {
      env,
      fetch: async () => new Response(replies.shift()),
    });
    const create = world.requests.find(({ method }) => method === "POST");
    const signed = [
      "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF",
      "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1",
      "POST",
      "https://eu.api.ovh.com/1.0/cloud/project/p1/ai/token",
      '{"name":"ci","role":"ai_training_read","region":"GRA"}',
      "1000",
    ].join("+");
    expect(create?.headers["x-ovh-signature"]).toBe(
      `$1$${createHash("sha1").update(signed).digest("hex")}`,
    );
  });

  test("is sent only to OVHcloud's endpoints", async () => {
    const { run, requests } = createWorld("ovh-cloud");
    const { code } = await run("token list --project p1 --url https://elsewhere.example/1.0", {
      env,
    });
    expect(code).toBe(4);
    expect(requests).toEqual([]);
  });

  test("is not shown by --debug", async () => {
    const { run } = createWorld("ovh-cloud");
    const replies = ["1000", "[]"];
    const { stderr } = await run("token list --project p1 --debug", {
      env,
      fetch: async () => new Response(replies.shift()),
    });
    expect(stderr).toContain("x-ovh-signature: •••");
    for (const secret of [env.OVH_APPLICATION_SECRET, env.OVH_CONSUMER_KEY])
      expect(stderr).not.toContain(secret);
  });
});
