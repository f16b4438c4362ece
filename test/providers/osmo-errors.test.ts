import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { NotConnectedError } from "../../src/http/errors/network-fault.ts";
import { errorOf } from "../support/error-of.ts";
import type { Outcome, RunOptions } from "../support/outcome.ts";
import { createWorld, type World } from "../support/world.ts";

const own = "/api/auth/access_token";
const exchange = "POST /api/auth/jwt/access_token";
const asDeveloper = { TOKCTL_APP_TOKEN: undefined, TOKCTL_USER_HEADER: "testuser" };
/** Tests of one response send one request. */
const once = { TOKCTL_RETRIES: "0" };
const errorKeys = ["code", "message", "hint", "exitCode", "requestId"];

/** Makes a forged response for each request. */
type Forge = () => Response;

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Forge =>
  () =>
    Response.json(body, { status, headers });
const text =
  (status: number, body: string, type = "text/plain"): Forge =>
  () =>
    new Response(body, { status, headers: { "content-type": type } });
const empty =
  (status: number, headers: Record<string, string> = {}): Forge =>
  () =>
    new Response(null, { status, headers });

const userError = (message: string) =>
  json(400, { message, error_code: "USER", workflow_id: null });
const osmoError = (message: string) => json(400, { message, error_code: "OSMO_ERROR" });
const databaseError = json(400, {
  message: "canceling statement due to lock timeout",
  error_code: "DATABASE",
  workflow_id: null,
});
const loginPage = "<!doctype html><html><title>Sign in to the s3cr3t place</title></html>";

/** The sandbox, with a forged response to a request such as `GET /path`, at most `times` times. */
function forging(
  { sandbox }: World,
  { on, reply, times = Infinity }: { on: string; reply: Forge; times?: number },
): Fetch {
  let left = times;
  return async (url, init) =>
    on === `${init.method} ${new URL(url).pathname}` && left-- > 0
      ? reply()
      : sandbox.request(url, init);
}

/** Creates a world with a token `ci`, and no recorded requests. */
async function worldWithToken(): Promise<World> {
  const world = createWorld("osmo");
  await world.json("token create ci -e 2027-01-15", { env: asDeveloper });
  world.requests.length = 0;
  return world;
}

/** Returns the error that a failed run printed as JSON. */
function failureOf({ code, stdout, stderr }: Outcome) {
  expect(stdout).toBe("");
  const { error } = JSON.parse(stderr);
  expect(Object.keys(error)).toEqual(errorKeys);
  expect(error.exitCode).toBe(code);
  return error;
}

/**
 * Runs a line that meets a forged response, with text and with JSON output: both end with the same
 * exit code and error, and show nothing of the implementation.
 */
async function failing(
  line: string,
  on: string,
  reply: Forge,
  options: RunOptions = { env: { ...asDeveloper, ...once } },
) {
  const attempt = async (words: string) => {
    const world = await worldWithToken();
    const outcome = await world.run(words, {
      ...options,
      fetch: forging(world, { on, reply }),
    });
    const lines = world.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
    expect(lines).toContain(on);
    return { ...outcome, lines };
  };
  const text = await attempt(line);
  const json = await attempt(`${line} -o json`);
  const error = failureOf(json);
  expect({ code: text.code, stdout: text.stdout }).toEqual({
    code: error.exitCode,
    stdout: "",
  });
  expect(errorOf(text)).toMatchObject({ code: error.code, message: error.message });
  for (const { stderr } of [text, json]) {
    expect(stderr).not.toMatch(/^\s+at |\.ts:\d|error\[unexpected\]|undefined|\[object/m);
    expect(stderr).not.toContain("<html>");
  }
  return { error, stderr: text.stderr, lines: text.lines };
}

const list = ["token list", `GET ${own}`] as const;
const create = ["token create new", `POST ${own}/new`] as const;
const remove = ["token delete ci", `DELETE ${own}/ci`] as const;
const roles = ["token roles ci", `GET ${own}/ci/roles`] as const;

describe("the message of 400 USER decides the error code:", () => {
  const regex = "^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$";
  test.each([
    [remove, "Access token ci does not exist.", "not_found", 3],
    [remove, "User testuser not found", "not_found", 3],
    [list, "User testuser not found", "not_found", 3],
    [roles, "Token ci not found or does not belong to current user", "not_found", 3],
    [create, "Token name new already exists.", "conflict", 6],
    [create, "User does not have all the requested roles. Token creation failed.", "forbidden", 5],
    [create, "Access token expiration date cannot be more than 365d from now", "usage", 2],
    [create, "Expiration date must be past the current date (2026-11-23)", "usage", 2],
    [create, `Token name new must match regex ${regex}`, "usage", 2],
    [create, "At least one role must be specified for the access token.", "usage", 2],
    [create, "User ID must not be empty", "usage", 2],
    [create, "An unknown error message", "usage", 2],
  ] as const)("%j: %s is %s, exit %i", async ([line, on], message, code, exitCode) => {
    const { error, stderr } = await failing(line, on, userError(message));
    expect(error).toMatchObject({ code, exitCode });
    expect(error.message).toContain(message);
    expect(stderr).toContain(message);
  });

  test.each(["CREDENTIAL", "USAGE", "RESOURCE", "SUBMISSION"])(
    "400 %s is a usage error with the service's message",
    async (error_code) => {
      const reply = json(400, { message: "the service's words", error_code, workflow_id: null });
      const { error } = await failing(...create, reply);
      expect(error).toMatchObject({ code: "usage", exitCode: 2 });
      expect(error.message).toContain("the service's words");
    },
  );

  test("--missing-ok accepts a token that the service does not find", async () => {
    const world = await worldWithToken();
    const [, on] = remove;
    const fetch = forging(world, { on, reply: userError("Access token ci does not exist.") });
    const options = { env: asDeveloper, fetch };
    expect(await world.json("token delete ci --missing-ok", options)).toEqual([
      { id: "ci", name: "ci", deleted: false },
    ]);
  });

  test("--missing-ok does not accept an unknown user", async () => {
    const world = createWorld("osmo");
    const { code, stderr } = await world.run("token delete ci --missing-ok -u nobody");
    expect(code).toBe(3);
    expect(stderr).toContain("User nobody not found");
  });
});

describe("the sandbox rejects", () => {
  test.each([
    ["token list -u nobody", 3, "User nobody not found"],
    ["token create ci -r osmo-backend", 5, "all the requested roles"],
    ["token create ci -e 2027-11-24", 2, "more than 365d from now"],
    ["token create ci -u nobody", 3, "not found"],
  ])("%s", async (line, exitCode, words) => {
    const { run } = createWorld("osmo");
    const { code, stdout, stderr } = await run(line);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(stderr).toContain(words);
  });

  test.each([
    ["a token that is too short", "short", "invalid length 5"],
    ["an unknown token", "A".repeat(43), "is invalid"],
    ["an unknown token of an old service", "A".repeat(64), "is invalid"],
  ])("%s in the exchange for a JWT", async (_, token, words) => {
    const { run, requests } = createWorld("osmo");
    const outcome = await run(`token list -o json --app-token ${token}`);
    const error = failureOf(outcome);
    expect(error).toMatchObject({ code: "unauthenticated", exitCode: 4 });
    expect(error.message).toContain(words);
    expect(error.hint).toContain("--app-token-file");
    expect(outcome.stderr).not.toContain(token === "short" ? '"short"' : token);
    expect(requests).toHaveLength(1);
  });

  test("an expired token in the exchange for a JWT", async () => {
    const world = createWorld("osmo");
    const { token } = await world.json("token create ci -e 2026-11-25");
    world.advance(3 * 86_400_000);
    const error = failureOf(await world.run(["token", "list", "-o", "json", "--app-token", token]));
    expect(error).toMatchObject({ code: "unauthenticated", exitCode: 4 });
    expect(error.message).toContain("has expired");
  });

  test("a token that expires during the run", async () => {
    const world = createWorld("osmo");
    const { token } = await world.json("token create ci -e 2026-11-24");
    world.advance(12 * 3600 * 1000 - 1000);
    const fetch: Fetch = async (url, init) => {
      const reply = await world.sandbox.request(url, init);
      if (`${init.method} ${new URL(url).pathname}` === exchange) world.advance(2000);
      return reply;
    };
    const line = ["token", "list", "-o", "json", "--app-token", token];
    const error = failureOf(await world.run(line, { fetch }));
    expect(error).toMatchObject({ code: "unauthenticated", exitCode: 4 });
    expect(error.message).toContain("Access token ci has expired");
  });
});

describe("400 DATABASE is a transient failure:", () => {
  const reading = [
    list,
    roles,
    ["token get ci", `GET ${own}`],
    ["token list -u testuser", "GET /api/auth/user/testuser/access_token"],
    ["whoami", "GET /api/profile/settings"],
  ] as const;

  test.each(reading)("`%s` retries", async (line, on) => {
    const world = await worldWithToken();
    const fetch = forging(world, { on, reply: databaseError, times: 1 });
    const outcome = await world.run(line, { env: asDeveloper, fetch });
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.stdout).not.toBe("");
  });

  test.each(reading)("`%s` ends with 12 if it persists", async (line, on) => {
    const { error } = await failing(line, on, databaseError);
    expect(error).toMatchObject({ code: "server_error", exitCode: 12 });
    expect(error.message).toContain("lock timeout");
  });

  test("a create is not retried, and its outcome is unknown", async () => {
    const { error, lines } = await failing(...create, databaseError, { env: asDeveloper });
    expect(error).toMatchObject({ code: "outcome_unknown", exitCode: 10 });
    expect(lines.filter((each) => each === create[1])).toHaveLength(1);
  });

  test("a delete is retried, and succeeds if the token is gone", async () => {
    const world = await worldWithToken();
    let isFirst = true;
    const fetch: Fetch = async (url, init) => {
      const reply = await world.sandbox.request(url, init);
      if (init.method !== "DELETE" || !isFirst) return reply;
      isFirst = false;
      return databaseError();
    };
    const outcome = await world.run(remove[0], { env: asDeveloper, fetch });
    expect(outcome).toEqual({ code: 0, stdout: 'Deleted token "ci".\n', stderr: "" });
  });

  test("nothing but the exchange is sent if the exchange fails", async () => {
    const { error, lines } = await failing("token create new", exchange, databaseError, {});
    expect(error).toMatchObject({ code: "server_error", exitCode: 12 });
    expect(new Set(lines)).toEqual(new Set([exchange]));
  });
});

describe("other error responses:", () => {
  const tooOld = "Your client is out of date. Client version is 6.4.0 but the newest is 9.0.0.";
  const notFound = json(404, { detail: "Not Found" });
  test.each<[string, readonly [string, string], Forge, string, number, string]>([
    ["the client is too old", list, osmoError(tooOld), "server_error", 12, "out of date"],
    ["the client is too old", create, osmoError(tooOld), "server_error", 12, "out of date"],
    [
      "the token in use has expired",
      list,
      osmoError("Access token ci has expired."),
      "unauthenticated",
      4,
      "has expired",
    ],
    [
      "500",
      create,
      json(500, { message: "Internal server error: time data '2027' does not match format" }),
      "outcome_unknown",
      10,
      "Internal server error: time data",
    ],
    ["500", list, json(500, { message: "Internal server error: x" }), "server_error", 12, "500"],
    [
      "a detail of 400",
      list,
      json(400, { detail: "Could not find header for user, x-osmo-user" }),
      "usage",
      2,
      "Could not find header for user",
    ],
    [
      "a detail of 405",
      list,
      json(405, { detail: "Method Not Allowed" }),
      "usage",
      2,
      "Not Allowed",
    ],
    ["a detail of 422", list, json(422, { detail: "Unprocessable" }), "usage", 2, "Unprocessable"],
    ["a detail of 404", list, notFound, "server_error", 12, "Not Found"],
    ["a detail of 404", roles, notFound, "server_error", 12, "Not Found"],
    ["a detail of 404", remove, notFound, "server_error", 12, "Not Found"],
  ])("%s (`%j`)", async (_, [line, on], reply, code, exitCode, words) => {
    const { error, lines } = await failing(line, on, reply);
    expect(error).toMatchObject({ code, exitCode });
    expect(error.message).toContain(words);
    expect(lines.filter((each) => each === on)).toHaveLength(1);
  });

  const secret = "s3cr3t-input";
  test.each<[string, string, RunOptions, unknown]>([
    ["token create new", `POST ${own}/new`, { env: asDeveloper }, secret],
    ["token list", exchange, {}, { token: secret }],
    ["whoami", exchange, {}, [secret]],
  ])(
    "a 422 for `%s` shows the fields and messages, and not the input",
    async (line, on, options, input) => {
      const detail = [
        { type: "missing", loc: ["query", "expires_at"], msg: "Field required", input },
        { type: "string_type", loc: ["body", "token"], msg: "Input should be a string", input },
      ];
      for (const words of [line, `${line} --debug`]) {
        const world = await worldWithToken();
        const fetch = forging(world, { on, reply: json(422, { detail }) });
        const { code, stdout, stderr } = await world.run(words, { ...options, fetch });
        expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
        for (const { loc, msg } of detail)
          for (const fact of [loc.join("."), msg]) expect(stderr).toContain(fact);
        expect(stderr).not.toContain(secret);
      }
      const { error } = await failing(line, on, json(422, { detail }), options);
      expect(JSON.stringify(error)).not.toContain(secret);
    },
  );
});

describe("the gateway responds with", () => {
  const limits = { "x-ratelimit-limit": "5", "x-ratelimit-remaining": "0" };
  const to = (location: string, status: number) => empty(status, { location });
  const login = "https://login.example.com/authorize?state=s3cr3t";
  test.each<[string, Forge, string, number, string]>([
    ["401 Jwt is missing", text(401, "Jwt is missing"), "unauthenticated", 4, "Jwt is missing"],
    ["401 Jwt is expired", text(401, "Jwt is expired"), "unauthenticated", 4, "Jwt is expired"],
    [
      "401 for an access token in place of a JWT",
      text(401, "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections"),
      "unauthenticated",
      4,
      "Jwt is not in the form",
    ],
    ["403 access denied", text(403, "access denied"), "forbidden", 5, "access denied"],
    ["403 with an empty body", empty(403), "forbidden", 5, "403"],
    ["429 with an empty body", empty(429, limits), "rate_limited", 7, "429"],
    ["503", text(503, "no healthy upstream"), "server_error", 12, "no healthy upstream"],
    ["504", text(504, "upstream request timeout"), "server_error", 12, "upstream request timeout"],
    ["302 to a login page", to(login, 302), "unauthenticated", 4, "302"],
    [
      "200 and a login page",
      text(200, loginPage, "text/html"),
      "server_error",
      12,
      "http://127.0.0.1:8787",
    ],
    [
      "307 to another path",
      to("http://127.0.0.1:8787/other/place?state=s3cr3t", 307),
      "server_error",
      12,
      "http://127.0.0.1:8787/other/place",
    ],
  ])("%s", async (name, reply, code, exitCode, words) => {
    for (const [line, on] of [list, create, remove]) {
      const { error, stderr, lines } = await failing(line, on, reply);
      // The service behind the gateway may have created the token.
      const isLost = on === create[1] && ["503", "504", "200 and a login page"].includes(name);
      expect(error).toMatchObject(
        isLost ? { code: "outcome_unknown", exitCode: 10 } : { code, exitCode },
      );
      expect(error.message).toContain(words);
      expect(error.hint).not.toBe("");
      expect(stderr).not.toContain("s3cr3t");
      expect(lines.filter((each) => each === on)).toHaveLength(1);
    }
  });

  test.each<[string, Forge, number]>([
    ["401", text(401, "Jwt is missing"), 4],
    ["403", empty(403), 5],
    ["429", empty(429), 7],
    ["503", text(503, "no healthy upstream"), 12],
    ["302 to a login page", to(login, 302), 4],
    ["200 and a login page", text(200, loginPage, "text/html"), 12],
    ["307", to("http://127.0.0.1:8787/other", 307), 12],
  ])("%s to the exchange", async (_, reply, exitCode) => {
    const { error, lines } = await failing("token list", exchange, reply, { env: once });
    expect(error.exitCode).toBe(exitCode);
    expect(lines).toEqual([exchange]);
  });

  test.each([[{}], ["x"], [null], [[{ token_name: "ci" }]], [{ items: [] }]])(
    "200 and %j, which is not a list of tokens",
    async (body) => {
      const { error } = await failing(...list, json(200, body));
      expect(error).toMatchObject({ code: "server_error", exitCode: 12 });
    },
  );

  test.each([[""], [null], [{ token: "A" }], ["two words"], ["\u001b[31mA"]])(
    "200 and %j to a create, which is not a secret",
    async (body) => {
      const { error } = await failing(...create, json(200, body));
      expect(error).toMatchObject({ code: "outcome_unknown", exitCode: 10 });
      expect(error.hint).toContain('"new"');
    },
  );
});

describe("a failed connection", () => {
  const cut =
    (code: string): Forge =>
    () => {
      const error = Object.assign(new Error("s3cr3t detail"), { code });
      throw code === "ECONNREFUSED" ? new NotConnectedError(error) : error;
    };
  test.each([
    [list, "ECONNREFUSED", "network", 8, "tokctl doctor"],
    [list, "ECONNRESET", "network", 8, "tokctl doctor"],
    [create, "ECONNREFUSED", "network", 8, "tokctl doctor"],
    [create, "ECONNRESET", "outcome_unknown", 10, '"new"'],
    [remove, "ECONNRESET", "network", 8, "--missing-ok"],
  ] as const)("%j: %s is %s, exit %i", async ([line, on], reason, code, exitCode, hint) => {
    const { error, stderr, lines } = await failing(line, on, cut(reason));
    expect(error).toMatchObject({ code, exitCode });
    expect(error.message).toContain("http://127.0.0.1:8787");
    expect(error.hint).toContain(hint);
    expect(stderr).not.toContain("s3cr3t");
    expect(lines.filter((each) => each === on)).toHaveLength(1);
  });
});

describe("x-osmo-warning", () => {
  const warning = (words: string | Buffer) => Buffer.from(words).toString("base64");
  const expiring = "WARNING: Access token ci is expiring on 2026-11-25 at 12AM UTC.";

  /** The sandbox, with this header on every response. */
  const warningFetch =
    (world: World, header: string, forged?: Fetch): Fetch =>
    async (url, init) => {
      const reply = (await (forged ?? world.sandbox.request)(url, init)) as Response;
      const { status } = reply;
      return new Response(await reply.text(), {
        status,
        headers: { ...Object.fromEntries(reply.headers), "x-osmo-warning": header },
      });
    };

  const run = async (line: string, words: string | Buffer) => {
    const world = await worldWithToken();
    const outcome = await world.run(line, {
      env: asDeveloper,
      fetch: warningFetch(world, warning(words)),
    });
    return { ...outcome, requests: world.requests };
  };
  const occurrences = (text: string, part: string) => text.split(part).length - 1;

  test.each(["token list", "token list -q", "token list -o json", "token list -o yaml"])(
    "is decoded and printed on stderr by `%s`",
    async (line) => {
      const { code, stdout, stderr } = await run(line, expiring);
      expect({ code, stderr }).toEqual({ code: 0, stderr: `${expiring}\n` });
      expect(stdout).toContain("ci");
      expect(stdout).not.toContain("WARNING");
    },
  );

  test("is printed once, even if several responses have it", async () => {
    const { code, stderr, requests } = await run("token create new", expiring);
    expect(code).toBe(0);
    expect(requests.length).toBeGreaterThan(1);
    expect(occurrences(stderr, expiring)).toBe(1);
  });

  test("is printed with all its lines", async () => {
    const words = "WARNING: New client 6.5.0 available.\nCurrent version: 6.4.0 – ünï¢ödé.";
    const { code, stderr } = await run("token list", words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `${words}\n` });
  });

  test("is escaped before it reaches a terminal", async () => {
    const { code, stderr } = await run(
      "token list",
      "WARNING: \u001b]0;title\u0007\u001b[31mred\u009b2J\u202eflipped\u200b\r\u0000",
    );
    expect(code).toBe(0);
    expect(stderr).toBe(
      "WARNING: \\x1b]0;title\\x07\\x1b[31mred\\x9b2J\\u202eflipped\\u200b\\x0d\\x00\n",
    );
  });

  test.each([
    ["empty", ""],
    ["not base64", "%%%"],
    ["not UTF-8", Buffer.from([0xff, 0xfe, 0x1b]).toString("base64")],
  ])("is ignored if it is %s", async (_, header) => {
    const world = await worldWithToken();
    const fetch = warningFetch(world, header);
    const { code, stdout, stderr } = await world.run("token list", { env: asDeveloper, fetch });
    expect(code).toBe(0);
    expect(stdout).toContain("ci");
    expect(stderr).not.toContain("\u001b");
  });

  test.each<[string, Forge, number]>([
    ["400", userError("User testuser not found"), 3],
    ["401", text(401, "Jwt is expired"), 4],
    ["500", json(500, { message: "Internal server error: x" }), 12],
  ])("is printed with an error: %s", async (_, reply, exitCode) => {
    const world = await worldWithToken();
    const fetch = warningFetch(
      world,
      warning(expiring),
      forging(world, { on: `GET ${own}`, reply }),
    );
    const { code, stdout, stderr } = await world.run("token list", { env: asDeveloper, fetch });
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(occurrences(stderr, expiring)).toBe(1);
    expect(stderr).toMatch(/^error\[\w+\]: /m);
  });

  test("is printed in the last week of the token in use", async () => {
    const world = createWorld("osmo");
    const { token } = await world.json("token create ci -e 2026-12-01");
    const line = ["token", "list", "--app-token", token];
    expect((await world.run(line)).stderr).toBe("");
    world.advance(3 * 86_400_000);
    const { code, stderr } = await world.run(line);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "WARNING: Access token ci is expiring on 2026-12-01 at 12AM UTC.\n",
    });
  });
});

test.each([
  ["token list --expiring-within 14d --exit-code", 0],
  ["token list --expiring-within 60d --exit-code", 11],
  ["token list --expiring-within 60d", 0],
])("`%s` ends with %i", async (line, exitCode) => {
  const world = await worldWithToken();
  expect((await world.run(line, { env: asDeveloper })).code).toBe(exitCode);
});
