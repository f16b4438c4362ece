import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";
import { createTerminal } from "../support/terminal.ts";
import { createWorld } from "../support/world.ts";

const keys = [
  "valid",
  "kind",
  "id",
  "name",
  "owner",
  "roles",
  "project",
  "expiresAt",
  "expiryEnforcedBy",
  "scope",
  "at",
];

/** A world with a token made by these words, and where an app labelled group=A is. */
async function withToken(words = "-r read -l group=A") {
  const world = createWorld();
  const { token } = await world.json(`token create ci ${words}`);
  const { url } = await world.json("app get hello-a");
  world.requests.length = 0;
  const check = (more = "", options = {}) =>
    world.json(
      ["token", "check", "--app-token", token, ...more.split(" ").filter(Boolean)],
      options,
    );
  return { ...world, token, url, check };
}

describe("a valid token", () => {
  test("is described by every field of the result", async () => {
    const { check } = await withToken();
    const checked = await check();
    expect(Object.keys(checked)).toEqual(keys);
    expect(checked).toEqual({
      valid: true,
      kind: "app",
      id: null,
      name: "ci",
      owner: null,
      roles: ["ai_training_read"],
      project: expect.stringMatching(/^[0-9a-f]{32}$/),
      expiresAt: null,
      expiryEnforcedBy: null,
      scope: null,
      at: null,
    });
  });

  test.each([
    ["-r operator", { labelSelector: null }],
    // These may not look at tokens, and so do not find themselves.
    ["-r operator -l group=A", null],
    ["-r read", null],
  ])("created by `%s` has the scope %j", async (words, scope) => {
    const { check } = await withToken(words);
    expect((await check()).scope).toEqual(scope);
  });

  test("has the scope that all tokens of its name share", async () => {
    const { check, json } = await withToken("-r operator");
    await json("token create ci -r read");
    expect((await check()).scope).toEqual({ labelSelector: null });
    await json("token create ci -r read -l group=A");
    expect((await check()).scope).toBeNull();
  });

  test("is printed as a block, and as one word with -q", async () => {
    const { run, token, url } = await withToken();
    const line = ["token", "check", "--at", url, "--app-token", token];
    const { code, stdout, stderr } = await run(line);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "Info:     ",
      "  Valid:   yes",
      "  Kind:    app",
      "  Name:    ci",
      "  Role:    ai_training_read",
      expect.stringMatching(/^ {2}Project: [0-9a-f]{32}$/),
      expect.stringMatching(/^ {2}Scope: /),
      expect.stringContaining(url),
      expect.stringMatching(/\byes\b.*\b200\b/),
      "",
    ]);
    expect((await run([...line, "-o", "description"])).stdout).toBe(stdout);
    expect((await run([...line, "-q"])).stdout).toBe("valid\n");
    expect((await run([...line, "-o", "yaml"])).stdout).toContain("valid: true\n");
  });

  test("of OSMO has an expiry", async () => {
    const world = createWorld("osmo");
    const { token } = await world.json("token create ci -r osmo-user -e 30d");
    expect(await world.json(["token", "check", "--app-token", token])).toMatchObject({
      valid: true,
      id: "ci",
      name: "ci",
      owner: "testuser",
      roles: ["osmo-user"],
      expiresAt: "2026-12-24T00:00:00Z",
      expiryEnforcedBy: "server",
      scope: null,
    });
  });

  test("is never printed, valid or not", async () => {
    const { run, token, url } = await withToken();
    for (const secret of [token, `${token}x`])
      for (const format of ["text", "json", "yaml"])
        expect(
          JSON.stringify(
            await run(`token check --debug -o ${format} --at ${url} --app-token ${secret}`),
          ),
        ).not.toContain(token);
  });
});

describe("an invalid token", () => {
  test("is exit 4, and valid is false in the result", async () => {
    const { run } = createWorld();
    const { code, stdout, stderr } = await run("token check --app-token wrong -o json");
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toEqual({
      valid: false,
      kind: null,
      id: null,
      name: null,
      owner: null,
      roles: [],
      project: null,
      expiresAt: null,
      expiryEnforcedBy: null,
      scope: null,
      at: null,
    });
    expect(JSON.parse(stderr).error).toMatchObject({ code: "unauthenticated", exitCode: 4 });
    expect((await run("token check --app-token wrong -q")).stdout).toBe("invalid\n");
  });

  test("is one that was renewed", async () => {
    const { run, json, token } = await withToken();
    const check = ["token", "check", "--app-token", token];
    await json("token renew ci");
    expect((await run(check)).code).toBe(4);
  });

  test("of OSMO is reported in the same way", async () => {
    const wrong = "x".repeat(43);
    const world = createWorld("osmo");
    const { code, stdout } = await world.run(`token check --app-token ${wrong} -o json`);
    expect(code).toBe(4);
    expect(JSON.parse(stdout).valid).toBe(false);
  });

  test.each([
    [403, 5],
    [500, 12],
  ])("is not reported for status %i", async (status, exitCode) => {
    const { run } = createWorld();
    const fetch: Fetch = async () => Response.json({ message: "no" }, { status });
    const { code, stdout } = await run("token check --app-token x", { fetch });
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
  });
});

describe("a token pasted with extra characters", () => {
  test.each([
    (token: string) => `"${token}",\n`,
    (token: string) => `export TOKEN='${token}'\r\n`,
    (token: string) => `Authorization: Bearer ${token}`,
    (token: string) => `\ufeff{"token": "${token}"}`,
    (token: string) => `${token.slice(0, 40)}\n${token.slice(40)}`,
  ])("is valid: %s", async (decorate) => {
    const { run, token } = await withToken();
    const stdin = decorate(token);
    const checked = await run("token check -q --app-token-file -", { stdin });
    expect(checked).toMatchObject({ code: 0, stdout: "valid\n" });
  });

  test.each(["osmo", "ovh-ai"])(
    "is refused for %s, not reported as invalid, if it is not a token",
    async (api) => {
      const world = createWorld(api);
      const { token } = await world.json(
        `token create ci -r ${api === "osmo" ? "osmo-user" : "read"}`,
      );
      world.requests.length = 0;
      for (const stdin of [
        `${token}\n${token}`,
        `my token is ${token}`,
        `${token}é`,
        `<${token}>`,
      ]) {
        const { code, stdout, stderr } = await world.run("token check --app-token-file -", {
          stdin,
        });
        expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
        expect(stderr).not.toContain(token);
      }
      expect(world.requests).toEqual([]);
    },
  );

  test("is refused for OSMO unless it has the length of a token", async () => {
    const world = createWorld("osmo");
    for (const length of [1, 42, 44, 63, 65])
      expect((await world.run(["token", "check", "--app-token", "x".repeat(length)])).code).toBe(2);
    expect(world.requests).toEqual([]);
  });
});

describe("--at", () => {
  test("sends OSMO's gateway a JWT in exchange for the token", async () => {
    const world = createWorld("osmo");
    const { token } = await world.json("token create ci -r osmo-user");
    const at = `${world.origin}/api/version`;
    world.requests.length = 0;
    const { valid, at: visit } = await world.json(`token check --app-token ${token} --at ${at}`);
    expect({ valid, visit }).toMatchObject({ valid: true, visit: { status: 200, letsIn: true } });
    const { headers } = world.requests.find(({ url }) => url === at) ?? {};
    expect(headers?.["authorization"]).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
    expect(world.requests.filter(({ url }) => url.endsWith("/jwt/access_token"))).toHaveLength(1);
  });

  test("sends nothing if OSMO does not exchange the token", async () => {
    const world = createWorld("osmo");
    const at = `${world.origin}/api/profile/settings`;
    const wrong = "x".repeat(43);
    const { code, stdout } = await world.run(`token check --app-token ${wrong} --at ${at} -o json`);
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, at: null });
    expect(world.requests.map(({ url }) => url)).not.toContain(at);
  });

  test("follows label changes and the deletion of the token", async () => {
    const { check, json, url, token, run } = await withToken();
    expect((await check(`--at ${url}`)).at).toEqual({
      url,
      status: 200,
      letsIn: true,
      milliseconds: 0,
    });
    await json("app set-label hello-a group B");
    expect((await check(`--at ${url}`)).at).toMatchObject({ status: 403, letsIn: false });
    await json("token delete ci");
    const { code, stdout } = await run(`token check --at ${url} --app-token ${token} -o json`);
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, at: { status: 401, letsIn: false } });
  });

  test.each([
    [204, true],
    [302, false],
    [404, null],
    [503, null],
  ])("reports letsIn for status %i as %j, and follows no redirect", async (status, letsIn) => {
    const { check, requests, sandbox } = await withToken();
    const fetch: Fetch = async (url, init) =>
      url.startsWith("https://app.example.com")
        ? new Response(null, { status, headers: { location: "https://login.example.com" } })
        : sandbox.request(url, init);
    const { valid, at } = await check("--at https://app.example.com/hello", { fetch });
    expect({ valid, at }).toMatchObject({ valid: true, at: { status, letsIn } });
    expect(requests.map(({ url }) => url.replace(/\?.*/, ""))).toContain(
      "https://app.example.com/hello",
    );
    expect(requests.some(({ url }) => url.includes("login.example.com"))).toBe(false);
  });

  test("measures the time to the response", async () => {
    const { check, advance, sandbox, url } = await withToken();
    const fetch: Fetch = async (target, init) => {
      if (target === url) advance(42);
      return sandbox.request(target, init);
    };
    expect((await check(`--at ${url}`, { fetch })).at.milliseconds).toBe(42);
  });

  test("with an unknown host is exit 8, after the result is printed", async () => {
    const { run, token, sandbox } = await withToken();
    const fetch: Fetch = async (url, init) => {
      if (url.startsWith("https://")) throw Object.assign(new Error(), { code: "ENOTFOUND" });
      return sandbox.request(url, init);
    };
    const line = `token check --at https://app.example.com -o json --app-token ${token}`;
    const { code, stdout, stderr } = await run(line, { fetch });
    expect(code).toBe(8);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: true,
      at: { url: "https://app.example.com/", status: null, letsIn: null, milliseconds: null },
    });
    expect(errorOf({ stderr })).toMatchObject({
      code: "network",
      message: expect.stringContaining("https://app.example.com"),
    });
  });

  test.each([
    ["http://app.example.com", "--allow-http"],
    ["ftp://127.0.0.1", "--at"],
    ["nonsense", "--at"],
    ["https://user:pass@app.example.com", "password"],
    ["https://app.example.com/?q=1", "query"],
  ])("refuses %s before anything is sent", async (address, named) => {
    const { run, requests } = createWorld();
    const { code, stderr } = await run(`token check --app-token x --at ${address}`);
    expect({ code, error: errorOf({ stderr }).code }).toEqual({ code: 2, error: "usage" });
    expect(stderr).toContain(named);
    expect(requests).toEqual([]);
  });
});

describe("the token to check", () => {
  test("is read from stdin", async () => {
    const { run, token } = await withToken();
    const line = "token check -q --app-token-file -";
    expect((await run(line, { stdin: `${token}\n` })).stdout).toBe("valid\n");
    expect((await run(line, { stdin: "\n" })).code).toBe(2);
  });

  test("is not the credential in use, of the environment or of a profile", async () => {
    const inEnvironment = await createWorld().run("token check");
    expect(inEnvironment.code).toBe(2);
    expect(inEnvironment.stderr).toContain("tokctl whoami");
    const home = createHome();
    await home.login();
    home.requests.length = 0;
    expect((await home.run("token check")).code).toBe(2);
    expect(home.requests).toEqual([]);
  });

  test("is sent to the base URL of the profile, and is the credential of this call only", async () => {
    const home = createHome();
    await home.login();
    const { token } = await home.json("token create ci -r read");
    home.requests.length = 0;
    expect((await home.run(["token", "check", "--app-token", token])).code).toBe(0);
    expect(new Set(home.sent())).toEqual(new Set([`${home.url} Bearer ${token}`]));
    expect((await home.json("whoami")).name).toBe("sandbox-operator");
  });

  test.each([
    ["token check --provider ovh-cloud --app-token x", "OVHcloud public API"],
    ["token check --provider ovh-serving --app-token x", "OVHcloud ML Serving"],
    ["token check --app-token x --app-token-file y", "--app-token and --app-token-file"],
  ])("is refused by `%s`", async (line, named) => {
    const { run, requests } = createWorld();
    const { code, stderr } = await run(line);
    expect(code).toBe(2);
    expect(errorOf({ stderr })).toMatchObject({
      code: "usage",
      message: expect.stringContaining(named),
    });
    expect(requests).toEqual([]);
  });
});

test.each(["\r", "\n", "\r\n"])("a pasted secret may have line breaks (%j)", async (end) => {
  const { run, token } = await withToken();
  const pasted = `${token.slice(0, 20)}${end}${token.slice(20)}${end}`;
  const { terminal, left } = createTerminal([/token/i, pasted]);
  expect((await run("token check", { terminal })).code).toBe(0);
  expect(left).toEqual([]);
});
