import { describe, expect, test } from "vitest";
import type { Fetch, FetchInit } from "../../src/host.ts";
import { version } from "../../src/version.ts";
import { createWorld, type World } from "../support/world.ts";

const exchange = "POST /api/auth/jwt/access_token";
const own = "/api/auth/access_token";
const carol = "service-account@example.com";

/** Replaces the app token with a user name. */
const asDeveloper = { TOKCTL_APP_TOKEN: undefined, TOKCTL_USER_HEADER: "testuser" };

interface Sent extends FetchInit {
  readonly url: string;
}

const lineOf = ({ method, url }: Sent) => `${method} ${new URL(url).pathname}`;
const isExchange = (request: Sent) => lineOf(request) === exchange;

/** Returns the requests of a run, without the exchange. */
const sentBy = ({ requests }: World) => requests.filter((request) => !isExchange(request));

/** Returns the query of the one create request. */
function createdWith({ requests }: World): readonly (readonly [string, string])[] {
  const creates = requests.filter((each) => each.method === "POST" && !isExchange(each));
  expect(creates).toHaveLength(1);
  return [...new URL(creates[0]?.url ?? "").searchParams];
}

describe("create sends", () => {
  test.each([
    ["a role", "-r osmo-user", ["osmo-user"]],
    ["roles as a repeated key", "-r osmo-user -r osmo-admin", ["osmo-user", "osmo-admin"]],
    ["several roles of one option", "-r osmo-user osmo-admin", ["osmo-user", "osmo-admin"]],
    ["a repeated role once", "-r osmo-user -r osmo-user", ["osmo-user"]],
    ["a role repeated in one option once", "--roles osmo-user osmo-user", ["osmo-user"]],
    ["no role if none is given", "", []],
  ])("%s", async (_, options, roles) => {
    const world = createWorld("osmo");
    const { code } = await world.run(`token create ci ${options}`, { env: asDeveloper });
    expect(code).toBe(0);
    const query = createdWith(world);
    expect(query.filter(([key]) => key === "roles").map(([, role]) => role)).toEqual(roles);
  });

  test("a role with a comma as one role", async () => {
    const world = createWorld("osmo");
    const { code } = await world.run("token create ci -r osmo-user,osmo-admin");
    expect(code).toBe(5);
    expect(createdWith(world)).toContainEqual(["roles", "osmo-user,osmo-admin"]);
  });

  test.each([
    ["nightly build"],
    ["a&roles=osmo-admin#b?c=d%20+e"],
    ['"quoted" – ünï¢ödé 🦊'],
    ["-e 2030-01-01"],
  ])("the description %j unchanged, and no other parameter", async (description) => {
    const world = createWorld("osmo");
    const line = "token create ci -e 2027-01-15 -r osmo-user -d".split(" ");
    const token = await world.json([...line, description], { env: asDeveloper });
    expect(token).toMatchObject({ description, roles: ["osmo-user"] });
    expect([...createdWith(world)].sort()).toEqual([
      ["description", description],
      ["expires_at", "2027-01-15"],
      ["roles", "osmo-user"],
    ]);
  });

  test("no description and no body if none is given", async () => {
    const world = createWorld("osmo");
    await world.json("token create ci -e 2027-01-15", { env: asDeveloper });
    expect(createdWith(world)).toEqual([["expires_at", "2027-01-15"]]);
    expect(sentBy(world).every(({ body }) => body === undefined)).toBe(true);
  });

  test.each([
    ["90s", "2026-11-24"],
    ["12h", "2026-11-24"],
    ["13h", "2026-11-25"],
    ["30d", "2026-12-24"],
    ["2w", "2026-12-08"],
    ["2026-11-24", "2026-11-24"],
    ["2027-11-23", "2027-11-23"],
  ])("the expiry %s, requested at noon, as %s", async (given, date) => {
    const world = createWorld("osmo");
    const { expiresAt } = await world.json(`token create ci -e ${given}`, { env: asDeveloper });
    expect(expiresAt).toBe(`${date}T00:00:00Z`);
    expect(createdWith(world)).toEqual([["expires_at", date]]);
  });

  test("a duration that ends at 00:00 UTC as that day", async () => {
    const world = createWorld("osmo");
    world.advance(12 * 3600 * 1000);
    await world.json("token create ci -e 30d", { env: asDeveloper });
    expect(createdWith(world)).toEqual([["expires_at", "2026-12-24"]]);
  });
});

describe("a create first lists the tokens of the user:", () => {
  test.each([
    ["its own", "token create ci", own],
    ["another user's", `token create ci -u ${carol}`, `/api/auth/user/${carol}/access_token`],
  ])("%s", async (_, line, path) => {
    const world = createWorld("osmo");
    await world.json(line, { env: asDeveloper });
    const decoded = sentBy(world).map((each) => decodeURIComponent(lineOf(each)));
    expect(decoded.slice(0, 2)).toEqual([`GET ${path}`, `POST ${path}/ci`]);

    world.requests.length = 0;
    const { code, stdout, stderr } = await world.run(line, { env: asDeveloper });
    expect({ code, stdout }).toEqual({ code: 6, stdout: "" });
    expect(stderr).toContain('"ci"');
    expect(sentBy(world).map(({ method }) => method)).toEqual(["GET"]);
  });

  test("accepts the name of another user's token", async () => {
    const world = createWorld("osmo");
    await world.json(`token create ci -u ${carol}`, { env: asDeveloper });
    expect((await world.run("token create ci", { env: asDeveloper })).code).toBe(0);
  });
});

describe("sends nothing", () => {
  test.each([
    "2027-1-5",
    "2027-02-30",
    "2027-13-01",
    "27-01-15",
    "2027-01-15T00:00:00",
    "20270115",
    "tomorrow",
    "30",
    "-3d",
    " 2027-01-15",
  ])("for the expiry %j, which is not a date", async (when) => {
    const { run, requests } = createWorld("osmo");
    const { code, stderr } = await run(["token", "create", "ci", `--expires-at=${when}`]);
    expect(code).toBe(2);
    expect(stderr).toContain("--expires-at");
    expect(requests).toEqual([]);
  });

  test.each(["2026-11-23", "2026-11-22", "1999-12-31"])(
    "for the expiry %s, which is in the past",
    async (when) => {
      const { run, requests } = createWorld("osmo");
      const { code, stderr } = await run(`token create ci -e ${when}`);
      expect(code).toBe(2);
      expect(stderr).toContain(when);
      expect(stderr).toContain("2026-11-23");
      expect(requests).toEqual([]);
    },
  );

  const verbs = ["create", "get", "renew", "delete", "roles"];
  const names = ["", "1st", "a.b", "-a", "a-", "a_", "..", ".", "a/b", "a b", "ä", "a\n", "a%2fb"];
  test.each(names)("for a token called %j", async (name) => {
    const { run, requests } = createWorld("osmo");
    for (const verb of verbs)
      expect(await run(["token", verb, "--", name])).toMatchObject({ code: 2, stdout: "" });
    expect(requests).toEqual([]);
  });

  const users = ["", "carol#", "..", ".", "a/../b", "@a", "a@", "carol?", "a b", "ä", "carol\n"];
  test.each(users)("for a user called %j", async (user) => {
    const { run, requests } = createWorld("osmo");
    for (const verb of verbs)
      expect(await run(["token", verb, "ci", `--user=${user}`])).toMatchObject({
        code: 2,
        stdout: "",
      });
    expect((await run(["token", "list", `--user=${user}`])).code).toBe(2);
    expect(requests).toEqual([]);
  });

  test.each(["a\r\nauthorization: b", "a b", "..", "carol#", "ä", ""])(
    "for the user header %j",
    async (user) => {
      const { run, requests } = createWorld("osmo");
      expect((await run(["token", "list", `--user-header=${user}`])).code).toBe(2);
      expect(requests).toEqual([]);
    },
  );
});

test("every request has the user agent and the client version", async () => {
  const world = createWorld("osmo");
  await world.json("token create ci -r osmo-user");
  await world.json("token renew ci");
  await world.json("token roles ci");
  await world.json("token delete ci");
  await world.json("whoami");
  await world.json(`token list -u ${carol}`, { env: asDeveloper });
  expect(new Set(world.requests.map(({ method }) => method))).toEqual(
    new Set(["GET", "POST", "DELETE"]),
  );
  for (const { headers } of world.requests)
    expect(headers).toMatchObject({
      "x-osmo-client-version": "6.4.0",
      "user-agent": `tokctl/${version}`,
    });
});

describe("in developer mode", () => {
  const lines = [
    "token create ci",
    "token list",
    "token renew ci",
    "token roles ci",
    "token delete ci",
  ];
  const environment = { TOKCTL_APP_TOKEN: undefined };
  test.each([
    ["--user-header", "--user-header testuser", environment],
    ["--user-header in spite of TOKCTL_APP_TOKEN", "--user-header testuser", {}],
    ["TOKCTL_USER_HEADER", "", asDeveloper],
  ])("%s sends the user name, without an exchange", async (_, options, env) => {
    const world = createWorld("osmo");
    for (const line of lines) await world.json(`${line} ${options}`, { env });
    expect(await world.json(`whoami ${options}`, { env })).toMatchObject({
      name: "testuser",
      kind: "user",
      tokenName: null,
    });
    for (const request of world.requests) {
      expect(lineOf(request)).not.toContain("jwt");
      expect(request.headers).toMatchObject({ "x-osmo-user": "testuser" });
      expect(Object.keys(request.headers).map((name) => name.toLowerCase())).not.toContain(
        "authorization",
      );
    }
  });

  test("creates a token of the user in TOKCTL_USER_HEADER", async () => {
    const world = createWorld("osmo");
    const options = { env: { ...asDeveloper, TOKCTL_USER_HEADER: carol } };
    expect(await world.json("token create ci", options)).toMatchObject({ owner: carol });
    expect(await world.json("token list", { env: asDeveloper })).toEqual([]);
  });

  test.each([
    ["both as options", "--user-header testuser --app-token x", environment],
    ["both as options, the token in a file", "--user-header testuser --app-token-file -", {}],
    ["both in the environment", "", { TOKCTL_USER_HEADER: "testuser" }],
  ])("rejects a user name together with an app token: %s", async (_, options, env) => {
    const { run, requests } = createWorld("osmo");
    const { code, stdout } = await run(`token list ${options}`, { env, stdin: "x" });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(requests).toEqual([]);
  });

  test("--app-token takes precedence over TOKCTL_USER_HEADER", async () => {
    const world = createWorld("osmo");
    const bootstrap = world.environment["TOKCTL_APP_TOKEN"] ?? "";
    expect(
      await world.json(["whoami", "--app-token", bootstrap], { env: asDeveloper }),
    ).toMatchObject({ kind: "app" });
    for (const { headers } of world.requests) expect(headers).not.toHaveProperty("x-osmo-user");
  });
});

describe("an access token is exchanged for a JWT", () => {
  const exchangesOf = ({ requests }: World) => requests.filter(isExchange);

  test.each([
    ["token create ci -r osmo-user"],
    ["token list"],
    ["token get existing"],
    ["token roles existing"],
    ["token renew existing"],
    ["token renew existing -r osmo-user -e 30d"],
    ["token delete existing"],
    ["whoami"],
  ])("once for `%s`", async (line) => {
    const world = createWorld("osmo");
    await world.json("token create existing", { env: asDeveloper });
    world.requests.length = 0;
    await world.json(line);
    expect(world.requests.map(isExchange)[0]).toBe(true);
    expect(exchangesOf(world)).toHaveLength(1);
    expect(exchangesOf(world)[0]?.headers).not.toHaveProperty("authorization");
    for (const { headers } of sentBy(world))
      expect(headers["authorization"]).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
  });

  test("in the request body; no URL has the token or the JWT", async () => {
    const world = createWorld("osmo");
    const { token } = await world.json("token create ci -r osmo-user");
    for (const line of ["token list", "token renew ci", "token delete ci"])
      await world.json([
        ...line.split(" "),
        "--app-token",
        world.environment["TOKCTL_APP_TOKEN"] ?? "",
      ]);
    await world.run(["whoami", "--app-token", token]);
    const secrets = [
      world.environment["TOKCTL_APP_TOKEN"] ?? "",
      token,
      ...sentBy(world).map(({ headers }) => headers["authorization"]?.split(" ")[1] ?? ""),
    ];
    const addresses = world.requests.map(({ url }) => decodeURIComponent(url)).join("\n");
    for (const secret of secrets) {
      expect(secret).not.toBe("");
      expect(addresses).not.toContain(secret);
    }
    for (const { method, body } of exchangesOf(world)) {
      expect(method).toBe("POST");
      expect(Object.keys(JSON.parse(body ?? ""))).toEqual(["token"]);
    }
  });

  test.each([
    [1, 296_999],
    [2, 297_000],
    [2, 300_001],
  ])("%i times if the next request follows after %i ms of its 300 s", async (times, passed) => {
    const world = createWorld("osmo");
    let over = false;
    const fetch: Fetch = async (url, init) => {
      const reply = await world.sandbox.request(url, init);
      if (init.method === "GET" && !over) {
        over = true;
        world.advance(passed);
      }
      return reply;
    };
    await world.json("token create ci", { fetch });
    expect(exchangesOf(world)).toHaveLength(times);
    const jwts = sentBy(world).map(({ headers }) => headers["authorization"]);
    expect(jwts[0] === jwts[1]).toBe(times === 1);
  });

  test("which is used until its exp claim, regardless of expires_at", async () => {
    const world = createWorld("osmo");
    const fetch: Fetch = async (url, init) => {
      const reply = await world.sandbox.request(url, init);
      if (!isExchange({ ...init, url })) return reply;
      const { token } = (await reply.json()) as { token: string };
      return Response.json({ token, expires_at: 1 });
    };
    await world.json("token create ci", { fetch });
    expect(exchangesOf(world)).toHaveLength(1);
  });

  /** Rejects the first of these requests as the gateway rejects an expired JWT. */
  function refusing(world: World, times: number, refused: (line: string) => boolean): Fetch {
    let left = times;
    return (url, init) =>
      refused(lineOf({ ...init, url })) && left-- > 0
        ? Promise.resolve(new Response("Jwt is expired", { status: 401 }))
        : world.sandbox.request(url, init);
  }

  test.each([
    ["the list", "token list", `GET ${own}`],
    ["a create", "token create ci", `POST ${own}/ci`],
    ["a delete", "token delete existing", `DELETE ${own}/existing`],
  ])("again after 401 to %s", async (_, line, refused) => {
    const world = createWorld("osmo");
    await world.json("token create existing", { env: asDeveloper });
    world.requests.length = 0;
    await world.json(line, { fetch: refusing(world, 1, (sent) => sent === refused) });
    expect(exchangesOf(world)).toHaveLength(2);
    expect(sentBy(world).filter((each) => lineOf(each) === refused)).toHaveLength(2);
  });

  test("only once again after repeated 401", async () => {
    const world = createWorld("osmo");
    const fetch = refusing(world, Infinity, (sent) => sent === `GET ${own}`);
    const { code, stdout, stderr } = await world.run("token list", { fetch });
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toContain("Jwt is expired");
    expect(world.requests.map(lineOf)).toEqual([exchange, `GET ${own}`, exchange, `GET ${own}`]);
  });

  test("and a request with a user name is not retried after 401", async () => {
    const world = createWorld("osmo");
    const fetch = refusing(world, Infinity, () => true);
    expect((await world.run("token list", { fetch, env: asDeveloper })).code).toBe(4);
    expect(world.requests).toHaveLength(1);
  });

  test("and --debug prints neither token", async () => {
    const world = createWorld("osmo");
    await world.json("token create ci", { env: asDeveloper });
    world.requests.length = 0;
    for (const line of [
      "token list",
      "token renew ci",
      "token delete ci",
      "token create ci -q",
      "whoami",
      "whoami --app-token wrong",
      "token delete nosuch",
    ]) {
      const { stdout, stderr } = await world.run(`${line} --debug`);
      expect(stderr).toContain(exchange.replace(" ", ` ${world.origin}`));
      const secrets = [
        world.environment["TOKCTL_APP_TOKEN"] ?? "",
        ...world.requests.flatMap(({ headers, body }) => [
          ...(headers["authorization"]?.split(/[ .]/).slice(1) ?? []),
          ...(body === undefined ? [] : [JSON.parse(body).token]),
        ]),
        ...(/^(token create|token renew)/.test(line) ? [stdout.trim()] : []),
      ];
      for (const secret of secrets) expect(stderr).not.toContain(secret);
    }
  });
});
