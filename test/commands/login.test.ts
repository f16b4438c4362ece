import { chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { FetchInit } from "../../src/host/host.ts";
import { createHome } from "../support/home.ts";
import { createTerminal } from "../support/terminal.ts";

describe("login", () => {
  test("makes a profile named after the provider, makes it current and keeps the credential", async () => {
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

  test("keeps several places side by side", async () => {
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

  test("again, the place is known already", async () => {
    const home = createHome();
    await home.login("-p one");
    const { code } = await home.run("login -p one --app-token-file -", { stdin: home.bootstrap });
    expect(code).toBe(0);
  });

  test("keeps nothing that was not let in", async () => {
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
    ["login nothing", 'no provider: "nothing"'],
    ["login ovh-ai", "--method token: --app-token-file PATH"],
    ["login ovh-ai --app-token-file -", "--region GRA|BHS"],
    ["login ovh-ai http://127.0.0.1:8787", "--app-token-file PATH"],
    ["login ovh-ai http://example.com --app-token-file -", "unencrypted"],
    ["login ovh-ai https://a.example --url https://b.example --app-token-file -", "twice"],
    ["login ovh-ai --region SBG --app-token-file -", "no region"],
    ["login ovh-ai --method nothing", "--method is one of token"],
    ["login osmo http://127.0.0.1:8787", "--method dev: --user-header VALUE"],
    ["login osmo http://127.0.0.1:8787 --app-token-file - --user-header me", "several ways"],
    ["login ovh-ai http://127.0.0.1:8787 --user-header me", "--user-header"],
    ["login ovh-cloud ovh-eu --app-token-file -", "project"],
    ["login ovh-cloud ovh-eu --project p --application-key k", "application secret is missing"],
    ["login ovh-cloud ovh-eu --project p", "No keys for https://eu.api.ovh.com/1.0"],
    ["login ovh-ai http://127.0.0.1:8787 --app-token-file - -p a/b", "profile's name"],
  ])("%s off a terminal is exit 2: %s", async (line, said) => {
    const home = createHome();
    const { code, stderr } = await home.run(line, { stdin: "s3cr3t" });
    expect(code).toBe(2);
    expect(stderr).toContain(said);
    expect(home.requests).toEqual([]);
    expect(home.files(".")).toEqual([]);
  });

  test("as a developer of a service without sign-in", async () => {
    const home = createHome("osmo");
    expect((await home.run(`login osmo ${home.url} --user-header testuser`)).code).toBe(0);
    expect(JSON.parse(home.read("credentials/osmo.json"))).toMatchObject({
      kind: "user",
      user: "testuser",
    });
    expect((await home.run("whoami -q")).stdout).toBe("testuser\n");
  });

  test("with an access token of osmo", async () => {
    const home = createHome("osmo");
    expect((await home.login()).code).toBe(0);
    expect((await home.run("whoami -q")).stdout).toBe("testuser\n");
  });
});

describe("a profile that exists", () => {
  /** Somebody who is signed in, and another token of theirs. */
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
  ])("is not replaced by a sign-in to %s: exit 6, and nothing is sent", async (_, line, env) => {
    const home = await createSignedIn();
    const before = home.state();
    const { code, stdout } = await home.run(line, { stdin: home.token, env });
    expect({ code, stdout, sent: home.sent() }).toEqual({ code: 6, stdout: "", sent: [] });
    expect(home.state()).toEqual(before);
  });

  test("is not replaced by a sign-in as somebody else: exit 6, and nothing is kept", async () => {
    const home = await createSignedIn();
    const before = home.state();
    const { code, stdout, stderr } = await home.run(at(home), { stdin: home.token });
    expect({ code, stdout }).toEqual({ code: 6, stdout: "" });
    expect(stderr).toContain("--replace");
    expect(stderr).not.toContain(home.token);
    expect(home.state()).toEqual(before);
  });

  test.each(["", "-p ovh-ai"])("is signed in to anew by the same account (%s)", async (words) => {
    const home = await createSignedIn();
    expect((await home.login(words)).code).toBe(0);
    // The same with a credential that was not kept, and with one whose owner is not known.
    await home.run("logout -p ovh-ai");
    expect((await home.login(words)).code).toBe(0);
    const { signedInAs: _, ...profile } = JSON.parse(home.read("profiles/ovh-ai.json"));
    home.write("profiles/ovh-ai.json", JSON.stringify(profile));
    expect((await home.login(words)).code).toBe(0);
  });

  test("of an account that is not known is replaced only where that is allowed", async () => {
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

  test("of another provider leaves no setting behind with --replace", async () => {
    const home = createHome("osmo");
    home.keep("lab", { provider: "ovh-cloud", url: "https://a.example/1.0", project: "p" });
    const line = `login osmo ${home.url} -p lab --user-header testuser`;
    expect((await home.run(line)).code).toBe(6);
    expect((await home.run(`${line} --replace`)).code).toBe(0);
    expect(JSON.parse(home.read("profiles/lab.json"))).not.toHaveProperty("project");
  });

  const question = /Replace the profile "ovh-ai"/;

  test("is replaced at a terminal after a yes, and not after a no", async () => {
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

  test("elsewhere is asked for before anything is sent or asked", async () => {
    const home = await createSignedIn();
    const { terminal, left } = createTerminal([question, "n\r"]);
    const { code } = await home.run("login ovh-ai https://b.example", { terminal });
    expect({ code, left, sent: home.sent() }).toEqual({ code: 130, left: [], sent: [] });
  });
});

describe("the environment", () => {
  test("says where a new profile leads, also beside -p", async () => {
    const home = createHome();
    const env = { TOKCTL_PROVIDER: "ovh-ai", TOKCTL_URL: home.url };
    const options = { env, stdin: home.bootstrap };
    expect((await home.run("login -p new --app-token-file -", options)).code).toBe(0);
    expect(JSON.parse(home.read("profiles/new.json"))).toMatchObject({ url: home.url });
  });

  test("says nothing beside -p of a profile that exists", async () => {
    const home = createHome();
    await home.login("-p one");
    const env = { TOKCTL_PROVIDER: "osmo", TOKCTL_URL: "https://b.example" };
    const options = { env, stdin: home.bootstrap };
    expect((await home.run("login -p one --app-token-file -", options)).code).toBe(0);
    expect(JSON.parse(home.read("profiles/one.json"))).toMatchObject({ url: home.url });
  });

  test.each([{ TOKCTL_PROFILE: "other" }, { TOKCTL_PROVIDER: "osmo" }])(
    "that hides the profile which is now current is named: %j",
    async (env) => {
      const home = createHome();
      const { code, stderr } = await home.login("-p one", { env });
      expect(code).toBe(0);
      for (const [name, value] of Object.entries(env)) expect(stderr).toContain(`${name}=${value}`);
    },
  );
});

test.each(["/proc/nope", "/dev/null/x"])(
  "where no profile can be kept, in %s, nobody signs in",
  async (folder) => {
    const home = createHome();
    const { code } = await home.login("", { env: { TOKCTL_CONFIG_DIR: folder } });
    expect({ code, sent: home.sent() }).toEqual({ code: 2, sent: [] });
  },
);

describe("an address", () => {
  test.each(["GRA", "gra"])("may be the name of a region: %s", async (region) => {
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
  ])("%s is exit 2 with the one that is meant, and nothing is sent", async (line, meant, not) => {
    const home = createHome();
    home.keep("x", { provider: "ovh-ai", url: home.url });
    const stdin = line.startsWith("login ovh-ai") ? "s3cr3t" : home.bootstrap;
    const { code, stderr } = await home.run(line, { stdin });
    expect({ code, sent: home.sent() }).toEqual({ code: 2, sent: [] });
    expect(stderr).toMatch(meant);
    expect(stderr).not.toMatch(not);
  });
});

describe("a wrong answer at a terminal", () => {
  test("is asked for again: an address that is none, and a token that is refused", async () => {
    const home = createHome();
    const { terminal, left, screen } = createTerminal(
      [/address of/, "SBG\r"],
      [/neither a URL/, `${home.url}/v1\r`],
      [/ends in \/v1/, `${home.url}\r`],
      [/token/, "wrong-token\r"],
      [/token/, `${home.bootstrap}\r`],
    );
    const { code } = await home.run("login ovh-ai --method token", { terminal });
    expect(left, screen()).toEqual([]);
    expect(code).toBe(0);
    expect((await home.run("whoami -q")).stdout).toBe("sandbox-operator\n");
  });

  test("is asked for again with the address that was perhaps meant", async () => {
    const home = createHome("osmo");
    const { host } = new URL(home.url);
    const { terminal, left, screen } = createTerminal(
      [/address of/, `${host}\r`],
      [new RegExp(`https?://${host}`), `${home.url}\r`],
      [/token/, `${home.bootstrap}\r`],
    );
    const { code } = await home.run("login osmo --method token", { terminal });
    expect(left, screen()).toEqual([]);
    expect(code).toBe(0);
  });

  test("is asked for again: a server that can't be reached", async () => {
    const home = createHome();
    const { terminal, left, screen } = createTerminal(
      [/address of/, "https://nowhere.example\r"],
      [/token/, `${home.bootstrap}\r`],
      [/address of/, `${home.url}\r`],
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

  test("ends the command after three times", async () => {
    const home = createHome();
    const { terminal, left } = createTerminal(
      [/token/, "wrong-1\r"],
      [/token/, "wrong-2\r"],
      [/token/, "wrong-3\r"],
    );
    const { code } = await home.run(`login ovh-ai ${home.url} --method token`, { terminal });
    expect({ code, left, files: home.files(".") }).toEqual({ code: 4, left: [], files: [] });
  });
});

test.each([
  ["-r ai_training_operator -l group=A", false],
  ["-r ai_training_read", false],
  ["-r ai_training_operator", true],
])(
  "a token with %s: whether it can list tokens is said at once, and by doctor",
  async (words, can) => {
    const home = createHome();
    const { token } = await home.json(`token create limited ${words}`, { env: home.environment });
    const { code, stdout, stderr } = await home.login("-o json", { stdin: token });
    expect({ code, can: JSON.parse(stdout).canListTokens }).toEqual({ code: 0, can });
    expect(stderr === "").toBe(can);
    const checks: { name: string; status: string }[] = await home.json("doctor");
    expect(checks.find(({ name }) => name === "tokens")).toMatchObject({
      status: can ? "ok" : "warning",
    });
  },
);

describe("what a killed login leaves", () => {
  test("is no credential without its profile", async () => {
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

  test("is no profile where the credential can't be kept", async () => {
    const home = createHome();
    home.write("credentials", "no folder");
    expect((await home.login()).code).toBe(2);
    expect(home.files("profiles")).toEqual([]);
  });

  test("a credential without its profile is shown, and removed by logout", async () => {
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
/** OVHcloud's endpoints: they let everybody in. */
const cloud = async (url: string) => new Response(url.endsWith("/auth/time") ? "1700000000" : "[]");

describe("login to OVHcloud's public API", () => {
  const application = {
    origin: "https://eu.api.ovh.com",
    kind: "application",
    applicationKey: "app-key",
    applicationSecret: "app-s3cr3t",
    consumerKey: "consumer-s3cr3t",
  };

  test("takes the keys that its tools keep in the environment", async () => {
    const home = createHome("ovh-cloud");
    const { code, stderr } = await home.run("login ovh-cloud --project p", {
      env: keys,
      fetch: cloud,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "The keys are those of OVH_*.\n" });
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
  ])("takes those of an ovh.conf, %s", async (endpoint, origin, applicationKey) => {
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

  test("takes keys by option and file", async () => {
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

  test("takes a bearer token", async () => {
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
  ])("is an error that names file and line for %s, and never its text", async (line) => {
    const home = await createBroken();
    const { code, stderr } = await home.run(line);
    expect(code).toBe(2);
    expect(stderr).toContain(`${home.path("profiles/bad.json")} is broken: line 3 is not JSON`);
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
  ])("is no obstacle to %s", async (line) =>
    expect((await (await createBroken()).run(line)).code).toBe(0),
  );

  test("is shown as broken by profile list, which goes on", async () => {
    const home = await createBroken();
    expect(await home.json("profile list")).toMatchObject([
      { name: "bad", broken: expect.stringContaining("line 3") },
      { name: "good", broken: null },
    ]);
  });

  test("is moved aside by login, which says so and starts anew", async () => {
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
    ["config.json", '{"current": 3}', 'its "current" is no text'],
    ["config.json", "", "line 1 is not JSON"],
    ["config.json", "[]", "it holds no JSON object"],
    ["profiles/bad.json", "{}", "it names no provider"],
    ["profiles/bad.json", '{"provider":"ovh-ai","url":""}', 'its "url" is no text'],
    ["profiles/bad.json", '{"provider":"ovh-ai",\n\n}', "line 3 is not JSON"],
    ["profiles/bad.json", '{"provider":\n"ovh-ai\n"}', "line 2 is not JSON"],
    ["profiles/bad.json", '{"a":[1,\n2,{"b":null}],\n"c":tru}', "line 3 is not JSON"],
    ["profiles/bad.json", '{"a":1}\n{', "line 2 is not JSON"],
    ["credentials/bad.json", '{"origin":\n s3cr3t}', "line 2 is not JSON"],
    ["credentials/bad.json", '{"origin":"https://a.example","kind":"token"}', 'its "token"'],
    ["credentials/bad.json", '{"kind":"token","token":"s3cr3t"}', 'its "origin"'],
    ["credentials/bad.json", '{"origin":"https://a.example","kind":"s3cr3t"}', 'its "kind"'],
  ])("%s holding %j: %s", async (file, text, said) => {
    const home = createHome();
    await home.login("-p bad");
    home.write(file, text);
    const { code, stderr } = await home.run("whoami");
    expect(code).toBe(2);
    expect(stderr).toContain(`${home.path(file)} is broken: ${said}`);
    expect(stderr).not.toContain("s3cr3t");
  });
});

test.each(["config.json", "profiles/ovh-ai.json", "credentials/ovh-ai.json"])(
  "%s is read with a byte order mark, and is said to be UTF-16 if it is",
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

test("a file of a token is read with a byte order mark, and is said to be UTF-16 if it is", async () => {
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
    "of mode %o is refused, with the chmod to run",
    async (mode) => {
      const home = createHome();
      await home.login();
      chmodSync(home.path("credentials/ovh-ai.json"), mode);
      const { code, stderr } = await home.run("whoami");
      expect(code).toBe(2);
      expect(stderr).toContain(`chmod 600 '${home.path("credentials/ovh-ai.json")}'`);
    },
  );

  test("behind a link is refused, and not written through", async () => {
    const home = createHome();
    await home.login();
    const path = home.path("credentials/ovh-ai.json");
    renameSync(path, home.path("elsewhere"));
    const before = home.read("elsewhere");
    symlinkSync(home.path("elsewhere"), path);
    for (const { code, stderr } of [await home.run("whoami"), await home.login()]) {
      expect(code).toBe(2);
      expect(stderr).toContain(`${path} is a symbolic link`);
    }
    expect((await home.run("logout")).code).toBe(0);
    expect(home.read("elsewhere")).toBe(before);
  });

  test("in a folder that can't be written is an error with its path", async () => {
    const home = createHome();
    home.write("credentials", "no folder");
    const { code, stderr } = await home.login();
    expect(code).toBe(2);
    expect(stderr).toContain("credentials");
    expect(stderr).not.toContain(home.bootstrap);
  });
});

describe("profile set", () => {
  test("waits for another process, but not for one that was killed", async () => {
    const home = createHome();
    home.keep("one", { provider: "ovh-cloud" });
    mkdirSync(home.path("profiles/one.json.lock"));
    expect((await home.run("profile set -p one project p1")).code).toBe(0);
    expect(home.files("profiles")).toEqual(["one.json"]);
  });

  test("keeps what it does not know, and what it does not change", async () => {
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

  test("begins a profile with its provider, for a credential from elsewhere", async () => {
    const home = createHome();
    expect((await home.run("profile set -p ci provider ovh-ai")).code).toBe(0);
    await home.run(["profile", "set", "-p", "ci", "url", home.url]);
    const env = { TOKCTL_PROFILE: "ci", TOKCTL_APP_TOKEN: home.bootstrap };
    expect((await home.run("whoami", { env })).code).toBe(0);
  });

  test.each([
    ["profile set project x", "No profile is chosen"],
    ["profile set -p none project x", 'no profile "none"'],
    ["profile set -p one colour red", '"colour" is no setting'],
    ["profile set -p one __proto__ red", "is no setting"],
    ["profile set -p one url http://example.com", "unencrypted"],
    ["profile set -p one url https://me:s3cr3t@example.com", "password"],
    ["profile set -p one region SBG", "no region"],
    ["profile set -p one provider osmo", "is of ovh-ai, and stays so"],
    ["profile set -p new provider nothing", 'no provider: "nothing"'],
    ["profile use none", 'no profile "none"'],
    ["profile remove none", 'no profile "none"'],
    ["profile use ../x", "profile's name"],
  ])("%s is exit 2: %s", async (line, said) => {
    const home = createHome();
    home.keep("one", { provider: "ovh-ai", url: "https://a.example" });
    const { code, stderr } = await home.run(line);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain("s3cr3t");
  });
});

describe("leaving", () => {
  test("logout forgets the credential and says that the token lives on", async () => {
    const home = createHome();
    await home.login();
    const { code, stderr } = await home.run("logout");
    expect(code).toBe(0);
    expect(stderr).toContain("was not revoked");
    expect(home.files("credentials")).toEqual([]);
    expect((await home.run("whoami")).code).toBe(4);
    expect(await home.json("logout")).toEqual({
      profile: "ovh-ai",
      removed: false,
      revoked: false,
    });
  });

  test("logout takes along what a killed process left half done", async () => {
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

  test("logout --revoke changes nothing where the token can't be told", async () => {
    const home = createHome();
    await home.login();
    const { code, stderr } = await home.run("logout --revoke");
    expect(code).toBe(2);
    expect(stderr).toContain("can't be told");
    expect(home.files("credentials")).toEqual(["ovh-ai.json"]);
  });

  test("profile remove takes the credential along; none is current then", async () => {
    const home = createHome();
    await home.login();
    expect((await home.run("profile remove ovh-ai")).code).toBe(0);
    expect([home.files("profiles"), home.files("credentials")]).toEqual([[], []]);
    expect((await home.run("whoami")).stderr).toContain("No provider is chosen");
  });
});

describe("a file of a secret that other users can read or write", () => {
  test.each([0o644, 0o640, 0o666, 0o602])("(mode %o) is read, with a warning", async (mode) => {
    const home = createHome();
    home.write("token", home.bootstrap, mode);
    const line = `whoami --provider ovh-ai --url ${home.url} --app-token-file ${home.path("token")}`;
    const { code, stderr } = await home.run(line);
    expect(code).toBe(0);
    expect(stderr).toContain(`chmod 600 '${home.path("token")}'`);
    expect((await home.run(`${line} -q`)).stderr).toBe("");
    expect((await home.run(`${line} -o json`)).stderr).toBe("");
    const login = `login ovh-ai ${home.url} --app-token-file ${home.path("token")}`;
    expect((await home.run(login)).stderr).toContain("chmod 600");
  });

  test("that nobody else can read is read without one", async () => {
    const home = createHome();
    home.write("token", home.bootstrap, 0o600);
    const line = `whoami --provider ovh-ai --url ${home.url} --app-token-file ${home.path("token")}`;
    expect(await home.run(line)).toMatchObject({ code: 0, stderr: "" });
  });
});

test.each(["whoami", "doctor", "login ovh-ai http://127.0.0.1:8787 -p new --app-token-file -"])(
  "%s, where the credential may not ask who it is, advises no whoami",
  async (line) => {
    const home = createHome();
    await home.login();
    const fetch = async () => Response.json({ message: "no" }, { status: 403 });
    const { code, stdout, stderr } = await home.run(line, { fetch, stdin: home.bootstrap });
    expect(code).toBe(5);
    expect(`${stdout}${stderr}`).not.toContain("tokctl whoami");
  },
);
