import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { createHome } from "../support/home.ts";

const names = (lines: readonly (string | undefined)[]) => lines.map((line) => line?.split("\t")[0]);

/** Returns a signed-in home with tokens. */
async function signedIn(tokens: readonly string[] = [], api = "ovh-ai") {
  const home = createHome(api);
  await home.login();
  const role = api === "osmo" ? "osmo-user" : "ai_training_read";
  for (const name of tokens) await home.run(["token", "create", "-r", role, "--", name]);
  const folder = home.path(".cache/tokctl/tokens");
  return {
    ...home,
    folder,
    files: () => readdirSync(folder).map((name) => join(folder, name)),
    tab: async (line = "token delete ") => names(await home.complete(line)),
  };
}

/** Returns a list of tokens as an arbitrary server sends it. */
const listing = (tokens: readonly { readonly id?: string; readonly name: string }[]) => ({
  fetch: async () =>
    Response.json({
      items: tokens.map(({ id, name }, index) => ({
        id: id ?? `0000000${index}-0000-4000-8000-000000000000`,
        createdAt: "2026-01-01T00:00:00Z",
        updatedAt: "2026-01-01T00:00:00Z",
        spec: { name, role: "ai_training_read" },
        status: { version: 1 },
      })),
      metadata: { total: tokens.length },
    }),
});

describe("tokens", () => {
  test("have role and selector only if they never expire", async () => {
    const home = await signedIn();
    await home.run("token create ci -r ai_training_read -l group=A");
    expect(await home.complete("token delete ")).toEqual(["ci\tai_training_read, group=A"]);
  });

  test("with a soft expiry are offered without its date, with the time left", async () => {
    const home = await signedIn(["plain", "ci.expires-2026-12-01"]);
    await home.run("token create ci -r ai_training_read -e 10d --soft-expiry");
    await home.run("token create deploy -r ai_training_read -e 5d --soft-expiry");
    expect(await home.complete("token delete ")).toEqual([
      "deploy\tai_training_read, 5 days left",
      "ci.expires-2026-12-01\tai_training_read, 7 days left",
      "ci.expires-2026-12-04\tai_training_read, 10 days left",
      "plain\tai_training_read",
    ]);
    expect(await home.tab("token delete deploy.")).toContain("deploy.expires-2026-11-29");
    expect(await home.tab("token delete deploy ")).not.toContain("deploy.expires-2026-11-29");
    const { id } = await home.json("token get deploy");
    expect(await home.tab(`token delete ${id.slice(0, 3)}`)).toContain(id);
  });

  test("that expire first come first, with the time left", async () => {
    const home = await signedIn([], "osmo");
    for (const [name, days] of [
      ["later", 40],
      ["soon", 2],
      ["now", 1],
    ])
      await home.run(`token create ${name} -r osmo-user -r osmo-admin -e ${days}d`);
    home.advance(86_400_000 * 1.5);
    expect(await home.complete("token renew ")).toEqual([
      "now\tosmo-admin, osmo-user, expired",
      "soon\tosmo-admin, osmo-user, 1 day left",
      "later\tosmo-admin, osmo-user, 39 days left",
    ]);
    home.advance(86_400_000 * 0.9);
    expect((await home.complete("token renew "))[1]).toContain("2 hours left");
  });

  test("that are on the line already are not offered, by name or id", async () => {
    const home = await signedIn(["a", "b", "c"]);
    const [first] = await home.json("token list");
    expect(await home.tab("token delete b ")).toEqual(["a", "c"]);
    expect(await home.tab(`token delete ${first.id} -y c `)).toEqual(["b"]);
    expect(await home.tab("token get a ")).not.toContain("b");
  });

  test("are offered by id after its first characters are typed", async () => {
    const home = await signedIn(["zed"]);
    const [{ id }] = await home.json("token list");
    expect(await home.tab()).toEqual(["zed"]);
    expect(await home.complete(`token delete ${id.slice(0, 3)}`)).toEqual([
      "zed\tai_training_read",
      `${id}\tzed, ai_training_read`,
    ]);
  });

  test("are offered only by id if their name is ambiguous or not usable", async () => {
    const home = await signedIn();
    const other = "11111111-0000-4000-8000-000000000000";
    await home.run(
      "token list",
      listing([
        { name: "twice" },
        { name: "twice" },
        { name: "-rf" },
        { name: "" },
        { name: "\x1b[31mred\n\u202e" },
        { name: other },
        { id: other, name: "once" },
        { name: "$(id) 'x' `y`" },
      ]),
    );
    const offered = await home.complete("token delete ");
    expect(names(offered)).toEqual([
      ...[0, 1, 2, 3, 4, 5].map((i) => `0000000${i}-0000-4000-8000-000000000000`),
      "once",
      "$(id) 'x' `y`",
    ]);
    expect(offered[4]).toContain("\\x1b[31mred\\x0a\\u202e");
    expect(await home.tab("token delete -- ")).toContain("-rf");
  });
});

describe("the token cache", () => {
  test("is written by list with any filter", async () => {
    const home = await signedIn(["a", "b"]);
    rmSync(home.folder, { recursive: true });
    expect(await home.tab()).toEqual([]);
    await home.run("token list --limit 1 --role ai_training_operator");
    expect(await home.tab()).toEqual(["a", "b"]);
  });

  test.each([["ovh-ai"], ["osmo"]])("follows create, renew and delete: %s", async (api) => {
    const home = await signedIn(["a", "b"], api);
    expect(await home.tab()).toEqual(expect.arrayContaining(["a", "b"]));
    await home.run("token renew a");
    expect(await home.tab()).toEqual(expect.arrayContaining(["a", "b"]));
    await home.run("token delete a nothing -y");
    expect(await home.tab()).toEqual(["b"]);
    await home.run("token delete b");
    expect(await home.tab()).toEqual([]);
  });

  test("is separate for each credential and URL", async () => {
    const home = await signedIn(["mine"]);
    await home.json("token create other -r ai_training_operator").then(async ({ token }) => {
      const env = { ...home.environment, TOKCTL_APP_TOKEN: token };
      expect(names(await home.complete("token delete ", { env }))).toEqual([]);
      await home.run("token list", { env, ...listing([{ name: "theirs" }]) });
      expect(names(await home.complete("token delete ", { env }))).toEqual(["theirs"]);
    });
    expect(await home.tab()).toEqual(["other", "mine"]);
    expect(await home.tab("--url http://127.0.0.1:1 token delete ")).toEqual([]);
    expect(await home.tab("token delete --app-token another ")).toEqual([]);
  });

  test.each([
    ["--app-token", (home: { bootstrap: string }) => home.bootstrap],
    ["--app-token-file", (home: { path(name: string): string }) => home.path("token")],
  ])("is found by %s as by the command itself", async (flag, textOf) => {
    const home = await signedIn(["a"]);
    home.write("token", `${home.bootstrap}\n`);
    const place = ["--provider", "ovh-ai", "--url", home.url, flag, textOf(home)];
    await home.run(["token", "list", ...place]);
    rmSync(home.path("profiles"), { recursive: true });
    expect(names(await home.complete([...place, "token", "delete", ""]))).toEqual(["a"]);
  });

  test("is not used with a credential on stdin or in a directory", async () => {
    const home = await signedIn(["a"]);
    expect(await home.tab("--app-token-file - token delete ")).toEqual([]);
    expect(await home.tab(`--app-token-file ${home.path(".")} token delete `)).toEqual([]);
  });

  test("is separate for each profile and emptied by each sign-in", async () => {
    const home = await signedIn(["a"]);
    await home.login("-p work");
    expect(await home.tab("token delete -p work ")).toEqual([]);
    await home.run("token list");
    expect(await home.tab("token delete -p work ")).toEqual(["a"]);
    await home.login("-p work");
    expect(await home.tab()).toEqual([]);
    expect(await home.tab("token delete -p ovh-ai ")).toEqual(["a"]);
    await home.run("logout -p ovh-ai");
    expect(await home.tab("token delete -p ovh-ai ")).toEqual([]);
  });

  test("is kept when the credential in use is renewed", async () => {
    const home = createHome();
    await home.login();
    const { token } = await home.json("token create self -r ai_training_operator");
    await home.run(`login ovh-ai ${home.url} --app-token-file -`, { stdin: token });
    await home.run("token list");
    const { code } = await home.run("token renew self");
    expect(code).toBe(0);
    expect(names(await home.complete("token delete "))).toEqual(["self"]);
  });

  test("is found without reading the keychain, even if it is outdated", async () => {
    const home = createHome();
    await home.login("--store keychain");
    await home.run("token create a -r ai_training_read");
    const ask = async () => {
      throw new Error("the keychain was asked");
    };
    const keychain = { get: ask, set: ask, delete: ask };
    home.advance(61_000);
    expect(names(await home.complete("token delete ", { keychain }))).toEqual(["a"]);
    expect(home.started).toEqual([]);
    await home.login("--store keychain");
    expect(await home.complete("token delete ", { keychain })).toEqual([]);
  });

  test("of a profile written by hand depends on the credential in its file", async () => {
    const home = await signedIn(["a"]);
    const keep = (token: string) =>
      home.keep(
        "hand",
        { provider: "ovh-ai", url: home.url },
        { origin: home.url, kind: "token", token },
      );
    keep(home.bootstrap);
    await home.run("token list -p hand");
    expect(await home.tab("token delete -p hand ")).toEqual(["a"]);
    keep("another");
    expect(await home.tab("token delete -p hand ")).toEqual([]);
  });

  test("is separate for each user", async () => {
    const home = await signedIn(["mine"], "osmo");
    await home.run("token list -u other-user@example.com");
    expect(await home.tab("token delete -u other-user@example.com ")).toEqual(["old-token"]);
    expect(await home.tab()).toEqual(["mine"]);
  });

  test("has no secret and is readable by the owner only", async () => {
    const home = await signedIn();
    const { token } = await home.json("token create ci -r ai_training_read");
    await home.run("token list", { env: home.environment });
    const files = home.files();
    expect(files).toHaveLength(2);
    for (const file of [...files, home.path("cache.key")]) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const text = `${file}\n${readFileSync(file, "utf8")}`;
      for (const secret of [token, home.bootstrap]) expect(text).not.toContain(secret);
    }
    expect(statSync(home.folder).mode & 0o777).toBe(0o700);
  });

  test("does not affect commands if it can't be written, or completion if it is invalid", async () => {
    const home = await signedIn(["a"]);
    const [file = ""] = home.files();
    for (const text of ["", "{", "null", "[]", '{"listedAt":1,"tokens":[{"id":1}]}']) {
      writeFileSync(file, text);
      expect(await home.tab()).toEqual([]);
    }
    const env = { TOKCTL_CACHE_DIR: home.path("config.json/below") };
    expect(await home.run("token list -q", { env })).toMatchObject({ code: 0, stderr: "" });
    const created = await home.run("token create b -r ai_training_read", { env });
    expect(created).toMatchObject({ code: 0 });
    expect(await home.complete("token delete ", { env })).toEqual([]);
    expect((await home.run("token list", { env: { HOME: "" } })).code).toBe(0);
  });

  test("is deleted if it is not used for a month", async () => {
    const home = await signedIn(["a"]);
    await home.login("-p work");
    home.advance(86_400_000 * 31);
    await home.run("token list");
    expect(home.files()).toHaveLength(1);
  });

  test("does not delete other files in its directory", async () => {
    const home = await signedIn(["a"]);
    const others = ["notes.txt", "tokens.json", `${"a".repeat(32)}.json`, "x.refresh", "x.tmp"];
    for (const name of others) home.write(`.cache/tokctl/tokens/${name}`, "mine");
    home.advance(86_400_000 * 400);
    await home.run("token list");
    const kept = home.files().map((file) => basename(file));
    expect(kept).toEqual(expect.arrayContaining(others));
    expect(kept).toHaveLength(others.length + 1);
  });

  test("deletes the temporary files of killed runs and of completion", async () => {
    const home = await signedIn(["a"]);
    const [file = ""] = home.files();
    const left = `${file}.0123456789abcdef.tmp`;
    copyFileSync(file, left);
    utimesSync(left, statSync(file).atime, statSync(file).mtime);
    home.advance(61_000);
    await home.tab();
    expect(home.files()).toHaveLength(3);
    home.advance(86_400_000);
    await home.run("token list");
    expect(home.files()).toEqual([file]);
  });

  test.each(["logout -p gone", "profile remove gone -y"])("is deleted by `%s`", async (line) => {
    const home = await signedIn(["a"]);
    const others = home.files();
    await home.login("-p gone");
    await home.run("token list");
    await home.run(`token list --url ${home.url}/`);
    home.advance(61_000);
    await home.tab();
    expect(home.files().length).toBeGreaterThan(others.length + 1);
    expect((await home.run(line, { env: { TOKCTL_CACHE: "off" } })).code).toBe(0);
    expect(home.files()).toEqual(others);
    await home.run("logout -p ovh-ai");
    expect(existsSync(home.folder)).toBe(false);
  });

  test("is deleted for all users by logout", async () => {
    const home = await signedIn(["mine"], "osmo");
    await home.run("token list -u other-user@example.com");
    expect(home.files()).toHaveLength(2);
    await home.run("logout");
    expect(existsSync(home.folder)).toBe(false);
  });

  test("is deleted by the next sign-in to a profile, even one written by hand", async () => {
    const home = await signedIn(["a"]);
    await home.login();
    expect(existsSync(home.folder)).toBe(false);
    home.keep(
      "hand",
      { provider: "ovh-ai", url: home.url },
      { origin: home.url, kind: "token", token: home.bootstrap },
    );
    await home.run("token list -p hand");
    expect(home.files()).toHaveLength(1);
    await home.login("-p hand");
    expect(existsSync(home.folder)).toBe(false);
  });

  test.each([{ TOKCTL_CACHE: "off" }, { CI: "true" }])("is not written with %j", async (env) => {
    const home = await signedIn();
    await home.run("token create a -r ai_training_read", { env });
    await home.run("token list", { env });
    await home.complete("token delete ", { env });
    expect([existsSync(home.folder), home.started]).toEqual([false, []]);
    await home.run("token list");
    expect(names(await home.complete("token delete ", { env }))).toEqual([]);
    expect(await home.tab()).toEqual(["a"]);
  });

  test("is written immediately if it changed, otherwise after 30 s", async () => {
    const home = await signedIn(["a"]);
    await home.run("token list");
    const written = () => home.files().map((file) => statSync(file).ino);
    const first = written();
    home.advance(29_000);
    await home.run("token list");
    expect(written()).toEqual(first);
    home.advance(2_000);
    await home.run("token list");
    const second = written();
    expect(second).not.toEqual(first);
    await home.run("token create b -r ai_training_read");
    expect(written()).not.toEqual(second);
  });

  test("has at most 5,000 tokens, those that expire first", async () => {
    const home = await signedIn([], "osmo");
    const tokens = Array.from({ length: 6000 }, (_, i) => ({
      token_name: `t${i}`,
      user_name: "testuser",
      expires_at: new Date(Date.UTC(2027, 0, 1) + (6000 - i) * 60_000).toISOString(),
      roles: ["osmo-user"],
    }));
    const { sandbox } = home;
    await home.run("token list -q", {
      fetch: async (url, init) =>
        url.endsWith("/access_token") && init.method === "GET"
          ? Response.json(tokens)
          : sandbox.request(url, init),
    });
    const offered = await home.tab();
    expect(offered).toHaveLength(5000);
    expect(offered[0]).toBe("t5999");
  });
});

describe("a token cache older than a minute", () => {
  const minute = 61_000;

  test("is used, and refreshed in the background at most once a minute", async () => {
    const home = await signedIn(["a"]);
    await home.run("token list");
    await home.tab();
    expect(home.started).toEqual([]);
    home.advance(minute);
    expect(await home.tab("token delete -q ")).toEqual(["a"]);
    await home.tab();
    expect(home.started).toEqual([["token", "list", "--quiet", "--timeout=30s"]]);
    home.advance(minute);
    await home.tab();
    expect(home.started).toHaveLength(2);
  });

  test("is refreshed with the target options of the line", async () => {
    const home = await signedIn([], "osmo");
    await home.tab("token delete -p osmo -u other-user@example.com --output json ");
    expect(home.started).toEqual([
      [
        "token",
        "list",
        "--quiet",
        "--timeout=30s",
        "--profile=osmo",
        "--user=other-user@example.com",
      ],
    ]);
    const [args = []] = home.started;
    expect((await home.run(args)).stdout).toBe("old-token\n");
    expect(await home.tab("token delete -u other-user@example.com ")).toEqual(["old-token"]);
  });

  test("includes one that has a single token from a renewal", async () => {
    const home = await signedIn();
    const { id } = await home.json("token create a -r ai_training_read");
    rmSync(home.folder, { recursive: true });
    await home.run(`token renew ${id}`);
    await home.tab();
    expect(home.started).toHaveLength(1);
  });

  test("is not refreshed if no tokens are completed, with TOKCTL_COMPLETE_OFFLINE, or with a secret on the line", async () => {
    const home = await signedIn();
    await home.tab("token ");
    await home.complete("token delete ", { env: { TOKCTL_COMPLETE_OFFLINE: "1" } });
    await home.tab(`--app-token ${home.bootstrap} token delete `);
    expect(home.started).toEqual([]);
  });

  test("is not refreshed without a credential", async () => {
    const home = createHome();
    await home.complete("token delete ");
    await home.complete("--provider ovh-ai --region GRA token delete ");
    expect(home.started).toEqual([]);
    expect(home.files(".")).toEqual([]);
  });
});

describe("labels", () => {
  test("have the names and values of cached label selectors, and those of the platform", async () => {
    const home = await signedIn();
    for (const [name, label] of [
      ["a", "group=A"],
      ["b", "group=B"],
      ["c", "team=x=1"],
      ["d", "ovh/type=app"],
    ] as const)
      await home.run(["token", "create", name, "-r", "ai_training_read", "-l", label]);
    expect(await home.complete("token create ci -l ")).toEqual(
      expect.arrayContaining(["group=\t", "team=\t", "ovh/type=\tapp, job or notebook"]),
    );
    expect(await home.tab("token list --label group=")).toEqual(["group=A", "group=B"]);
    expect(await home.tab("token reach -r ai_training_read -l team=")).toEqual(["team=x=1"]);
    expect(await home.tab("app list --label=ovh/type=")).toEqual([
      "--label=ovh/type=app",
      "--label=ovh/type=job",
      "--label=ovh/type=notebook",
    ]);
  });

  test("of the platform are not offered to set", async () => {
    const home = await signedIn();
    await home.run("token create a -r ai_training_read -l ovh/type=app");
    await home.run("token create b -r ai_training_read -l group=A");
    expect(await home.tab("app run image -l ")).toEqual(["group="]);
  });
});
