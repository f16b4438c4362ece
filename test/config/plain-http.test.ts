import { describe, expect, test } from "vitest";
import { createClient } from "../../src/index.ts";
import { createHome } from "../support/home.ts";

const far = "http://quick-start.example";

/** A home in which every address leads to the sandbox. */
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
  ])("is allowed by %s with %j, and warned of", async (line, more) => {
    const { home, fetch, env } = createFar();
    const { code, stderr } = await home.run(line, { fetch, env: { ...env, ...more } });
    expect(code).toBe(0);
    expect(stderr.match(/quick-start\.example/g)).toHaveLength(1);
    expect(home.requests.map(({ url }) => new URL(url).origin)).toEqual([far]);
  });

  test("is kept in the profile by login, and warned of each time", async () => {
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

  test("is kept by profile set, which takes nothing else than true", async () => {
    const { home } = createFar();
    await home.login("-p work");
    expect((await home.run(`profile set url ${far}`)).code).toBe(2);
    expect((await home.run("profile set allowHttp maybe")).code).toBe(2);
    expect((await home.run("profile set allowHttp true")).code).toBe(0);
    expect((await home.run(`profile set url ${far}`)).code).toBe(0);
  });

  test("does not loosen anything else: user names, other schemes, other origins", async () => {
    const { home, fetch, env } = createFar();
    for (const url of [
      "http://user:x@quick-start.example",
      "ftp://quick-start.example",
      `${far}?a`,
    ])
      expect((await home.run(`whoami --allow-http --url ${url}`, { fetch, env })).code).toBe(2);
    expect(home.requests).toEqual([]);
  });

  test("is allowed in the library by an option", async () => {
    const given = { provider: "ovh-ai", url: far, credential: "x" };
    await expect(createClient(given)).rejects.toMatchObject({ code: "usage" });
    expect(await createClient({ ...given, allowHttp: true })).toHaveProperty("list");
  });
});
