import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fetch, InputStream } from "../../src/host.ts";
import { readCredential } from "../../src/session/credential.ts";
import { resolveTarget } from "../../src/session/target/target.ts";
import { createWorld } from "../support/world.ts";

/** An API that accepts every request. */
const api: Fetch = async () =>
  Response.json({ name: "ci", tenant: "t", role: "ai_training_read", tokenKind: "app" });

const home = "http://127.0.0.1:8787";
const gra = "https://gra.ai.cloud.ovh.net";
const bhs = "https://bhs.ai.cloud.ovh.net";
const nowhere = { TOKCTL_URL: undefined };

/** Runs a command with an API at every URL, and returns which credential was sent where. */
async function send(
  line: string | readonly string[],
  env: Record<string, string | undefined> = {},
  stdin = "",
) {
  const world = createWorld();
  const outcome = await world.run(line, {
    env: { TOKCTL_APP_TOKEN: "env-s3cr3t", ...env },
    stdin,
    fetch: api,
  });
  const sent = world.requests.map(
    ({ url, headers }) => `${new URL(url).origin} ${headers["authorization"]}`,
  );
  return { ...outcome, sent };
}

describe("the credential of the environment is sent to the target of the environment:", () => {
  test.each<[string, Record<string, string | undefined>, string]>([
    ["whoami", {}, home],
    ["whoami --url http://127.0.0.1:8787/1.0", {}, home],
    ["whoami --region GRA", { TOKCTL_URL: gra }, gra],
    ["whoami", { TOKCTL_URL: undefined, TOKCTL_REGION: "BHS" }, bhs],
    ["whoami --region bhs", { TOKCTL_URL: undefined, TOKCTL_REGION: "BHS" }, bhs],
  ])("%s with %j", async (line, env, origin) => {
    const { code, sent } = await send(line, env);
    expect(code).toBe(0);
    expect(sent).toEqual([`${origin} Bearer env-s3cr3t`]);
  });

  test.each<[string, Record<string, string | undefined>]>([
    ["whoami --url http://127.0.0.1:9999", {}],
    ["whoami --url http://localhost:8787", {}],
    ["whoami --url https://127.0.0.1:8787", {}],
    ["whoami --url https://example.com", {}],
    ["whoami --region GRA", {}],
    ["whoami --region GRA", { TOKCTL_URL: "https://gra.ai.cloud.ovh.net:8443" }],
    ["whoami --region GRA", { TOKCTL_URL: undefined, TOKCTL_REGION: "BHS" }],
    ["whoami --url http://127.0.0.1:8787", nowhere],
    ["whoami --region GRA", nowhere],
    ["token create ci -r read --url http://127.0.0.1:9999", {}],
  ])("%s with %j: exit 4, nothing is sent", async (line, env) => {
    const { code, stdout, stderr, sent } = await send(line, env);
    expect([code, stdout, sent]).toEqual([4, "", []]);
    expect(stderr).toContain("TOKCTL_APP_TOKEN");
    expect(stderr).toContain("--app-token-file");
    expect(stderr).not.toContain("s3cr3t");
  });

  test.each([undefined, ""])("TOKCTL_APP_TOKEN=%s counts as unset: exit 4", async (given) => {
    const { code, stderr, sent } = await send("whoami", { TOKCTL_APP_TOKEN: given });
    expect([code, sent]).toEqual([4, []]);
    expect(stderr).toContain("--app-token-file");
  });
});

describe("a credential given by an option is sent to any target:", () => {
  test.each<[string, Record<string, string | undefined>, string]>([
    ["whoami --app-token flag", {}, home],
    ["whoami --token flag", {}, home],
    ["--app-token flag whoami", {}, home],
    ["whoami --app-token=flag", {}, home],
    ["whoami --app-token other --token flag", {}, home],
    ["--app-token other whoami --app-token flag", {}, home],
    ["whoami --app-token flag --url http://localhost:9999", {}, "http://localhost:9999"],
    ["whoami --app-token flag --url https://example.com/api", {}, "https://example.com"],
    ["whoami --app-token flag --region GRA", {}, gra],
    ["whoami --app-token flag --region GRA", nowhere, gra],
    ["whoami --app-token flag", { TOKCTL_APP_TOKEN: undefined }, home],
    ["whoami --app-token flag --url http://[::1]:9999", nowhere, "http://[::1]:9999"],
  ])("%s with %j", async (line, env, origin) => {
    const { code, sent } = await send(line, env);
    expect(code).toBe(0);
    expect(sent).toEqual([`${origin} Bearer flag`]);
  });

  test.each(["token\n", "token\r\n", "token", " token \n\n"])(
    "from stdin, without the end of line: %j",
    async (stdin) => {
      const { code, sent } = await send("whoami --app-token-file - --region GRA", {}, stdin);
      expect(code).toBe(0);
      expect(sent).toEqual([`${gra} Bearer token`]);
    },
  );

  test("two of them are exit 2", async () => {
    const { code, stderr, sent } = await send("whoami --app-token s3cr3t --app-token-file -");
    expect([code, sent]).toEqual([2, []]);
    expect(stderr).not.toContain("s3cr3t");
  });
});

describe("an invalid token is exit 2, not sent and not shown:", () => {
  const bad = [
    "",
    " ",
    "\n",
    "s3cr3t two",
    "s3cr3t\nX-Header: 1",
    "s3cr3t\r\nX-Header: 1",
    "s3cr3t\ttab",
    "s3cr3t\0",
    "s3cr3t\x1b[31m",
    "\x7fs3cr3t",
    "s3cr3té",
    "s3cr3t\u202e",
  ];
  test.each(bad)("--app-token %j", async (value) => {
    for (const line of [["whoami"], ["whoami", "-o", "json"], ["whoami", "--debug"]]) {
      const { code, stdout, stderr, sent } = await send([...line, "--app-token", value]);
      expect([code, stdout, sent]).toEqual([2, "", []]);
      expect(stderr).toContain("--app-token");
      expect(stderr).not.toContain("s3cr3t");
    }
  });

  test.each([...bad, "s3cr3t".repeat(11_000)])("stdin %#", async (value) => {
    const { code, stderr, sent } = await send("whoami --app-token-file -", {}, value);
    expect([code, sent]).toEqual([2, []]);
    expect(stderr).toContain("stdin");
    expect(stderr).not.toContain("s3cr3t");
  });

  test.each(bad.filter(Boolean))("TOKCTL_APP_TOKEN=%j", async (value) => {
    const { code, stderr, sent } = await send("whoami", { TOKCTL_APP_TOKEN: value });
    expect([code, sent]).toEqual([2, []]);
    expect(stderr).toContain("TOKCTL_APP_TOKEN");
    expect(stderr).not.toContain("s3cr3t");
  });
});

describe("a token file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tokctl-test-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const resolve = async (
    appTokenFile: string,
    stdin: InputStream = createReadStream("/dev/null"),
  ) =>
    (
      await readCredential(
        resolveTarget({ options: { provider: "ovh-ai", url: gra, appTokenFile }, env: {} }),
        { appTokenFile },
        {
          env: {},
          stdin,
          readFile: (path) => createReadStream(path),
          interrupt: new AbortController().signal,
        },
        { read: async () => undefined },
      )
    ).credential;

  test.each(["token", "token\n", "token\r\n"])("with %j", async (content) => {
    const path = join(folder, "token");
    await writeFile(path, content);
    const credential = await resolve(path);
    expect(credential.kind === "token" && credential.token.reveal()).toBe("token");
  });

  test.each<[string, string | Uint8Array]>([
    ["nothing", ""],
    ["an end of line", "\n"],
    ["text", "the s3cr3t is this"],
    ["bytes that are not UTF-8", Buffer.from("s3cr3t\xff", "latin1")],
    ["more than 64 KiB", "s3cr3t".repeat(11_000)],
    ["a lot of white space", "\n".repeat(70_000)],
  ])("with %s is refused and not shown", async (_, content) => {
    const path = join(folder, "token");
    await writeFile(path, content);
    await expect(resolve(path)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^(?!.*s3cr3t).*--app-token-file/s),
    });
  });

  test.each(["missing", "."])("%s can't be read", async (name) => {
    const path = join(folder, name);
    await expect(resolve(path)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(path),
    });
  });

  test("- is not read from a terminal, which would show the token", async () => {
    const terminal: InputStream = { isTTY: true, async *[Symbol.asyncIterator]() {} };
    await expect(resolve("-", terminal)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("terminal"),
    });
  });
});

describe("the target", () => {
  test("if it is missing, the hint names the options, the environment and the sandbox", async () => {
    const { code, stdout, stderr, sent } = await send("token list", {
      ...nowhere,
      TOKCTL_PROVIDER: undefined,
    });
    expect([code, stdout, sent]).toEqual([2, "", []]);
    for (const way of ["--provider", "TOKCTL_PROVIDER", "tokctl sandbox exec"])
      expect(stderr).toContain(way);
  });

  test.each([
    ["whoami --region gra", gra],
    ["whoami --region GRA", gra],
    ["whoami --region bhs", bhs],
  ])("%s is %s", async (line, origin) => {
    const { sent } = await send(`${line} --app-token t`, nowhere);
    expect(sent).toEqual([`${origin} Bearer t`]);
  });

  test.each<[string, Record<string, string | undefined>, ...string[]]>([
    ["whoami", nowhere, "--url", "--region"],
    ["whoami --provider nobody", {}, "--provider", '"nobody"', "ovh-ai"],
    ["whoami", { TOKCTL_PROVIDER: "nobody" }, "TOKCTL_PROVIDER", '"nobody"'],
    ["whoami --provider constructor", {}, '"constructor"'],
    ["whoami --url https://example.com --region GRA", {}, "--url", "--region"],
    ["whoami", { TOKCTL_REGION: "GRA" }, "TOKCTL_URL", "TOKCTL_REGION"],
    ["whoami --region SBG", {}, '"SBG"', "GRA", "BHS"],
    ["whoami --region constructor", {}, '"constructor"'],
    ["whoami --region ../x", {}, "GRA", "BHS"],
    ["whoami", { ...nowhere, TOKCTL_REGION: "SBG" }, "TOKCTL_REGION", '"SBG"'],
  ])("%s with %j is exit 2, nothing is sent", async (line, env, ...facts) => {
    const { code, stdout, stderr, sent } = await send(line, env);
    expect([code, stdout, sent]).toEqual([2, "", []]);
    for (const fact of facts) expect(stderr).toContain(fact);
  });

  test.each([
    "token create ci",
    "token create ci -r nothing",
    "token create ci -r read -e 30d",
    "token delete x --user me",
  ])("an invalid command line is refused before anything is sent: %s", async (line) => {
    const { code, sent } = await send(line);
    expect([code, sent]).toEqual([2, []]);
  });
});

describe("--debug prints requests without credentials:", () => {
  const id = "0aa3c557-10c9-4331-b168-cd4e45abebdc";
  const token = {
    id,
    createdAt: "2026-01-01T00:00:00Z",
    updatedAt: "2026-01-01T00:00:00Z",
    spec: { name: "ci", role: "ai_training_read" },
    status: { version: 1, value: "new-s3cr3t" },
  };
  const answering =
    (status: number): Fetch =>
    async (url) => {
      const body = url.includes("/v1/me")
        ? { name: "x", role: "ai_training_operator", tokenKind: "app" }
        : url.includes("?")
          ? { items: [{ ...token, status: { version: 1 } }], metadata: { total: 1 } }
          : token;
      return Response.json(status === 200 ? body : { message: "no" }, {
        status,
        headers: { "set-cookie": "session=cookie-s3cr3t", "x-token": "header-s3cr3t" },
      });
    };

  test.each([
    "whoami",
    "token list",
    `token get ${id}`,
    "token create ci -r read",
    `token renew ${id}`,
    `token delete ${id}`,
  ])("%s", async (line) => {
    for (const status of [200, 401, 403, 500])
      for (const flags of ["", "--app-token flag-s3cr3t", "-o json"]) {
        const world = createWorld();
        const { stderr } = await world.run(`${line} --debug ${flags}`, {
          env: { TOKCTL_APP_TOKEN: "env-s3cr3t" },
          fetch: answering(status),
        });
        expect(stderr).not.toContain("s3cr3t");
        expect(stderr).toMatch(/debug: #\d+ (GET|POST) http:\/\/127\.0\.0\.1:8787\/v1\//);
        expect(stderr).toMatch(new RegExp(`debug: #\\d+ ${status} in \\d+ ms`));
        expect(stderr).toMatch(/debug: #\d+ > authorization: •••/i);
        expect(stderr).toMatch(/debug: #\d+ < content-type: application\/json/);
      }
  });

  test("the message of a failed connection has no credential either", async () => {
    const world = createWorld();
    const { code, stderr } = await world.run("whoami --debug --app-token flag-s3cr3t", {
      fetch: async (url, { headers }) => {
        throw new TypeError(`fetch failed: ${url} ${JSON.stringify(headers)}`);
      },
    });
    expect(code).toBe(8);
    expect(stderr).not.toContain("s3cr3t");
  });
});

describe("the value of a mistyped option is not shown:", () => {
  test.each([
    "--app-tokn=s3cr3t",
    "--app_token=s3cr3t",
    "--App-Token=s3cr3t",
    "--apptoken=s3cr3t=='",
    "--app-token:s3cr3t",
    "-app-token=s3cr3t",
    "-token=s3cr3t",
    "--app-token-file=s3cr3t --app-token=s3cr3t",
    "--app-tokn s3cr3t",
    "--quiet=s3cr3t",
  ])("%s", async (words) => {
    for (const line of [
      `whoami ${words}`,
      `${words} whoami`,
      `token list ${words} -o json`,
      `token create ci -r read ${words}`,
    ]) {
      const { code, stderr, sent } = await send(line);
      expect([code, sent]).toEqual([2, []]);
      expect(stderr).not.toContain("s3cr3t");
    }
  });
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
])("%s stops waiting for a credential on stdin", async (signal, code) => {
  const interrupt = new AbortController();
  const silent: InputStream = {
    async *[Symbol.asyncIterator]() {
      interrupt.abort(signal);
      await new Promise(() => {});
    },
  };
  const { run, requests } = createWorld();
  const options = { stdin: silent, interrupt: interrupt.signal };
  expect((await run("whoami --app-token-file -", options)).code).toBe(code);
  expect(requests).toEqual([]);
});
