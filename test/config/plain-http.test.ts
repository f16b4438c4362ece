import { describe, expect, test } from "vitest";
import { createClient } from "../../src/library.ts";
import { createHome } from "../support/home.ts";
import { createTerminal } from "../support/terminal.ts";

const far = "http://quick-start.example";

/** Returns a home that sends requests for all hosts to the sandbox. */
function createFar() {
  const home = createHome();
  const fetch: typeof home.sandbox.request = (url, init) =>
    home.sandbox.request(String(url).replace(far, home.url), init);
  const env = { TOKCTL_PROVIDER: "ovh-ai", TOKCTL_APP_TOKEN: home.bootstrap, TOKCTL_URL: far };
  return { home, fetch, env };
}

describe("plain http to another machine", () => {
  test("is refused, and nothing is sent", async () => {
    const { home, fetch, env } = createFar();
    for (const more of [{}, { TOKCTL_ALLOW_HTTP: "" }, { TOKCTL_ALLOW_HTTP: "0" }])
      expect((await home.run("whoami", { fetch, env: { ...env, ...more } })).code).toBe(2);
    expect(home.requests).toEqual([]);
  });

  test.each([
    ["whoami --allow-http", {}],
    ["whoami", { TOKCTL_ALLOW_HTTP: "1" }],
    ["whoami -q", { TOKCTL_ALLOW_HTTP: "true" }],
  ])("is allowed by %s with %j, with a warning", async (line, more) => {
    const { home, fetch, env } = createFar();
    const { code, stderr } = await home.run(line, { fetch, env: { ...env, ...more } });
    expect(code).toBe(0);
    expect(stderr.match(/quick-start\.example/g)).toHaveLength(1);
    expect(home.requests.map(({ url }) => new URL(url).origin)).toEqual([far]);
  });

  test("login stores it in the profile, and each command warns", async () => {
    const { home, fetch } = createFar();
    const login = `login ovh-ai ${far} -p far --app-token-file -`;
    const options = { fetch, stdin: home.bootstrap };
    expect((await home.run(login, options)).code).toBe(2);
    expect(home.requests).toEqual([]);
    expect((await home.run(`${login} --allow-http`, options)).code).toBe(0);
    expect(JSON.parse(home.read("profiles/far.json"))).toMatchObject({
      url: far,
      allowHttp: "true",
    });
    for (let i = 0; i < 2; i++) {
      const { code, stderr } = await home.run("token list", { fetch });
      expect({ code, isWarned: stderr.includes(far) }).toEqual({ code: 0, isWarned: true });
    }
    await home.run(["profile", "set", "allowHttp", "", "-p", "far"]);
    expect((await home.run("token list", { fetch })).code).toBe(2);
  });

  test("profile set stores it, and takes no value except true", async () => {
    const { home } = createFar();
    await home.login("-p work");
    expect((await home.run(`profile set url ${far}`)).code).toBe(2);
    expect((await home.run("profile set allowHttp maybe")).code).toBe(2);
    expect((await home.run("profile set allowHttp true")).code).toBe(0);
    expect((await home.run(`profile set url ${far}`)).code).toBe(0);
  });

  test("profile import stores it only with --allow-http", async () => {
    const { home } = createFar();
    home.write("login.yaml", `url: ${far}\ndev_login:\n  username: alice\n`);
    const line = `profile import ${home.path("login.yaml")} -y -p far`;
    expect((await home.run(line)).code).toBe(2);
    expect((await home.run(`${line} --allow-http`)).code).toBe(0);
    expect(JSON.parse(home.read("profiles/far.json"))).toMatchObject({ allowHttp: "true" });
  });

  test.each([
    ["--allow-http", {}, 0],
    ["", { TOKCTL_ALLOW_HTTP: "1" }, 0],
    ["", {}, 2],
  ])(
    "token check --at sends the token there with %j and %j, with a warning",
    async (more, env, code) => {
      const { home } = createFar();
      const fetch: typeof home.sandbox.request = async (url, init) =>
        String(url).startsWith(far)
          ? new Response("{}", { status: 200 })
          : home.sandbox.request(url, init);
      const line = `token check --provider ovh-ai --url ${home.url} --app-token-file - --at ${far}/x ${more}`;
      const outcome = await home.run(line, { stdin: home.bootstrap, fetch, env });
      const sent = home.requests.filter(({ url }) => url.startsWith(far)).length;
      const isWarned = code === 0 && outcome.stderr.includes(far);
      expect({ code: outcome.code, sent, isWarned }).toEqual({
        code,
        sent: code === 0 ? 1 : 0,
        isWarned: code === 0,
      });
    },
  );

  test("allows nothing else: user names, other schemes, query strings", async () => {
    const { home, fetch, env } = createFar();
    for (const url of [
      "http://user:x@quick-start.example",
      "ftp://quick-start.example",
      `${far}?a`,
    ])
      expect((await home.run(`whoami --allow-http --url ${url}`, { fetch, env })).code).toBe(2);
    expect(home.requests).toEqual([]);
  });

  test("the library allows it by an option", async () => {
    const given = { provider: "ovh-ai", url: far, credential: "x" };
    await expect(createClient(given)).rejects.toMatchObject({ code: "usage" });
    expect(await createClient({ ...given, allowHttp: true })).toHaveProperty("list");
  });
});

describe("plain http to a host name", () => {
  const here = async () => ["127.0.0.1", "::1"];

  test.each([
    ["with loopback addresses only", here, 0],
    ["with an address that is not loopback", async () => ["127.0.0.1", "192.0.2.1"], 2],
    ["without an address", async () => [], 2],
    ["that can't be resolved", () => Promise.reject(new Error("ENOTFOUND")), 2],
  ])("%s", async (_, lookup, expected) => {
    const { home, fetch, env } = createFar();
    const { code, stderr } = await home.run("token list", { fetch, env, lookup });
    expect({ code, isWarned: code === 0 && stderr !== "" }).toEqual({
      code: expected,
      isWarned: false,
    });
    expect(home.requests).toHaveLength(expected === 0 ? 1 : 0);
  });

  test("of this machine: login works, and the profile needs no allowHttp", async () => {
    const { home, fetch } = createFar();
    const options = { fetch, stdin: home.bootstrap, lookup: here };
    expect((await home.run(`login ovh-ai ${far} --app-token-file -`, options)).code).toBe(0);
    expect(JSON.parse(home.read("profiles/ovh-ai.json"))).not.toHaveProperty("allowHttp");
    expect((await home.run("token list", { fetch, lookup: here })).code).toBe(0);
    const sent = home.requests.length;
    expect((await home.run("token list", { fetch })).code).toBe(2);
    expect((await home.run("token create x -r read", { fetch })).code).toBe(2);
    expect(home.requests).toHaveLength(sent);
  });

  test("of this machine: profile set and profile import store it", async () => {
    const { home } = createFar();
    await home.login("-p work");
    expect((await home.run(`profile set url ${far}`, { lookup: here })).code).toBe(0);
    home.write("login.yaml", `url: ${far}\ndev_login:\n  username: alice\n`);
    const line = `profile import ${home.path("login.yaml")} -y -p osmo`;
    expect((await home.run(line, { lookup: here })).code).toBe(0);
    expect(JSON.parse(home.read("profiles/osmo.json"))).not.toHaveProperty("allowHttp");
  });

  test("of another machine: the question is asked again at a terminal", async () => {
    const home = createHome();
    const { terminal, left, screen } = createTerminal(
      [/OVHcloud AI/, `${far}\r`],
      [/OVHcloud AI/, `${home.url}\r`],
      [/token/, `${home.bootstrap}\r`],
    );
    const { code } = await home.run("login ovh-ai --method token", { terminal });
    expect(left, screen()).toEqual([]);
    expect(code).toBe(0);
  });

  test("is refused in the library with a custom fetch, which resolves names itself", async () => {
    const fetch = async () => new Response("[]");
    const url = "http://far.example";
    await expect(
      createClient({ provider: "ovh-ai", url, credential: "x", fetch }),
    ).rejects.toMatchObject({ code: "usage" });
  });
});
