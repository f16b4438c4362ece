import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import type { Outcome, RunOptions } from "../support/outcome.ts";
import { createWorld, type World } from "../support/world.ts";

// The service has no renewal: tokctl deletes a token and creates it again. A run must never lose a
// token without printing how to restore it.

const asDeveloper = { TOKCTL_APP_TOKEN: undefined, TOKCTL_USER_HEADER: "testuser" };
const otherUser = "other-user@example.com";
const description = `the "nightly" build's $TOKEN, 100% \`ours\` \\ -r osmo-admin`;
const secretLine = /^[A-Za-z0-9_-]{43}\n$/;

/** Handles a request; `send` passes it to the service. */
type Fault = (send: () => Promise<Response>) => Promise<Response> | Response;

const answered =
  (status: number, body: unknown): Fault =>
  () =>
    typeof body === "string" ? new Response(body, { status }) : Response.json(body, { status });
const userError = (message: string) => answered(400, { message, error_code: "USER" });
const unavailable = answered(503, "no healthy upstream");
const databaseError = answered(400, { message: "connection is closed", error_code: "DATABASE" });
const webPage: Fault = () =>
  new Response("<html>busy</html>", { headers: { "content-type": "text/html" } });

const reset = () => Object.assign(new Error("read"), { code: "ECONNRESET" });
/** The connection is reset before the service receives the request. */
const cut: Fault = () => Promise.reject(reset());
/** The service handles the request, and the response is lost. */
const answerLost: Fault = async (send) => {
  await send();
  throw reset();
};
const answerBroken: Fault = async (send) => {
  await send();
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from('"AAAA'));
      controller.error(reset());
    },
  });
  return new Response(body, { headers: { "content-type": "application/json" } });
};
const answerReplaced: Fault = async (send) => {
  await send();
  return webPage(send);
};

interface Trouble {
  readonly on: "GET" | "DELETE" | "POST";
  readonly fault: Fault;
  readonly times?: number;
  /** Applies to the probe, not to the token itself. */
  readonly probe?: true;
  /** Applies only after such a request. */
  readonly after?: "DELETE" | "POST";
}

/** The URL of a probe: a token that is created to check that a create succeeds. */
const probeUrl = /-probe-[0-9a-f]{8}(\?|$)/;

/** The sandbox with these faults; as on a real network, an aborted request is not sent. */
function troubled({ sandbox }: World, troubles: readonly Trouble[]): Fetch {
  const left = new Map(troubles.map((trouble) => [trouble, trouble.times ?? Infinity]));
  const made = new Set<string>();
  return async (url, init) => {
    init.signal.throwIfAborted();
    const send = () => sandbox.request(url, init);
    const isProbe = probeUrl.test(url);
    const trouble = troubles.find(
      (each) =>
        each.on === init.method &&
        (init.method === "GET" || (each.probe ?? false) === isProbe) &&
        (each.after === undefined || made.has(each.after)) &&
        (left.get(each) ?? 0) > 0,
    );
    if (!isProbe) made.add(init.method);
    if (!trouble) return send();
    left.set(trouble, (left.get(trouble) ?? 0) - 1);
    return trouble.fault(send);
  };
}

/** Creates a world with a token `ci`, and no recorded requests. */
async function worldWithToken(line = "-r osmo-user -e 2027-01-15", text = description) {
  const world = createWorld("osmo");
  const words = ["token", "create", "ci", ...line.split(" "), "-d", text];
  const { token: secret, ...token } = await world.json(words, { env: asDeveloper });
  world.requests.length = 0;
  const run = (line: string | readonly string[], options: RunOptions = {}) =>
    world.run(line, { env: asDeveloper, ...options });
  const renew = (troubles: readonly Trouble[], options = "") =>
    run(`token renew ci ${options}`, { fetch: troubled(world, troubles) });
  const tokens = () => world.json("token list", { env: asDeveloper });
  const bearer = async (credential: string) => {
    const { code, stdout } = await world.run([
      ..."whoami -o json --app-token".split(" "),
      credential.trim(),
    ]);
    return code === 0 ? JSON.parse(stdout).tokenName : undefined;
  };
  /** The methods of the requests, without those for a probe. */
  const methods = () =>
    world.requests.filter(({ url }) => !probeUrl.test(url)).map(({ method }) => method);
  return { world, token, secret, run, renew, tokens, bearer, methods };
}

/** Returns the command in a hint that restores the token, split as a shell does. */
function restoringWords({ stderr }: Outcome): readonly string[] {
  const at = stderr.search(/(?<=^ *|: )tokctl token (create|renew) /m);
  expect(at).toBeGreaterThanOrEqual(0);
  const [program, ...words] = splitWords(stderr.slice(at).split("\nrequest id:")[0] ?? "");
  expect(program).toBe("tokctl");
  return words;
}

/** Splits a POSIX shell's words: plain ones, '…', "…", $'…' and backslashes. */
function splitWords(line: string): readonly string[] {
  const part = /\$'((?:[^'\\]|\\.)*)'|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)|\s+/gsu;
  const words = [""];
  for (const [, escaped, single, double, one, plain] of line.trimEnd().matchAll(part)) {
    const text =
      (escaped === undefined ? undefined : unescapeControls(escaped)) ??
      single ??
      double?.replace(/\\([$`"\\])/g, "$1") ??
      one ??
      plain;
    if (text === undefined) words.push("");
    else words[words.length - 1] += text;
  }
  return words;
}

/** The escapes of $'…': \n \t \r, \xHH, \uHHHH, \UHHHHHHHH, and any other character unchanged. */
const unescapeControls = (text: string): string =>
  text.replace(
    /\\(?:x([0-9a-f]{1,2})|u([0-9a-f]{1,4})|U([0-9a-f]{1,8})|(.))/gsu,
    (_, byte, unit, point, letter) =>
      letter === undefined
        ? String.fromCodePoint(Number.parseInt(byte ?? unit ?? point, 16))
        : ({ n: "\n", t: "\t", r: "\r" }[letter as string] ?? letter),
  );

describe("renew", () => {
  test("keeps name, roles, description and expiry, and prints a new secret", async () => {
    const { token, secret, run, tokens, bearer, methods } = await worldWithToken();
    const { code, stdout, stderr } = await run("token renew ci");
    expect(code).toBe(0);
    expect(stdout).toMatch(secretLine);
    expect(stderr).toContain('"ci"');
    expect(methods()).toEqual(["GET", "GET", "DELETE", "POST", "GET"]);
    expect(await tokens()).toEqual([token]);
    expect(await bearer(stdout)).toBe("ci");
    expect(await bearer(secret)).toBeUndefined();
    expect(token).toMatchObject({ description, roles: ["osmo-user"] });
  });

  test("does not change other tokens", async () => {
    const { token, world, run, tokens } = await worldWithToken();
    const { token: _, ...other } = await world.json("token create ci2", { env: asDeveloper });
    expect((await run("token renew ci")).code).toBe(0);
    expect(await tokens()).toEqual([token, other]);
  });

  test("renews another user's token", async () => {
    const { world, token, run, tokens } = await worldWithToken();
    const line = `token list -u ${otherUser}`;
    const before = await world.json(line);
    expect((await run(`token renew old-token -u ${otherUser}`)).code).toBe(0);
    expect(await world.json(line)).toEqual(before);
    expect(await tokens()).toEqual([token]);
  });

  test.each([
    ["-e 2027-06-30", { expiresAt: "2027-06-30T00:00:00Z" }],
    ["-e 30d", { expiresAt: "2026-12-24T00:00:00Z" }],
    ["-e 364d", { expiresAt: "2027-11-23T00:00:00Z" }],
    ["-e 2027-11-23", { expiresAt: "2027-11-23T00:00:00Z" }],
    ["-r osmo-admin", { roles: ["osmo-admin"] }],
    ["-r osmo-admin --roles osmo-user", { roles: ["osmo-admin", "osmo-user"] }],
    ["-r osmo-admin -r osmo-admin", { roles: ["osmo-admin"] }],
    ["-r osmo-admin -e 2w", { roles: ["osmo-admin"], expiresAt: "2026-12-08T00:00:00Z" }],
  ])("%s changes only that", async (options, change) => {
    const { token, run, tokens, bearer } = await worldWithToken();
    const { code, stdout } = await run(`token renew ci ${options}`);
    expect(code).toBe(0);
    expect(await tokens()).toEqual([{ ...token, ...change }]);
    expect(await bearer(stdout)).toBe("ci");
  });

  test("renews an expired token with -e", async () => {
    const { world, token, run, tokens, bearer } = await worldWithToken("-r osmo-user -e 1d");
    world.advance(3 * 86_400_000);
    const { code, stdout } = await run("token renew ci -e 2027-01-15");
    expect(code).toBe(0);
    expect(await tokens()).toEqual([{ ...token, expiresAt: "2027-01-15T00:00:00Z" }]);
    expect(await bearer(stdout)).toBe("ci");
  });

  test("renews a token without roles with -r", async () => {
    const { world, token, run, tokens } = await worldWithToken();
    await takeRole(world);
    expect(await tokens()).toEqual([{ ...token, roles: [] }]);
    expect((await run("token renew ci -r osmo-admin")).code).toBe(0);
    expect(await tokens()).toEqual([{ ...token, roles: ["osmo-admin"] }]);
  });

  test("renews the credential in use, and warns", async () => {
    const { world, token, secret, tokens, bearer } = await worldWithToken();
    const { code, stdout, stderr } = await world.run(`token renew ci -q --token ${secret}`);
    expect(code).toBe(0);
    expect(stderr).not.toBe("");
    expect(await bearer(stdout)).toBe("ci");
    expect(await tokens()).toEqual([token]);
    expect(await world.run("token renew ci -q", { env: asDeveloper })).toMatchObject({
      code: 0,
      stderr: "",
    });
  });
});

/** Removes a role from the user and from all their tokens. */
const takeRole = ({ sandbox, origin }: World) =>
  sandbox.request(`${origin}/api/auth/user/testuser/roles/osmo-user`, {
    method: "DELETE",
    headers: { "x-osmo-user": "testuser" },
  });

describe("renew fails with nothing deleted", () => {
  test("if the token has expired: the hint names -e", async () => {
    const { world, token, run, tokens, methods } = await worldWithToken("-r osmo-user -e 1d");
    world.advance(3 * 86_400_000);
    const { code, stdout, stderr } = await run("token renew ci");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(errorOf({ stderr }).code).toBe("usage");
    expect(errorOf({ stderr }).hint).toContain("tokctl token renew ci -e ");
    expect(new Set(methods())).toEqual(new Set(["GET"]));
    expect(await tokens()).toEqual([{ ...token, status: "expired" }]);
  });

  test("if the token expires at this instant", async () => {
    const { world, run, methods } = await worldWithToken("-r osmo-user -e 2026-11-24");
    world.advance(12 * 3600 * 1000);
    expect((await run("token renew ci")).code).toBe(2);
    expect(new Set(methods())).toEqual(new Set(["GET"]));
  });

  test("if the token has no roles: the hint names -r", async () => {
    const { world, token, run, tokens, methods } = await worldWithToken();
    await takeRole(world);
    const { code, stdout, stderr } = await run("token renew ci");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(errorOf({ stderr }).code).toBe("usage");
    expect(errorOf({ stderr }).hint).toContain("tokctl token renew ci -r ");
    expect(new Set(methods())).toEqual(new Set(["GET"]));
    expect(await tokens()).toEqual([{ ...token, roles: [] }]);
  });

  test.each([
    ["an expiry in the past", "-e 2026-11-22", 2, "2026-11-22"],
    ["an expiry today", "-e 2026-11-23", 2, "2026-11-23"],
    ["an expiry more than 365 days ahead", "-e 2027-11-24", 2, "365d"],
    ["an expiry years ahead", "-e 2036-01-01", 2, "365d"],
    ["an expiry that is not a date", "-e 2027-1-5", 2, "--expires-at"],
    ["a role that the user lacks", "-r osmo-backend", 5, "osmo-admin, osmo-user"],
    [
      "a role that the user lacks among others",
      "-r osmo-user -r osmo-ctrl",
      5,
      "osmo-admin, osmo-user",
    ],
    ["an unknown role", "-r nonsense", 5, "osmo-admin, osmo-user"],
  ])("for %s", async (_, options, exitCode, words) => {
    const { token, secret, run, tokens, bearer, methods } = await worldWithToken();
    const { code, stdout, stderr } = await run(`token renew ci ${options}`);
    expect(stderr).toContain(words);
    expect(methods().filter((method) => method !== "GET")).toEqual([]);
    expect(await tokens()).toEqual([token]);
    expect(await bearer(secret)).toBe("ci");
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
  });

  test("for an unknown token", async () => {
    const { token, run, tokens, methods } = await worldWithToken();
    expect((await run("token renew nosuch")).code).toBe(3);
    expect(methods()).toEqual(["GET"]);
    expect(await tokens()).toEqual([token]);
  });

  test.each<[string, Fault, number]>([
    ["503", unavailable, 12],
    ["500", answered(500, { message: "Internal server error: x" }), 12],
    ["DATABASE", databaseError, 12],
    ["429", answered(429, ""), 7],
    ["403", answered(403, "access denied"), 5],
    ["401", answered(401, "Jwt is expired"), 4],
    ["a connection reset", cut, 8],
  ])("if the delete meets %s", async (_, fault, exitCode) => {
    const { token, secret, renew, tokens, bearer, methods } = await worldWithToken();
    const { code, stdout, stderr } = await renew([{ on: "DELETE", fault }]);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(errorOf({ stderr }).message).not.toBe("");
    expect(methods()).not.toContain("POST");
    expect(await tokens()).toEqual([token]);
    expect(await bearer(secret)).toBe("ci");
  });

  test("if it is interrupted before the delete", async () => {
    const { world, token, secret, run, tokens, bearer, methods } = await worldWithToken();
    const interrupt = new AbortController();
    const fetch: Fetch = async (url, init) => {
      const reply = await world.sandbox.request(url, init);
      interrupt.abort("SIGINT");
      return reply;
    };
    const { code, stdout } = await run("token renew ci", { fetch, interrupt: interrupt.signal });
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(methods()).toEqual(["GET"]);
    expect(await tokens()).toEqual([token]);
    expect(await bearer(secret)).toBe("ci");
  });
});

describe("the create of a renew", () => {
  const passing: readonly (readonly [string, Fault])[] = [
    ["meets 503", unavailable],
    ["meets 504", answered(504, "upstream request timeout")],
    ["meets 500", answered(500, { message: "Internal server error: x" })],
    ["meets DATABASE", databaseError],
    ["meets 429", answered(429, "")],
    ["meets a web page", webPage],
    ["meets a connection reset", cut],
    ["loses its response", answerLost],
    ["loses half of its response", answerBroken],
    ["receives another response", answerReplaced],
  ];

  test.each(passing)("%s once and is retried", async (_, fault) => {
    const { token, renew, tokens, bearer, methods } = await worldWithToken();
    const { code, stdout, stderr } = await renew([{ on: "POST", fault, times: 1 }]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(secretLine);
    expect(await bearer(stdout)).toBe("ci");
    expect(await tokens()).toEqual([token]);
    expect(methods().slice(0, 4)).toEqual(["GET", "GET", "DELETE", "POST"]);
  });

  test.each(passing)("%s twice and is retried", async (_, fault) => {
    const { token, renew, tokens, bearer } = await worldWithToken();
    const { code, stdout } = await renew([{ on: "POST", fault, times: 2 }]);
    expect(code).toBe(0);
    expect(await bearer(stdout)).toBe("ci");
    expect(await tokens()).toEqual([token]);
  });

  test.each([
    ["a user's name", asDeveloper],
    ["an app token", {}],
  ])("completes after an interrupt, and the secret works: with %s", async (_, env) => {
    const { world, token, run, tokens, bearer } = await worldWithToken();
    const interrupt = new AbortController();
    const network = troubled(world, []);
    const fetch: Fetch = async (url, init) => {
      const reply = await network(url, init);
      if (init.method === "DELETE" && !probeUrl.test(url)) interrupt.abort("SIGINT");
      return reply;
    };
    const { stdout } = await run("token renew ci", { env, fetch, interrupt: interrupt.signal });
    expect(stdout).toMatch(secretLine);
    expect(await bearer(stdout)).toBe("ci");
    expect(await tokens()).toEqual([token]);
  });

  test("is retried with another JWT after 401", async () => {
    const { world, token, run, tokens, bearer } = await worldWithToken();
    const fault = answered(401, "Jwt is expired");
    const network = troubled(world, [{ on: "POST", after: "DELETE", fault, times: 1 }]);
    const { code, stdout } = await run("token renew ci", { env: {}, fetch: network });
    expect(code).toBe(0);
    expect(await bearer(stdout)).toBe("ci");
    expect(await tokens()).toEqual([token]);
  });

  test.each<[string, Fault]>([
    ["503", unavailable],
    ["DATABASE", databaseError],
    ["a connection reset", cut],
  ])(
    "succeeds, and the secret is printed, if reading the token back meets %s",
    async (_, fault) => {
      for (const line of ["token renew ci", "token create new"]) {
        const { world, run, bearer } = await worldWithToken();
        const fetch = troubled(world, [{ on: "GET", after: "POST", fault }]);
        const { code, stdout } = await run(line, { fetch });
        expect(code).toBe(0);
        expect(stdout).toMatch(secretLine);
        expect(await bearer(stdout)).toBe(line.split(" ").at(-1));
      }
    },
  );

  test("succeeds, and the JSON result has the requested values and a warning, if the token can't be read back", async () => {
    const { world, token, run } = await worldWithToken();
    const fetch = troubled(world, [{ on: "GET", after: "POST", fault: unavailable }]);
    const { code, stdout, stderr } = await run("token renew ci -o json", { fetch });
    expect(code).toBe(0);
    const { token: secret, owner: _, ...rest } = JSON.parse(stdout);
    const { owner: __, ...expected } = token;
    expect(rest).toEqual(expected);
    expect(`${secret}\n`).toMatch(secretLine);
    expect(stderr).toContain('"ci"');
  });
});

describe("if the response to the delete is lost", () => {
  test.each<[string, Fault]>([
    ["whole", answerLost],
    ["half", answerBroken],
    ["replaced by a web page", answerReplaced],
  ])("%s, the renew continues", async (_, fault) => {
    const { token, renew, tokens, bearer } = await worldWithToken();
    const { code, stdout } = await renew([{ on: "DELETE", fault, times: 1 }]);
    expect(code).toBe(0);
    expect(await bearer(stdout)).toBe("ci");
    expect(await tokens()).toEqual([token]);
  });

  test("and the list can't be read, the outcome is unknown and the hint restores the token", async () => {
    const { token, run, renew, tokens, bearer, methods } = await worldWithToken();
    const outcome = await renew([
      { on: "DELETE", fault: answerLost },
      { on: "GET", after: "DELETE", fault: cut },
    ]);
    expect(outcome).toMatchObject({ code: 10, stdout: "" });
    expect(methods()).not.toContain("POST");
    expect(outcome.stderr).toContain("tokctl token list");
    const { code, stdout } = await run(restoringWords(outcome));
    expect(code).toBe(0);
    expect(await bearer(stdout)).toBe("ci");
    expect(await tokens()).toEqual([token]);
  });
});

describe("if the create fails permanently, exit 9 names the token, and the hint restores it:", () => {
  const faults: readonly (readonly [string, Fault])[] = [
    ["503", unavailable],
    ["DATABASE", databaseError],
    ["a connection reset", cut],
    ["403", answered(403, "access denied")],
    ["401", answered(401, "Jwt is expired")],
    ["an unknown refusal", userError("An unknown error message")],
    ["a web page", webPage],
  ];

  test.each(faults)("%s", async (_, fault) => {
    const { token, run, renew, tokens, bearer } = await worldWithToken();
    const outcome = await renew([{ on: "POST", fault }]);
    expect(outcome).toMatchObject({ code: 9, stdout: "" });
    expect(errorOf(outcome).message).toContain('"ci"');
    expect(await tokens()).toEqual([]);
    const { code, stdout } = await run(restoringWords(outcome));
    expect(code).toBe(0);
    expect(stdout).toMatch(secretLine);
    expect(await tokens()).toEqual([token]);
    expect(await bearer(stdout)).toBe("ci");
  });

  test("in JSON output", async () => {
    const { token, run, renew, tokens } = await worldWithToken();
    const { code, stdout, stderr } = await renew([{ on: "POST", fault: unavailable }], "-o json");
    expect({ code, stdout }).toEqual({ code: 9, stdout: "" });
    const { error } = JSON.parse(stderr);
    expect(error).toMatchObject({ code: "partial", exitCode: 9 });
    const words = restoringWords({ code, stdout, stderr: error.hint });
    expect((await run(words)).code).toBe(0);
    expect(await tokens()).toEqual([token]);
  });

  test("with --quiet", async () => {
    const { renew } = await worldWithToken();
    const outcome = await renew([{ on: "POST", fault: unavailable }], "-q");
    expect(outcome.code).toBe(9);
    expect(restoringWords(outcome)).toContain("ci");
  });

  test("several roles and another expiry", async () => {
    const { token, run, renew, tokens } = await worldWithToken();
    const options = "-r osmo-user -r osmo-admin -e 2027-03-01";
    const outcome = await renew([{ on: "POST", fault: unavailable }], options);
    expect(outcome.code).toBe(9);
    expect((await run(restoringWords(outcome))).code).toBe(0);
    expect(await tokens()).toMatchObject([{ name: token.name, description }]);
  });

  test("another user's token", async () => {
    const { world, run } = await worldWithToken();
    const line = `token list -u ${otherUser}`;
    const before = await world.json(line);
    const fetch = troubled(world, [{ on: "POST", fault: unavailable }]);
    const outcome = await run(`token renew old-token -u ${otherUser}`, { fetch });
    expect(outcome.code).toBe(9);
    expect(await world.json(line)).toEqual([]);
    expect((await run(restoringWords(outcome))).code).toBe(0);
    expect(await world.json(line)).toEqual(before);
  });

  test.each([
    ["plain", "nightly"],
    ["with quotes", `'' "" '"'"'`],
    ["like an option", "-r osmo-admin"],
    ["like a command", "$(id); `id` && id | id > id # id !!"],
    ["of several lines", "for the build\nof every night"],
    ["with a family", "👩‍👩‍👧 only"],
    ["with a control character", "a\u001b[31mb\tc"],
  ])("a description %s", async (_, text) => {
    const { token, run, renew, tokens } = await worldWithToken("-r osmo-user -e 2027-01-15", text);
    const outcome = await renew([{ on: "POST", fault: unavailable }]);
    expect(outcome.code).toBe(9);
    expect((await run(restoringWords(outcome))).code).toBe(0);
    expect(await tokens()).toEqual([token]);
  });
});

// Every run prints either a secret that works or the command that restores the token.
describe("a renew never loses the token", () => {
  test.each<[string, readonly Trouble[]]>([
    ["if every response to a create is lost", [{ on: "POST", fault: answerLost }]],
    [
      "if the response to a create is lost, and the list fails once",
      [
        { on: "POST", fault: answerLost, times: 1 },
        { on: "GET", after: "POST", fault: unavailable, times: 1 },
      ],
    ],
    [
      "if the response to a create is lost, and the delete of its token fails once",
      [
        { on: "POST", fault: answerLost, times: 1 },
        { on: "DELETE", after: "POST", fault: unavailable, times: 1 },
      ],
    ],
  ])("%s", async (_, troubles) => {
    const { token, run, renew, tokens, bearer } = await worldWithToken();
    const outcome = await renew(troubles);
    expect([0, 9]).toContain(outcome.code);
    const { stdout } = outcome.code === 0 ? outcome : await run(restoringWords(outcome));
    expect(await bearer(stdout)).toBe("ci");
    expect(await tokens()).toEqual([token]);
  });

  test.each([
    ["a role that the other user lacks", "-r osmo-admin", {}, 5],
    ["an expiry after the maximum of the service", "-e 2026-12-14", { osmoMaxLifetime: 20 }, 2],
    ["a duration above the maximum of the service", "-e 21d", { osmoMaxLifetime: 20 }, 2],
  ])("if %s is requested: nothing is deleted", async (_, options, switches, exitCode) => {
    const world = createWorld("osmo", switches);
    const before = await world.json(`token list -u ${otherUser}`);
    const { code, stdout } = await world.run(`token renew old-token -u ${otherUser} ${options}`);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(await world.json(`token list -u ${otherUser}`)).toEqual(before);
  });

  test.each([
    ["", "2026-12-13"],
    ["-e 20d", "2026-12-13"],
    ["-e 19d", "2026-12-13"],
    ["-e 18d", "2026-12-12"],
  ])("if the maximum is below its lifetime: with `%s` it expires on %s", async (options, date) => {
    const world = createWorld("osmo", { osmoMaxLifetime: 20 });
    const [before] = await world.json(`token list -u ${otherUser}`);
    expect(before.expiresAt).toBe("2026-12-24T00:00:00Z");
    const line = `token renew old-token -u ${otherUser} ${options}`;
    const { token: _, ...renewed } = await world.json(line);
    expect(renewed).toEqual({ ...before, expiresAt: `${date}T00:00:00Z` });
    expect(await world.json(`token list -u ${otherUser}`)).toEqual([renewed]);
  });

  test("if the maximum is lowered between delete and create: the command in the hint succeeds", async () => {
    const { world, run, tokens } = await worldWithToken();
    let isDeleted = false;
    const fetch: Fetch = async (url, init) => {
      isDeleted ||= init.method === "DELETE" && !probeUrl.test(url);
      const asked = new URL(url).searchParams.get("expires_at") ?? "";
      return isDeleted && asked > "2026-12-13"
        ? Response.json(
            {
              message: "Access token expiration date cannot be more than 20d from now",
              error_code: "USER",
            },
            { status: 400 },
          )
        : world.sandbox.request(url, init);
    };
    const outcome = await run("token renew ci", { fetch });
    expect(outcome.code).toBe(9);
    expect((await run(restoringWords(outcome), { fetch })).code).toBe(0);
    expect(await tokens()).toMatchObject([{ name: "ci", expiresAt: "2026-12-13T00:00:00Z" }]);
  });

  test("if another client creates it after the delete: exit 6", async () => {
    const { world, run } = await worldWithToken();
    const taken = userError("Token name ci already exists.");
    const fetch = troubled(world, [{ on: "POST", fault: taken }]);
    expect((await run("token renew ci", { fetch })).code).toBe(6);
  });
});

describe("the probe", () => {
  const probes = async (world: World) =>
    (await world.json("token list", { env: asDeveloper })).filter(({ name }: { name: string }) =>
      probeUrl.test(name),
    );

  test("has the values of the token and a free name, and is deleted before the token", async () => {
    const { world, run } = await worldWithToken();
    expect((await run("token renew ci -r osmo-admin -e 2027-03-01")).code).toBe(0);
    const created = world.requests
      .filter(({ method }) => method === "POST")
      .map(({ url }) => new URL(url));
    expect(created.map(({ pathname }) => pathname)).toEqual([
      expect.stringMatching(/^\/api\/auth\/access_token\/ci-probe-[0-9a-f]{8}$/),
      "/api/auth/access_token/ci",
    ]);
    for (const { searchParams } of created)
      expect([searchParams.get("roles"), searchParams.get("expires_at")]).toEqual([
        "osmo-admin",
        "2027-03-01",
      ]);
    expect(world.requests.map(({ method }) => method)).toEqual([
      ...["GET", "GET", "POST", "DELETE"],
      ...["DELETE", "POST", "GET"],
    ]);
    expect(await probes(world)).toEqual([]);
  });

  test.each<[string, Fault, number]>([
    ["503", unavailable, 12],
    ["DATABASE", databaseError, 12],
    ["a connection reset", cut, 8],
    ["a lost response", answerLost, 8],
    ["half a response", answerBroken, 8],
    ["a web page", answerReplaced, 12],
    ["403", answered(403, "access denied"), 5],
    ["429", answered(429, ""), 7],
  ])("meets %s: the token is unchanged, and no probe is left", async (_, fault, exitCode) => {
    const { world, token, secret, renew, tokens, bearer, methods } = await worldWithToken();
    const { code, stdout } = await renew([{ on: "POST", fault, probe: true }]);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(new Set(methods())).toEqual(new Set(["GET"]));
    expect(await tokens()).toEqual([token]);
    expect(await bearer(secret)).toBe("ci");
    expect(await probes(world)).toEqual([]);
  });

  test("can't be deleted: the token is unchanged, and the next renew deletes the probe", async () => {
    const { world, secret, run, renew, tokens, bearer } = await worldWithToken();
    const outcome = await renew([{ on: "DELETE", fault: unavailable, probe: true }]);
    expect(outcome).toMatchObject({ code: 12, stdout: "" });
    expect(await bearer(secret)).toBe("ci");
    const [left, ...others] = await probes(world);
    expect(others).toEqual([]);
    expect(outcome.stderr).toContain(`tokctl token delete ${left.name} --missing-ok`);
    expect((await run("token renew ci")).code).toBe(0);
    expect(await tokens()).toMatchObject([{ name: "ci" }]);
  });

  test("is distinguished from a token with a similar name", async () => {
    const { run, tokens } = await worldWithToken();
    expect((await run("token create ci-probe-0123abcd -d mine")).code).toBe(0);
    expect((await run("token renew ci")).code).toBe(0);
    expect(await tokens()).toHaveLength(2);
  });
});

describe("roles that the service does not report", () => {
  test("of a user in TOKCTL_USER_HEADER can be given by a renew", async () => {
    const { world, run, tokens } = await worldWithToken();
    expect((await world.json("whoami", { env: asDeveloper })).roles).toEqual([]);
    expect((await run("token renew ci -r osmo-admin")).code).toBe(0);
    expect(await tokens()).toMatchObject([{ roles: ["osmo-admin"] }]);
  });

  test("of a user with more roles than the credential can be given by a renew", async () => {
    const { secret, run, tokens } = await worldWithToken();
    const env = { TOKCTL_APP_TOKEN: secret };
    expect((await run("token create other", { env })).code).toBe(0);
    expect((await run("token renew other -r osmo-admin", { env })).code).toBe(0);
    expect(await tokens()).toMatchObject([{ name: "ci" }, { roles: ["osmo-admin"] }]);
  });
});

test("exchanges a rejected JWT after the delete, even after ^C", async () => {
  const world = createWorld("osmo");
  await world.json("token create ci -r osmo-user");
  const interrupt = new AbortController();
  let refused = false;
  const { stdout } = await world.run("token renew ci", {
    interrupt: interrupt.signal,
    fetch: async (url, init) => {
      init.signal.throwIfAborted();
      if (init.method === "DELETE" && !probeUrl.test(url)) interrupt.abort("SIGINT");
      if (init.method === "POST" && url.includes("/access_token/ci?") && !refused) {
        refused = true;
        return new Response("Jwt is expired", { status: 401 });
      }
      return world.sandbox.request(url, init);
    },
  });
  expect(stdout).toMatch(secretLine);
  expect((await world.run(["whoami", "--app-token", stdout.trim()])).code).toBe(0);
});

test("SIGTERM before the delete is exit 143, with nothing deleted", async () => {
  const world = createWorld("osmo");
  const { token } = await world.json("token create ci -r osmo-user");
  const interrupt = new AbortController();
  const { code } = await world.run("token renew ci", {
    interrupt: interrupt.signal,
    fetch: async (url, init) => {
      const reply = await world.sandbox.request(url, init);
      if (url.endsWith("/profile/settings")) interrupt.abort("SIGTERM");
      return reply;
    },
  });
  expect(code).toBe(143);
  expect((await world.run(["whoami", "--app-token", token])).code).toBe(0);
});
