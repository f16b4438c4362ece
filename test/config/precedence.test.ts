import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host/host.ts";
import { createHome } from "../support/home.ts";

/** Whoever asks, and wherever: the API answers. */
const api: Fetch = async () =>
  Response.json({ name: "ci", tenant: "t", role: "ai_training_read", tokenKind: "app" });

const [a, b, c] = ["https://a.example", "https://b.example", "https://c.example"];

/** Two profiles, the first current, each with what is stored for it. */
function createTwo() {
  const home = createHome();
  for (const [name, url] of [
    ["pa", a],
    ["pb", b],
  ] as const)
    home.keep(
      name,
      { provider: "ovh-ai", url },
      { origin: url, kind: "token", token: `stored-${name}` },
    );
  home.write("config.json", '{"current": "pa"}');
  return home;
}

type Env = Record<string, string>;
const token = { TOKCTL_APP_TOKEN: "env-s3cr3t" };
const elsewhere = { TOKCTL_PROVIDER: "ovh-ai", TOKCTL_URL: c };

describe("the first that says it wins:", () => {
  test.each<[string, Env, string]>([
    ["whoami", {}, `${a} Bearer stored-pa`],
    ["whoami -p pb", {}, `${b} Bearer stored-pb`],
    ["-p pb whoami", {}, `${b} Bearer stored-pb`],
    ["whoami", { TOKCTL_PROFILE: "pb" }, `${b} Bearer stored-pb`],
    ["whoami -p pa", { TOKCTL_PROFILE: "pb" }, `${a} Bearer stored-pa`],
    ["whoami --app-token flag", {}, `${a} Bearer flag`],
    ["whoami --app-token flag", token, `${a} Bearer flag`],
    ["whoami -p pb --app-token flag", token, `${b} Bearer flag`],
    ["whoami --app-token flag --url https://c.example", {}, `${c} Bearer flag`],
    // The environment's credential: to TOKCTL_URL, or without that to the chosen profile's place.
    ["whoami", token, `${a} Bearer env-s3cr3t`],
    ["whoami", { ...token, TOKCTL_PROFILE: "pb" }, `${b} Bearer env-s3cr3t`],
    ["whoami", { ...token, TOKCTL_URL: c }, `${c} Bearer env-s3cr3t`],
    ["whoami", { ...token, ...elsewhere }, `${c} Bearer env-s3cr3t`],
    ["whoami", { ...token, ...elsewhere, TOKCTL_PROFILE: "pb" }, `${c} Bearer env-s3cr3t`],
    // Docker leaves the quotes of --env-file.
    [
      "whoami",
      { TOKCTL_PROVIDER: '"ovh-ai"', TOKCTL_URL: `"${c}"`, TOKCTL_APP_TOKEN: "'env-s3cr3t'" },
      `${c} Bearer env-s3cr3t`,
    ],
    ["whoami", { TOKCTL_PROFILE: "'pb'" }, `${b} Bearer stored-pb`],
    // A typed -p: the environment says nothing.
    ["whoami -p pb", { ...token, ...elsewhere }, `${b} Bearer stored-pb`],
    ["whoami -p pb", { TOKCTL_PROVIDER: "osmo", TOKCTL_REGION: "GRA" }, `${b} Bearer stored-pb`],
    ["whoami -p pb --provider ovh-ai", token, `${b} Bearer stored-pb`],
    // Another path of the same origin.
    ["whoami --url https://a.example/x", {}, `${a} Bearer stored-pa`],
  ])("%s with %j", async (line, env, sent) => {
    const home = createTwo();
    const { code, stderr } = await home.run(line, { env, fetch: api });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(home.sent()).toEqual([sent]);
  });

  test.each<[string, Env, number, string]>([
    ["whoami --url https://b.example", {}, 4, "is for https://a.example"],
    ["whoami -p pb --url https://a.example", {}, 4, "is for https://b.example"],
    ["whoami", { TOKCTL_URL: b }, 4, "is for https://a.example"],
    ["whoami --url https://a.example:8443", {}, 4, "is for https://a.example"],
    ["whoami --region GRA", {}, 4, "is for https://a.example"],
    ["whoami --url https://b.example", token, 4, "TOKCTL_APP_TOKEN is for https://a.example"],
    // Of a provider that is named besides, the current profile says nothing.
    ["whoami --provider ovh-ai", {}, 2, "No address"],
    ["whoami", { TOKCTL_PROVIDER: "ovh-ai" }, 2, "No address"],
    ["whoami --url https://a.example --provider ovh-ai", {}, 4, "no credential"],
    ["whoami -p pb --provider osmo", {}, 2, '--provider says osmo, but the profile "pb"'],
    ["whoami --provider osmo", { TOKCTL_PROFILE: "pb" }, 2, "--provider says osmo"],
    ["whoami", { TOKCTL_PROFILE: "pb", TOKCTL_PROVIDER: "osmo" }, 2, "TOKCTL_PROVIDER says osmo"],
    ["whoami -p none", {}, 2, 'no profile "none"'],
    ["whoami", { TOKCTL_PROFILE: "none" }, 2, 'no profile "none"'],
    ["whoami -p ../pa", {}, 2, "can't be a profile's name"],
    ["whoami", { TOKCTL_PROFILE: "/etc/passwd" }, 2, "can't be a profile's name"],
    ["whoami -p pb", { TOKCTL_CONFIG_DIR: "/nowhere" }, 2, 'no profile "pb"'],
  ])("%s with %j is refused, and nothing is sent", async (line, env, exit, said) => {
    const home = createTwo();
    const { code, stdout, stderr } = await home.run(line, { env, fetch: api });
    expect({ code, stdout, sent: home.sent() }).toEqual({ code: exit, stdout: "", sent: [] });
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/s3cr3t|stored-p/);
  });

  test("a stored credential does not follow its profile to another address", async () => {
    const home = createTwo();
    await home.run("profile set url https://evil.example");
    const { code, stderr } = await home.run("whoami", { fetch: api });
    expect({ code, sent: home.sent() }).toEqual({ code: 4, sent: [] });
    expect(stderr).toContain("is for https://a.example and is not sent to https://evil.example");
  });

  test("with nothing chosen, login is one of the ways forward", async () => {
    const { code, stderr } = await createHome().run("token list");
    expect(code).toBe(2);
    expect(stderr).toContain("tokctl login");
  });

  test("what OVHcloud's tools keep says nothing beside a profile", async () => {
    const home = createHome();
    home.keep("cloud", { provider: "ovh-cloud", url: `${a}/1.0`, project: "p" });
    home.write("config.json", '{"current": "cloud"}');
    const env = { OVH_ENDPOINT: "ovh-eu", OVH_ACCESS_TOKEN: "env-s3cr3t" };
    const { code } = await home.run("whoami", { env, fetch: api });
    expect({ code, sent: home.sent() }).toEqual({ code: 4, sent: [] });
  });

  test("a userHeader of the profile stands in for a credential", async () => {
    const home = createHome("osmo");
    home.keep("dev", { provider: "osmo", url: home.url, userHeader: "testuser" });
    expect((await home.run("whoami -q -p dev")).stdout).toBe("testuser\n");
  });
});

describe("profile show", () => {
  test("says where each setting comes from, and shows no secret", async () => {
    const home = createTwo();
    const rows = async (line: string, env: Env = {}) =>
      Object.fromEntries(
        (await home.json(`profile show ${line}`, { env })).map(
          ({ key, value, source }: Record<string, string>) => [key, [value, source]],
        ),
      );
    expect(await rows("")).toMatchObject({
      profile: ["pa", "default"],
      provider: ["ovh-ai", "profile"],
      url: [a, "profile"],
      credential: ["•••", "profile"],
    });
    expect(await rows("--url https://c.example --app-token s3cr3t")).toMatchObject({
      url: [c, "flag"],
      credential: ["•••", "flag"],
    });
    expect(await rows("", { ...token, ...elsewhere })).toMatchObject({
      profile: [null, null],
      url: [c, "environment"],
      credential: ["•••", "environment"],
    });
    expect(await rows("--url https://c.example")).toMatchObject({ credential: [null, null] });
  });
});

test.each<[string, Record<string, string | undefined>, string]>([
  ["linux", { HOME: "/h", TOKCTL_CONFIG_DIR: undefined }, "/h/.config/tokctl/profiles/x.json"],
  ["linux", { XDG_CONFIG_HOME: "/x", TOKCTL_CONFIG_DIR: "" }, "/x/tokctl/profiles/x.json"],
  ["linux", { HOME: "/h", XDG_CONFIG_HOME: "x", TOKCTL_CONFIG_DIR: "" }, "/h/.config/tokctl/"],
  ["linux", { HOME: undefined, TOKCTL_CONFIG_DIR: undefined }, "no home"],
  ["darwin", { HOME: "/h", TOKCTL_CONFIG_DIR: "" }, "/h/Library/Application Support/tokctl/"],
])("on %s with %j a profile is kept in %s", async (platform, env, said) => {
  const { findConfigDirectory: findConfigFolder, requireConfigDirectory } = await import(
    "../../src/config/directories.ts"
  );
  const found = () =>
    `${requireConfigDirectory(findConfigFolder({ env, platform }))}/profiles/x.json`;
  if (said.startsWith("/")) expect(found()).toContain(said);
  else expect(found).toThrow(said);
});
