import { chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { FetchInit } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";
import { createTerminal } from "../support/terminal.ts";

describe("login", () => {
  test("creates a profile named after the provider, makes it current and stores the credential", async () => {
    const home = createHome();
    const { code, stdout } = await home.login("-o json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      profile: "ovh-ai",
      provider: "ovh-ai",
      url: home.url,
      name: "sandbox-operator",
      kind: "app",
      current: "ovh-ai",
      canListTokens: true,
    });
    expect((await home.run("whoami -q")).stdout).toBe("sandbox-operator\n");
    expect(JSON.parse(home.read("config.json"))).toEqual({ current: "ovh-ai" });
    expect(JSON.parse(home.read("profiles/ovh-ai.json"))).toEqual({
      provider: "ovh-ai",
      url: home.url,
      account: expect.stringMatching(/^[0-9a-f]{16}$/),
      signedInAs: { name: "sandbox-operator", project: expect.any(String) },
    });
    expect(JSON.parse(home.read("credentials/ovh-ai.json"))).toEqual({
      origin: home.origin,
      kind: "token",
      token: home.bootstrap,
    });
    for (const folder of ["profiles", "credentials"])
      expect(statSync(home.path(folder)).mode & 0o777).toBe(0o700);
    for (const file of ["config.json", "profiles/ovh-ai.json", "credentials/ovh-ai.json"])
      expect(statSync(home.path(file)).mode & 0o777).toBe(0o600);
  });

  test("keeps several profiles", async () => {
    const home = createHome();
    await home.login("-p one");
    await home.login("-p two");
    expect(await home.json("profile list")).toMatchObject([
      { name: "one", current: false, provider: "ovh-ai", url: home.url, credential: true },
      { name: "two", current: true },
    ]);
    await home.run("profile use one");
    expect((await home.json("profile show"))[0]).toMatchObject({ key: "profile", value: "one" });
  });

  test("needs no URL for an existing profile", async () => {
    const home = createHome();
    await home.login("-p one");
    const { code } = await home.run("login -p one --app-token-file -", { stdin: home.bootstrap });
    expect(code).toBe(0);
  });

  test("stores nothing if the credential is rejected", async () => {
    const home = createHome();
    await home.login("-p one");
    const before = home.read("credentials/one.json");
    const { code, stderr } = await home.login("-p one", { stdin: "s3cr3t" });
    expect(code).toBe(4);
    expect(stderr).not.toContain("s3cr3t");
    expect(home.read("credentials/one.json")).toBe(before);
    expect((await home.login("-p two", { stdin: "s3cr3t" })).code).toBe(4);
    expect(home.files("profiles")).toEqual(["one.json"]);
  });

  test.each([
    ["login", "login PROVIDER"],
    ["login nothing", '"nothing"'],
    ["login ovh-ai", "--method token --app-token-file PATH"],
    ["login ovh-ai --app-token-file -", "--region GRA|BHS"],
    ["login ovh-ai http://127.0.0.1:8787", "--app-token-file PATH"],
    ["login ovh-ai http://example.com --app-token-file -", "--allow-http"],
    ["login ovh-ai https://a.example --url https://b.example --app-token-file -", "--url"],
    ["login ovh-ai --region SBG --app-token-file -", '"SBG"'],
    ["login ovh-ai --method nothing", "token, password"],
    ["login osmo http://127.0.0.1:8787", "--method dev --user-header VALUE"],
    ["login osmo http://127.0.0.1:8787 --app-token-file - --user-header me", "--method"],
    ["login ovh-ai http://127.0.0.1:8787 --user-header me", "--user-header"],
    ["login ovh-cloud ovh-eu --app-token-file -", "project"],
    ["login ovh-cloud ovh-eu --project p --application-key k", "--application-secret-file"],
    ["login ovh-cloud ovh-eu --project p", "https://eu.api.ovh.com/1.0"],
    ["login ovh-ai http://127.0.0.1:8787 --app-token-file - -p a/b", '"a/b"'],
  ])("%s is exit 2 without a terminal: %s", async (line, named) => {
    const home = createHome();
    const { code, stderr } = await home.run(line, { stdin: "s3cr3t" });
    expect({ code, error: errorOf({ stderr }).code }).toEqual({ code: 2, error: "usage" });
    expect(stderr).toContain(named);
    expect(home.requests).toEqual([]);
    expect(home.files(".")).toEqual([]);
  });

  test("works with a user header at an OSMO service without sign-in", async () => {
    const home = createHome("osmo");
    expect((await home.run(`login osmo ${home.url} --user-header testuser`)).code).toBe(0);
    expect(JSON.parse(home.read("credentials/osmo.json"))).toMatchObject({
      kind: "user",
      user: "testuser",
    });
    expect((await home.run("whoami -q")).stdout).toBe("testuser\n");
  });

  test("works with an OSMO access token", async () => {
    const home = createHome("osmo");
    expect((await home.login()).code).toBe(0);
    expect((await home.run("whoami -q")).stdout).toBe("testuser\n");
  });
});

describe("an existing profile", () => {
  /** A home that is signed in, and another token of the same account. */
  async function createSignedIn(words = "") {
    const home = createHome();
    await home.login(words);
    const { token } = await home.json("token create other -r operator", { env: home.environment });
    const before = () => [
      home.files("profiles"),
      ...home.files("profiles").map((file) => home.read(`profiles/${file}`)),
      ...home.files("credentials").map((file) => home.read(`credentials/${file}`)),
      home.read("config.json"),
    ];
    home.requests.length = 0;
    return { ...home, token: String(token), state: before };
  }
  const at = (home: { readonly url: string }, more = "") =>
    `login ovh-ai ${home.url}${more} --app-token-file -`;

  test.each([
    ["another URL", "login ovh-ai https://b.example --app-token-file -", {}],
    ["another region", "login ovh-ai --region GRA --app-token-file -", {}],
    ["another provider", "login osmo http://127.0.0.1:8787 -p ovh-ai --user-header me", {}],
    [
      "another URL of the environment",
      "login ovh-ai --app-token-file -",
      { TOKCTL_URL: "https://b.example" },
    ],
  ])("is not replaced by a sign-in to %s: exit 6, and no request is sent", async (_, line, env) => {
    const home = await createSignedIn();
    const before = home.state();
    const { code, stdout } = await home.run(line, { stdin: home.token, env });
    expect({ code, stdout, sent: home.sent() }).toEqual({ code: 6, stdout: "", sent: [] });
    expect(home.state()).toEqual(before);
  });

  test("is not replaced by a sign-in as another account: exit 6, and nothing is stored", async () => {
    const home = await createSignedIn();
    const before = home.state();
    const { code, stdout, stderr } = await home.run(at(home), { stdin: home.token });
    expect({ code, stdout }).toEqual({ code: 6, stdout: "" });
    expect(stderr).toContain("--replace");
    expect(stderr).not.toContain(home.token);
    expect(home.state()).toEqual(before);
  });

  test.each(["", "-p ovh-ai"])("is signed in to again by the same account (%s)", async (words) => {
    const home = await createSignedIn();
    expect((await home.login(words)).code).toBe(0);
    // The same with a credential that was not kept, and with one whose owner is not known.
    await home.run("logout -p ovh-ai");
    expect((await home.login(words)).code).toBe(0);
    const { signedInAs: _, ...profile } = JSON.parse(home.read("profiles/ovh-ai.json"));
    home.write("profiles/ovh-ai.json", JSON.stringify(profile));
    expect((await home.login(words)).code).toBe(0);
  });

  test("of an unknown account is not replaced without --replace", async () => {
    const home = await createSignedIn();
    const { signedInAs: _, ...profile } = JSON.parse(home.read("profiles/ovh-ai.json"));
    home.write("profiles/ovh-ai.json", JSON.stringify(profile));
    expect((await home.run(at(home), { stdin: home.token })).code).toBe(6);
  });

  test("is replaced with --replace", async () => {
    const home = await createSignedIn();
    expect((await home.run(`${at(home)} --replace`, { stdin: home.token })).code).toBe(0);
    expect((await home.run("whoami -q")).stdout).toBe("other\n");
    const { code } = await home.run(`${at(home, "/proxy")} --replace`, {
      stdin: home.token,
      fetch: (url, init) => home.sandbox.request(url.replace("/proxy", ""), init),
    });
    expect(code).toBe(0);
    expect(JSON.parse(home.read("profiles/ovh-ai.json"))).toMatchObject({
      url: `${home.url}/proxy`,
    });
  });

  test("of another provider loses its settings with --replace", async () => {
    const home = createHome("osmo");
    home.keep("lab", { provider: "ovh-cloud", url: "https://a.example/1.0", project: "p" });
    const line = `login osmo ${home.url} -p lab --user-header testuser`;
    expect((await home.run(line)).code).toBe(6);
    expect((await home.run(`${line} --replace`)).code).toBe(0);
    expect(JSON.parse(home.read("profiles/lab.json"))).not.toHaveProperty("project");
  });

  const question = /"ovh-ai".*\[y\/N\]/;

  test("is replaced at a terminal if the answer is yes, and kept if it is no", async () => {
    const home = await createSignedIn();
    const before = home.state();
    const file = home.path("token");
    home.write("token", home.token);
    const line = `login ovh-ai ${home.url} --app-token-file ${file}`;
    const no = createTerminal([question, "n\r"]);
    expect((await home.run(line, { terminal: no.terminal })).code).toBe(130);
    expect([no.left, home.state()]).toEqual([[], before]);
    const yes = createTerminal([question, "y\r"]);
    expect((await home.run(line, { terminal: yes.terminal })).code).toBe(0);
    expect(yes.left).toEqual([]);
    expect((await home.run("whoami -q")).stdout).toBe("other\n");
  });

  test("with another URL needs confirmation before anything else is asked or sent", async () => {
    const home = await createSignedIn();
    const { terminal, left } = createTerminal([question, "n\r"]);
    const { code } = await home.run("login ovh-ai https://b.example", { terminal });
    expect({ code, left, sent: home.sent() }).toEqual({ code: 130, left: [], sent: [] });
  });
});

describe("the environment", () => {
  test("sets provider and URL of a new profile, with -p too", async () => {
    const home = createHome();
    const env = { TOKCTL_PROVIDER: "ovh-ai", TOKCTL_URL: home.url };
    const options = { env, stdin: home.bootstrap };
    expect((await home.run("login -p new --app-token-file -", options)).code).toBe(0);
    expect(JSON.parse(home.read("profiles/new.json"))).toMatchObject({ url: home.url });
  });

  test("is ignored with -p of an existing profile", async () => {
    const home = createHome();
    await home.login("-p one");
    const env = { TOKCTL_PROVIDER: "osmo", TOKCTL_URL: "https://b.example" };
    const options = { env, stdin: home.bootstrap };
    expect((await home.run("login -p one --app-token-file -", options)).code).toBe(0);
    expect(JSON.parse(home.read("profiles/one.json"))).toMatchObject({ url: home.url });
  });

  test.each([{ TOKCTL_PROFILE: "other" }, { TOKCTL_PROVIDER: "osmo" }])(
    "that overrides the new current profile is named: %j",
    async (env) => {
      const home = createHome();
      const { code, stderr } = await home.login("-p one", { env });
      expect(code).toBe(0);
      for (const [name, value] of Object.entries(env)) expect(stderr).toContain(`${name}=${value}`);
    },
  );
});

test.each(["/proc/nope", "/dev/null/x"])(
  "no sign-in is sent if the configuration directory %s is not writable",
  async (folder) => {
    const home = createHome();
    const { code } = await home.login("", { env: { TOKCTL_CONFIG_DIR: folder } });
    expect({ code, sent: home.sent() }).toEqual({ code: 2, sent: [] });
  },
);

describe("a base URL", () => {
  test.each(["GRA", "gra"])("may be given as a region: %s", async (region) => {
    const home = createHome();
    const line = `login ovh-ai ${region} --app-token-file -`;
    const fetch = (url: string, init: FetchInit) =>
      home.sandbox.request(url.replace("https://gra.ai.cloud.ovh.net", home.origin), init);
    expect((await home.run(line, { stdin: home.bootstrap, fetch })).code).toBe(0);
    expect(JSON.parse(home.read("profiles/ovh-ai.json"))).toMatchObject({
      url: "https://gra.ai.cloud.ovh.net",
    });
  });

  test.each([
    ["login ovh-ai SBG", /GRA, BHS/, /https:\/\/SBG/i],
    ["login ovh-ai GAR", /GRA, BHS/, /https:\/\/GAR/i],
    ["login ovh-cloud ovh-ue", /ovh-eu/, /https:\/\/ovh/],
    ["login osmo localhost:8787", /login osmo http:\/\/localhost:8787/, /https:\/\/localhost/],
    ["login osmo 127.0.0.1:8787", /login osmo http:\/\/127\.0\.0\.1:8787/, /https:\/\/127/],
    ["login osmo [::1]:8787", /login osmo 'http:\/\/\[::1\]:8787'/, /https:\/\/\[/],
    ["login osmo localhost", /login osmo http:\/\/localhost/, /https:\/\/localhost/],
    ["login osmo osmo.example.com:8443", /login osmo https:\/\/osmo\.example\.com:8443/, /http:\//],
    ["token check --at localhost:8080 -p x", /--at http:\/\/localhost:8080/, /https:\/\/localhost/],
    ["login osmo s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t", /URL/, /s3cr3t/],
    ["login osmo eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl-1", /URL/, /eyJ/],
    ["login ovh-ai s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t", /URL/, /s3cr3t/],
    ["login ovh-ai https://a.example/v1", /login ovh-ai https:\/\/a\.example/, /(?!)/],
    ["login ovh-cloud https://a.example", /login ovh-cloud https:\/\/a\.example\/1\.0/, /(?!)/],
    ["login ovh-serving https://a.example/", /https:\/\/a\.example\/1\.0/, /(?!)/],
    ["login ovh-ai https://a.example/x/v1/", /login ovh-ai https:\/\/a\.example\/x/, /(?!)/],
    ["login osmo https://a.example/api", /login osmo https:\/\/a\.example/, /(?!)/],
  ])("%s is exit 2 with the intended value, and nothing is sent", async (line, meant, not) => {
    const home = createHome();
    home.keep("x", { provider: "ovh-ai", url: home.url });
    const stdin = line.startsWith("login ovh-ai") ? "s3cr3t" : home.bootstrap;
    const { code, stderr } = await home.run(line, { stdin });
    expect({ code, sent: home.sent() }).toEqual({ code: 2, sent: [] });
    expect(stderr).toMatch(meant);
    expect(stderr).not.toMatch(not);
  });
});

describe("an invalid answer at a terminal", () => {
  // Each question is recognized by what it asks for.
  const url = /OVHcloud AI|NVIDIA OSMO/;
  const token = /token/i;

  test("repeats the question: an invalid URL, and a rejected token", async () => {
    const home = createHome();
    const { terminal, left, screen } = createTerminal(
      [url, "SBG\r"],
      [url, `${home.url}/v1\r`],
      [url, `${home.url}\r`],
      [token, "wrong-token\r"],
      [token, `${home.bootstrap}\r`],
    );
    const { code } = await home.run("login ovh-ai --method token", { terminal });
    expect(left, screen()).toEqual([]);
    expect(code).toBe(0);
    expect((await home.run("whoami -q")).stdout).toBe("sandbox-operator\n");
  });

  test("repeats the question with the corrected URL", async () => {
    const home = createHome("osmo");
    const { host } = new URL(home.url);
    const { terminal, left, screen } = createTerminal(
      [url, `${host}\r`],
      [new RegExp(`https?://${host}`), `${home.url}\r`],
      [token, `${home.bootstrap}\r`],
    );
    const { code } = await home.run("login osmo --method token", { terminal });
    expect(left, screen()).toEqual([]);
    expect(code).toBe(0);
  });

  test("repeats the question: an unreachable server", async () => {
    const home = createHome();
    const { terminal, left, screen } = createTerminal(
      [url, "https://nowhere.example\r"],
      [token, `${home.bootstrap}\r`],
      [url, `${home.url}\r`],
    );
    const { code } = await home.run("login ovh-ai --method token", {
      terminal,
      fetch: async (url, init) => {
        if (url.includes("nowhere")) throw new TypeError("fetch failed");
        return home.sandbox.request(url, init);
      },
    });
    expect(left, screen()).toEqual([]);
    expect(code).toBe(0);
  });

  test("ends the command after three attempts", async () => {
    const home = createHome();
    const { terminal, left } = createTerminal(
      [token, "wrong-1\r"],
      [token, "wrong-2\r"],
      [token, "wrong-3\r"],
    );
    const { code } = await home.run(`login ovh-ai ${home.url} --method token`, { terminal });
    expect({ code, left, files: home.files(".") }).toEqual({ code: 4, left: [], files: [] });
  });
});

test.each([
  ["-r ai_training_operator -l group=A", false],
  ["-r ai_training_read", false],
  ["-r ai_training_operator", true],
])("login and doctor report whether a token with %s can list tokens", async (words, can) => {
  const home = createHome();
  const { token } = await home.json(`token create limited ${words}`, { env: home.environment });
  const { code, stdout, stderr } = await home.login("-o json", { stdin: token });
  expect({ code, can: JSON.parse(stdout).canListTokens }).toEqual({ code: 0, can });
  expect(stderr === "").toBe(can);
  const checks: { name: string; status: string }[] = await home.json("doctor");
  expect(checks.find(({ name }) => name === "tokens")).toMatchObject({
    status: can ? "ok" : "warning",
  });
});

describe("a killed login", () => {
  test("leaves no credential without its profile", async () => {
    const home = createHome();
    const seen: (readonly string[])[] = [];
    await home.login("--store keychain", {
      keychain: {
        get: async () => undefined,
        async set() {
          seen.push(home.files("profiles"));
        },
        delete: async () => true,
      },
    });
    expect(seen).toEqual([["ovh-ai.json"]]);
  });

  test("leaves no profile if the credential can't be stored", async () => {
    const home = createHome();
    home.write("credentials", "no folder");
    expect((await home.login()).code).toBe(2);
    expect(home.files("profiles")).toEqual([]);
  });

  test("may leave a credential without its profile, which profile list shows and logout removes", async () => {
    const home = createHome();
    await home.login("-p one");
    await home.login("-p two");
    rmSync(home.path("profiles/one.json"));
    expect(await home.json("profile list")).toMatchObject([
      { name: "two", broken: null },
      { name: "one", provider: null, credential: true, broken: expect.any(String) },
    ]);
    const checks: { name: string; hint: string | null }[] = await home.json("doctor");
    const { hint } = checks.find(({ name }) => name === "credentials") ?? {};
    expect(hint).toContain("tokctl logout -p one");
    expect(await home.json("logout -p one")).toMatchObject({ removed: true });
    expect(home.files("credentials")).toEqual(["two.json"]);
  });
});

const keys = {
  OVH_ENDPOINT: "ovh-eu",
  OVH_APPLICATION_KEY: "app-key",
  OVH_APPLICATION_SECRET: "app-s3cr3t",
  OVH_CONSUMER_KEY: "consumer-s3cr3t",
};
const conf = `; kept by OVHcloud's tools
[default]
endpoint=ovh-ca
[ovh-eu]
application_key=app-key
application_secret = app-s3cr3t
consumer_key=consumer-s3cr3t
[ovh-ca]
application_key=other-key
application_secret=other-s3cr3t
consumer_key=other-consumer-s3cr3t
`;
/** OVHcloud's endpoints, which accept any credential. */
const cloud = async (url: string) => new Response(url.endsWith("/auth/time") ? "1700000000" : "[]");

describe("login to OVHcloud's public API", () => {
  const application = {
    origin: "https://eu.api.ovh.com",
    kind: "application",
    applicationKey: "app-key",
    applicationSecret: "app-s3cr3t",
    consumerKey: "consumer-s3cr3t",
  };

  test("reads the keys of the environment", async () => {
    const home = createHome("ovh-cloud");
    const { code, stderr } = await home.run("login ovh-cloud --project p", {
      env: keys,
      fetch: cloud,
    });
    expect(code).toBe(0);
    expect(stderr).toContain("OVH_*");
    expect(JSON.parse(home.read("credentials/ovh-cloud.json"))).toEqual(application);
    expect(JSON.parse(home.read("profiles/ovh-cloud.json"))).toEqual({
      provider: "ovh-cloud",
      url: "https://eu.api.ovh.com/1.0",
      project: "p",
      account: expect.stringMatching(/^[0-9a-f]{16}$/),
      signedInAs: { name: "app-key", project: "p" },
    });
  });

  test.each([
    ["", "https://ca.api.ovh.com", "other-key"],
    ["ovh-eu", "https://eu.api.ovh.com", "app-key"],
  ])("reads the keys of an ovh.conf, %s", async (endpoint, origin, applicationKey) => {
    const home = createHome("ovh-cloud");
    home.write(".ovh.conf", conf);
    const line = `login ovh-serving ${endpoint} --project p --namespace n`;
    const { code, stderr } = await home.run(line, { fetch: cloud });
    expect(code).toBe(0);
    expect(stderr).toContain(home.path(".ovh.conf"));
    expect(JSON.parse(home.read("credentials/ovh-serving.json"))).toMatchObject({
      origin,
      applicationKey,
    });
  });

  test("reads keys from options and files", async () => {
    const home = createHome("ovh-cloud");
    home.write("secret", "app-s3cr3t\n");
    home.write("consumer", "consumer-s3cr3t\n");
    const files = `--application-secret-file ${home.path("secret")} --consumer-key-file ${home.path("consumer")}`;
    const { code, stdout, stderr } = await home.run(
      `login ovh-cloud ovh-eu --project p --application-key app-key ${files} --debug`,
      { fetch: cloud },
    );
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain("s3cr3t");
    expect(JSON.parse(home.read("credentials/ovh-cloud.json"))).toEqual(application);
    home.requests.length = 0;
    expect((await home.run("whoami -q", { fetch: cloud })).stdout).toBe("app-key\n");
    expect(home.requests[1]?.headers).toMatchObject({ "x-ovh-consumer": "consumer-s3cr3t" });
  });

  test("accepts a bearer token", async () => {
    const home = createHome("ovh-cloud");
    expect((await home.login(`--project ${home.environment["TOKCTL_PROJECT"]}`)).code).toBe(0);
    expect((await home.run("token list")).code).toBe(0);
  });
});

describe("a broken file", () => {
  const broken = '{\n  "provider": "ovh-ai",\n  "url": "s3cr3t" oops\n}\n';

  async function createBroken() {
    const home = createHome();
    await home.login("-p good");
    await home.login("-p bad");
    home.write("profiles/bad.json", broken);
    return home;
  }

  test.each([
    "whoami",
    "profile show",
    "profile use bad",
    "profile set project x",
    "token list -p bad",
  ])("is an error of %s that names file and line, without its content", async (line) => {
    const home = await createBroken();
    const { code, stderr } = await home.run(line);
    expect(code).toBe(2);
    expect(errorOf({ stderr }).code).toBe("usage");
    expect(stderr).toContain(home.path("profiles/bad.json"));
    expect(stderr).toMatch(/\bline 3\b/);
    expect(stderr).not.toMatch(/s3cr3t|oops/);
    expect(home.read("profiles/bad.json")).toBe(broken);
  });

  test.each([
    "--help",
    "login --help",
    "-p good whoami",
    "logout",
    "profile use good",
    "-p good token list",
  ])("is ignored by %s", async (line) =>
    expect((await (await createBroken()).run(line)).code).toBe(0),
  );

  test("is marked as broken by profile list", async () => {
    const home = await createBroken();
    expect(await home.json("profile list")).toMatchObject([
      { name: "bad", broken: expect.stringContaining("line 3") },
      { name: "good", broken: null },
    ]);
  });

  test("is renamed by login, which names the new file", async () => {
    const home = await createBroken();
    home.write("config.json", "{");
    home.write("credentials/bad.json", "s3cr3t");
    const { code, stderr } = await home.login("-p bad");
    expect(code).toBe(0);
    const aside = "json.broken-20261123T120000000Z";
    for (const file of ["profiles/bad", "config", "credentials/bad"])
      expect(stderr).toContain(home.path(`${file}.${aside}`));
    expect(stderr).not.toContain("s3cr3t");
    expect(home.read(`profiles/bad.${aside}`)).toBe(broken);
    expect((await home.run("whoami")).code).toBe(0);
    expect(await home.json("profile list")).toHaveLength(2);
  });

  test.each([
    ["config.json", '{"current": 3}', '"current"'],
    ["config.json", "", "line 1"],
    ["config.json", "[]", "JSON object"],
    ["profiles/bad.json", "{}", "provider"],
    ["profiles/bad.json", '{"provider":"ovh-ai","url":""}', '"url"'],
    ["profiles/bad.json", '{"provider":"ovh-ai",\n\n}', "line 3"],
    ["profiles/bad.json", '{"provider":\n"ovh-ai\n"}', "line 2"],
    ["profiles/bad.json", '{"a":[1,\n2,{"b":null}],\n"c":tru}', "line 3"],
    ["profiles/bad.json", '{"a":1}\n{', "line 2"],
    ["credentials/bad.json", '{"origin":\n s3cr3t}', "line 2"],
    ["credentials/bad.json", '{"origin":"https://a.example","kind":"token"}', '"token"'],
    ["credentials/bad.json", '{"kind":"token","token":"s3cr3t"}', '"origin"'],
    ["credentials/bad.json", '{"origin":"https://a.example","kind":"s3cr3t"}', '"kind"'],
  ])("%s containing %j is an error that names the file and %s", async (file, text, named) => {
    const home = createHome();
    await home.login("-p bad");
    home.write(file, text);
    const { code, stderr } = await home.run("whoami");
    expect(code).toBe(2);
    const { code: error, message } = errorOf({ stderr });
    expect(error).toBe("usage");
    expect(message).toContain(home.path(file));
    expect(message).toContain(named);
    expect(stderr).not.toContain("s3cr3t");
  });
});

test.each(["config.json", "profiles/ovh-ai.json", "credentials/ovh-ai.json"])(
  "%s may have a byte order mark, and is refused if it is UTF-16",
  async (file) => {
    const home = createHome();
    await home.login();
    const text = home.read(file);
    home.write(file, `\ufeff${text}`);
    expect((await home.run("whoami")).code).toBe(0);
    for (const line of ["profile set clientId x", "profile use ovh-ai"])
      expect((await home.run(line)).code, line).toBe(0);
    home.write(file, `\ufeff${text}`);
    expect((await home.login("--replace")).code).toBe(0);
    home.write(file, Buffer.from(`\ufeff${text}`, "utf16le"));
    const { code, stderr } = await home.run("whoami");
    expect(code).toBe(2);
    expect(stderr).toContain(home.path(file));
    expect(stderr).toContain("UTF-16");
  },
);

test("a token file may have a byte order mark, and is refused if it is UTF-16", async () => {
  const home = createHome();
  home.write("token", `\ufeff${home.bootstrap}\r\n`);
  const line = `login ovh-ai ${home.url} --app-token-file ${home.path("token")}`;
  expect((await home.run(line)).code).toBe(0);
  home.write("token", Buffer.from(`\ufeff${home.bootstrap}`, "utf16le"));
  const { code, stderr } = await home.run(`whoami --app-token-file ${home.path("token")}`);
  expect(code).toBe(2);
  expect(stderr).toContain("UTF-16");
  expect(stderr).not.toContain(home.bootstrap);
});

describe("a stored credential", () => {
  test.each([0o640, 0o604, 0o644, 0o660, 0o620])(
    "with mode %o is refused, with the chmod command to run",
    async (mode) => {
      const home = createHome();
      await home.login();
      chmodSync(home.path("credentials/ovh-ai.json"), mode);
      const { code, stderr } = await home.run("whoami");
      expect(code).toBe(2);
      expect(stderr).toContain(`chmod 600 ${home.path("credentials/ovh-ai.json")}`);
    },
  );

  test("behind a symbolic link is refused, and the target is not written", async () => {
    const home = createHome();
    await home.login();
    const path = home.path("credentials/ovh-ai.json");
    renameSync(path, home.path("elsewhere"));
    const before = home.read("elsewhere");
    symlinkSync(home.path("elsewhere"), path);
    for (const { code, stderr } of [await home.run("whoami"), await home.login()]) {
      expect(code).toBe(2);
      expect(errorOf({ stderr }).message).toContain(path);
      expect(stderr).toContain("symbolic link");
    }
    expect((await home.run("logout")).code).toBe(0);
    expect(home.read("elsewhere")).toBe(before);
  });

  test("in a directory that is not writable is an error with its path", async () => {
    const home = createHome();
    home.write("credentials", "no folder");
    const { code, stderr } = await home.login();
    expect(code).toBe(2);
    expect(stderr).toContain("credentials");
    expect(stderr).not.toContain(home.bootstrap);
  });
});

describe("profile set", () => {
  test("replaces the lock of a killed process", async () => {
    const home = createHome();
    home.keep("one", { provider: "ovh-cloud" });
    mkdirSync(home.path("profiles/one.json.lock"));
    expect((await home.run("profile set -p one project p1")).code).toBe(0);
    expect(home.files("profiles")).toEqual(["one.json"]);
  });

  test("keeps unknown and unchanged settings", async () => {
    const home = createHome();
    home.keep("one", {
      provider: "ovh-cloud",
      url: "https://a.example",
      later: { x: [1] },
      "a.b": 2,
    });
    await home.run("profile use one");
    expect((await home.run("profile set project p1")).code).toBe(0);
    expect((await home.run("profile set url ovh-eu")).code).toBe(0);
    await home.run("profile set region gra");
    await home.run(["profile", "set", "region", ""]);
    expect(JSON.parse(home.read("profiles/one.json"))).toEqual({
      provider: "ovh-cloud",
      url: "https://eu.api.ovh.com/1.0",
      later: { x: [1] },
      "a.b": 2,
      project: "p1",
    });
    expect(statSync(home.path("profiles/one.json")).mode & 0o777).toBe(0o600);
  });

  test("creates a profile for a credential from the environment", async () => {
    const home = createHome();
    expect((await home.run("profile set -p ci provider ovh-ai")).code).toBe(0);
    await home.run(["profile", "set", "-p", "ci", "url", home.url]);
    const env = { TOKCTL_PROFILE: "ci", TOKCTL_APP_TOKEN: home.bootstrap };
    expect((await home.run("whoami", { env })).code).toBe(0);
  });

  test.each([
    ["profile set project x", "-p"],
    ["profile set -p none project x", '"none"'],
    ["profile set -p one colour red", '"colour"'],
    ["profile set -p one __proto__ red", '"__proto__"'],
    ["profile set -p one url http://example.com", "--allow-http"],
    ["profile set -p one url https://me:s3cr3t@example.com", "password"],
    ["profile set -p one region SBG", '"SBG"'],
    ["profile set -p one provider osmo", "ovh-ai"],
    ["profile set -p new provider nothing", '"nothing"'],
    ["profile use none", '"none"'],
    ["profile remove none", '"none"'],
    ["profile use ../x", '"../x"'],
  ])("%s is exit 2: %s", async (line, named) => {
    const home = createHome();
    home.keep("one", { provider: "ovh-ai", url: "https://a.example" });
    const { code, stderr } = await home.run(line);
    expect({ code, error: errorOf({ stderr }).code }).toEqual({ code: 2, error: "usage" });
    expect(stderr).toContain(named);
    expect(stderr).not.toContain("s3cr3t");
  });
});

describe("logout and profile remove", () => {
  test("logout deletes the stored credential, not the token", async () => {
    const home = createHome();
    await home.login();
    const { code, stderr } = await home.run("logout");
    expect(code).toBe(0);
    expect(stderr).toMatch(/revoke/);
    expect(home.files("credentials")).toEqual([]);
    expect((await home.run("whoami")).code).toBe(4);
    expect((await home.run("whoami", { env: home.environment })).code).toBe(0);
    expect(await home.json("logout")).toEqual({
      profile: "ovh-ai",
      removed: false,
      revoked: false,
    });
  });

  test("logout deletes the temporary file of a killed process", async () => {
    const home = createHome();
    await home.login("-p one");
    await home.login("-p one.json");
    home.write("credentials/one.json.0aa3c557.tmp", home.bootstrap);
    await home.run("logout -p one");
    expect(home.files("credentials")).toEqual(["one.json.json"]);
  });

  test("logout --revoke deletes the token too", async () => {
    const home = createHome();
    const admin = {
      TOKCTL_PROVIDER: "ovh-ai",
      TOKCTL_URL: home.url,
      TOKCTL_APP_TOKEN: home.bootstrap,
    };
    const { token } = await home.json("token create mine -r operator", { env: admin });
    await home.login("-p mine", { stdin: token });
    expect(await home.json("logout --revoke")).toMatchObject({ removed: true, revoked: true });
    expect(await home.json("token list", { env: admin })).toEqual([]);
  });

  test("logout --revoke changes nothing if the token is unknown", async () => {
    const home = createHome();
    await home.login();
    const { code, stderr } = await home.run("logout --revoke");
    expect(code).toBe(2);
    expect(errorOf({ stderr }).code).toBe("usage");
    expect(home.files("credentials")).toEqual(["ovh-ai.json"]);
  });

  test("profile remove deletes the credential, and no profile is current", async () => {
    const home = createHome();
    await home.login();
    expect((await home.run("profile remove ovh-ai")).code).toBe(0);
    expect([home.files("profiles"), home.files("credentials")]).toEqual([[], []]);
    expect(errorOf(await home.run("whoami"))).toMatchObject({
      code: "usage",
      hint: expect.stringContaining("tokctl login"),
    });
  });
});

describe("the permissions of a token file", () => {
  test.each([0o644, 0o640, 0o666, 0o602])(
    "of mode %o cause a warning with the chmod command to run",
    async (mode) => {
      const home = createHome();
      home.write("token", home.bootstrap, mode);
      const line = `whoami --provider ovh-ai --url ${home.url} --app-token-file ${home.path("token")}`;
      const { code, stderr } = await home.run(line);
      expect(code).toBe(0);
      expect(stderr).toContain(`chmod 600 ${home.path("token")}`);
      expect((await home.run(`${line} -q`)).stderr).toBe("");
      expect((await home.run(`${line} -o json`)).stderr).toBe("");
      const login = `login ovh-ai ${home.url} --app-token-file ${home.path("token")}`;
      expect((await home.run(login)).stderr).toContain("chmod 600");
    },
  );

  test("of mode 600 cause no warning", async () => {
    const home = createHome();
    home.write("token", home.bootstrap, 0o600);
    const line = `whoami --provider ovh-ai --url ${home.url} --app-token-file ${home.path("token")}`;
    expect(await home.run(line)).toMatchObject({ code: 0, stderr: "" });
  });
});

test.each(["whoami", "doctor", "login ovh-ai http://127.0.0.1:8787 -p new --app-token-file -"])(
  "%s does not suggest whoami if whoami is forbidden (403)",
  async (line) => {
    const home = createHome();
    await home.login();
    const fetch = async () => Response.json({ message: "no" }, { status: 403 });
    const { code, stdout, stderr } = await home.run(line, { fetch, stdin: home.bootstrap });
    expect(code).toBe(5);
    expect(`${stdout}${stderr}`).not.toContain("tokctl whoami");
  },
);
