import { describe, expect, test } from "vitest";
import { findConfigDirectory, requireConfigDirectory } from "../../src/config/directories.ts";
import { UsageError } from "../../src/errors.ts";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";

/** An API that accepts every request. */
const api: Fetch = async () =>
  Response.json({ name: "ci", tenant: "t", role: "ai_training_read", tokenKind: "app" });

const [a, b, c] = ["https://a.example", "https://b.example", "https://c.example"];

/** Two profiles with a credential each; the first is current. */
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

describe("options come before the environment, and that before the profile:", () => {
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
    // The environment's credential: to TOKCTL_URL, or without that to the URL of the profile.
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
    // With -p the environment is not used.
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

  test.each<[string, Env, number, ...string[]]>([
    ["whoami --url https://b.example", {}, 4, a, b],
    ["whoami -p pb --url https://a.example", {}, 4, b, a],
    ["whoami", { TOKCTL_URL: b }, 4, a, b],
    ["whoami --url https://a.example:8443", {}, 4, a, `${a}:8443`],
    ["whoami --region GRA", {}, 4, a],
    ["whoami --url https://b.example", token, 4, "TOKCTL_APP_TOKEN", a, b],
    // The current profile does not apply if a provider is given too.
    ["whoami --provider ovh-ai", {}, 2, "--url"],
    ["whoami", { TOKCTL_PROVIDER: "ovh-ai" }, 2, "--url"],
    ["whoami --url https://a.example --provider ovh-ai", {}, 4, "TOKCTL_APP_TOKEN"],
    ["whoami -p pb --provider osmo", {}, 2, "--provider", "osmo", '"pb"'],
    ["whoami --provider osmo", { TOKCTL_PROFILE: "pb" }, 2, "--provider", "osmo", '"pb"'],
    [
      "whoami",
      { TOKCTL_PROFILE: "pb", TOKCTL_PROVIDER: "osmo" },
      2,
      "TOKCTL_PROVIDER",
      "osmo",
      '"pb"',
    ],
    ["whoami -p none", {}, 2, '"none"', "--profile"],
    ["whoami", { TOKCTL_PROFILE: "none" }, 2, '"none"', "TOKCTL_PROFILE"],
    ["whoami -p ../pa", {}, 2, '"../pa"'],
    ["whoami", { TOKCTL_PROFILE: "/etc/passwd" }, 2, '"/etc/passwd"'],
    ["whoami -p pb", { TOKCTL_CONFIG_DIR: "/nowhere" }, 2, '"pb"'],
  ])("%s with %j is refused, and nothing is sent", async (line, env, exit, ...facts) => {
    const home = createTwo();
    const { code, stdout, stderr } = await home.run(line, { env, fetch: api });
    expect({ code, stdout, sent: home.sent() }).toEqual({ code: exit, stdout: "", sent: [] });
    expect(errorOf({ stderr }).code).toBe(exit === 4 ? "unauthenticated" : "usage");
    for (const fact of facts) expect(stderr).toContain(fact);
    expect(stderr).not.toMatch(/s3cr3t|stored-p/);
  });

  test("a stored credential is not sent to a new URL of its profile", async () => {
    const home = createTwo();
    await home.run("profile set url https://evil.example");
    const { code, stderr } = await home.run("whoami", { fetch: api });
    expect({ code, sent: home.sent() }).toEqual({ code: 4, sent: [] });
    expect(errorOf({ stderr }).code).toBe("unauthenticated");
    for (const url of [a, "https://evil.example"]) expect(stderr).toContain(url);
  });

  test("a current profile that does not exist is refused with the name of the file", async () => {
    const home = createTwo();
    home.write("config.json", '{"current": "gone"}');
    const { code, stderr } = await home.run("whoami");
    expect(code).toBe(2);
    for (const fact of ['"gone"', "config.json"]) expect(stderr).toContain(fact);
  });

  test.each(["profiles/pb.json", "credentials/pb.json"])(
    "the hint for a broken %s is to sign in to that profile",
    async (file) => {
      const home = createTwo();
      home.write(file, "{");
      for (const [line, env] of [
        ["whoami -p pb", {}],
        ["whoami", { TOKCTL_PROFILE: "pb" }],
      ] as const) {
        const { code, stderr } = await home.run(line, { env });
        expect(code).toBe(2);
        expect(stderr).toContain("tokctl login -p pb\n");
      }
    },
  );

  test("without a target the hint names tokctl login", async () => {
    const { code, stderr } = await createHome().run("token list");
    expect(code).toBe(2);
    expect(stderr).toContain("tokctl login");
  });

  test("the settings of OVHcloud's own tools are not used with a profile", async () => {
    const home = createHome();
    home.keep("cloud", { provider: "ovh-cloud", url: `${a}/1.0`, project: "p" });
    home.write("config.json", '{"current": "cloud"}');
    const env = { OVH_ENDPOINT: "ovh-eu", OVH_ACCESS_TOKEN: "env-s3cr3t" };
    const { code } = await home.run("whoami", { env, fetch: api });
    expect({ code, sent: home.sent() }).toEqual({ code: 4, sent: [] });
  });

  test("a profile with userHeader needs no credential", async () => {
    const home = createHome("osmo");
    home.keep("dev", { provider: "osmo", url: home.url, userHeader: "testuser" });
    expect((await home.run("whoami -q -p dev")).stdout).toBe("testuser\n");
  });
});

describe("profile show", () => {
  test("shows the source of each setting, and no secret", async () => {
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
  ["darwin", { HOME: "/h", TOKCTL_CONFIG_DIR: "" }, "/h/Library/Application Support/tokctl/"],
])("on %s with %j a profile is stored in %s", (platform, env, expected) => {
  const folder = requireConfigDirectory(findConfigDirectory({ env, platform }));
  expect(`${folder}/profiles/x.json`).toContain(expected);
});

test("without a home directory, storing a profile is a usage error", () => {
  const env = { HOME: undefined, TOKCTL_CONFIG_DIR: undefined };
  const folder = findConfigDirectory({ env, platform: "linux" });
  expect(() => requireConfigDirectory(folder)).toThrow(UsageError);
});
