import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";
import { createPlaces, type Places } from "../support/places.ts";

const where = (places: Places, ...args: readonly string[]) =>
  places.run(["token", "where", ...args, "-o", "json"]);

describe("token where", () => {
  test("shows the token of each destination", async () => {
    const places = createPlaces();
    const to = [`file:${places.at("token")}`, `env-file:${places.at(".env")}#TOKEN`];
    await places.create(to);
    places.advance(60_000);
    const row = {
      id: (await places.json("token get ci")).id,
      name: "ci",
      profile: null,
      deliveredAt: "2026-11-23T12:00:00Z",
      secretCreatedAt: expect.stringMatching(/^2026-11-23T12:00:00/),
      complete: true,
      previousIds: [],
      exists: true,
      matches: null,
    };
    expect(await places.json(["token", "where", "--to", to[0] ?? "", "--to", to[1] ?? ""])).toEqual(
      [
        { to: to[0], ...row },
        { to: to[1], ...row },
      ],
    );
    const { stdout } = await places.run(["token", "where", "-q", "--to", to[0] ?? ""]);
    expect(stdout).toBe(`${row.id}\n`);
  });

  test.each(["ovh-ai", "osmo", "ovh-cloud"])("finds the token of %s by its ID", async (api) => {
    const places = createPlaces(api);
    const to = `env-file:${places.at(".env")}#TOKEN`;
    const role = { "ovh-ai": "-r read", osmo: "-r osmo-user", "ovh-cloud": "-r read --region GRA" }[
      api
    ];
    const { code } = await places.run([
      ..."token create ci".split(" "),
      ...`${role}`.split(" "),
      "--to",
      to,
    ]);
    expect(code).toBe(0);
    expect(await places.json(["token", "where", "ci", "--to", to])).toMatchObject([
      { name: "ci", exists: true, matches: true },
    ]);
  });

  test("prints no secret", async () => {
    const places = createPlaces();
    const to = `file:${places.at("token")}`;
    await places.create([to]);
    for (const format of ["text", "description", "json", "yaml"]) {
      const { stdout, stderr } = await places.run(["token", "where", "--to", to, "-o", format]);
      expect(stdout + stderr).not.toContain(places.read("token"));
    }
  });

  test("is exit 3 for a destination without a record", async () => {
    const places = createPlaces();
    places.write(".env", "TOKEN=x\n# tokctl OTHER id=1\n");
    for (const to of [`env-file:${places.at(".env")}#TOKEN`, `file:${places.at("none")}`]) {
      const outcome = await where(places, "--to", to);
      expect(outcome.code).toBe(3);
      expect(JSON.parse(outcome.stdout)).toMatchObject([{ to, id: null, exists: null }]);
    }
    expect(places.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("is exit 3 for a deleted token, also if another token has its name", async () => {
    const places = createPlaces();
    const to = `file:${places.at("token")}`;
    await places.create([to]);
    await places.run("token delete ci");
    await places.run("token create ci -r read");
    const outcome = await where(places, "--to", to);
    expect(outcome.code).toBe(3);
    expect(JSON.parse(outcome.stdout)).toMatchObject([{ name: "ci", exists: false }]);
    rmSync(places.at("token"));
    expect(JSON.parse((await where(places, "--to", to)).stdout)).toMatchObject([{ id: null }]);
  });

  test("is exit 6 for another token", async () => {
    const places = createPlaces();
    const to = `file:${places.at("token")}`;
    await places.create([to]);
    await places.run("token create other -r read");
    const outcome = await where(places, "other", "--to", to);
    expect(outcome.code).toBe(6);
    expect(JSON.parse(outcome.stdout)).toMatchObject([
      { name: "ci", exists: true, matches: false },
    ]);
    expect((await where(places, "nosuch", "--to", to)).code).toBe(3);
  });

  test("is exit 10 for a delivery that did not finish", async () => {
    const places = createPlaces();
    const to = `file:${places.at("token")}`;
    await places.create([to]);
    const record = JSON.parse(places.read("token.tokctl.json"));
    places.write("token.tokctl.json", JSON.stringify({ ...record, previousIds: ["old"] }));
    const outcome = await where(places, "--to", to);
    expect(outcome.code).toBe(10);
    expect(JSON.parse(outcome.stdout)).toMatchObject([{ complete: false, previousIds: ["old"] }]);
  });

  test("names the profile of the record if the token does not exist", async () => {
    const places = createPlaces();
    places.write(".env", "# tokctl A id=no-such-id profile=work\nA=x\n");
    const outcome = await where(places, "--to", `env-file:${places.at(".env")}#A`);
    expect(outcome.code).toBe(3);
    expect(errorOf(outcome).hint).toContain("-p work");
  });

  test.each([
    { recorded: " profile=work", hint: "-p work" },
    { recorded: "", hint: "-p PROFILE" },
  ])(
    "names the profile to pass for another provider's token: $hint",
    async ({ recorded, hint }) => {
      const places = createPlaces("osmo");
      places.write(
        ".env",
        `# tokctl A id=20fd280a-4f2e-4c1b-9d3e-0a1b2c3d4e5f name=app1${recorded}\nA=x\n`,
      );
      const to = `env-file:${places.at(".env")}#A`;
      const outcome = await where(places, "--to", to);
      expect(outcome.code).toBe(2);
      const error = errorOf(outcome);
      expect(error.message).toContain(to);
      expect(error.message).toContain("app1");
      expect(error.hint).toContain(hint);
      expect(places.requests).toEqual([]);
    },
  );

  test("shows a profile only if the secret was created with its credential", async () => {
    const home = createHome();
    await home.login("-p work");
    const to = `env-file:${home.path(".env")}#A`;
    const env = {
      TOKCTL_PROVIDER: "ovh-ai",
      TOKCTL_URL: home.url,
      TOKCTL_APP_TOKEN: home.bootstrap,
    };
    const create = ["token", "create", "-r", "ai_training_read", "--to", to];
    const profileOf = async () => (await home.json(["token", "where", "--to", to]))[0].profile;
    await home.run([...create, "own"]);
    expect(await profileOf()).toBe("work");
    await home.run([...create, "other"], { env });
    expect(await profileOf()).toBeNull();
  });

  test.each([
    ["no destination", []],
    ["a destination that records nothing", ["--to", "command:cat"]],
    ["an unknown destination", ["--to", "paper:x"]],
  ])("is refused before a request with %s", async (_, args) => {
    const places = createPlaces();
    expect((await where(places, ...args)).code).toBe(2);
    expect(places.requests).toEqual([]);
  });
});
