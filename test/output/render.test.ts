import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import type { Fetch, OutputStream } from "../../src/host.ts";
import { hostileText, raw } from "../support/fuzz.ts";
import { createHome } from "../support/home.ts";
import type { RunOptions } from "../support/outcome.ts";
import { createWorld } from "../support/world.ts";

const id = "0aa3c557-10c9-4331-b168-cd4e45abebdc";
const value = "aB+/".repeat(16);

/** The token of the contract's example. */
const example = {
  id,
  createdAt: "2021-05-27T14:03:06.178808548Z",
  updatedAt: "2021-05-27T14:03:06.178808548Z",
  spec: {
    name: "my-token",
    role: "ai_training_read",
    labelSelector: "subject=image-recognition",
  },
  status: { version: 1 },
};
type Wire = typeof example;
const unscoped: Wire = {
  ...example,
  id: "bbbbbbbb-0000-4000-8000-000000000000",
  createdAt: "2026-01-01T00:00:00.000000000Z",
  spec: { name: "x", role: "quantum_reader", labelSelector: "" },
  status: { version: 12 },
};

/** An API with these tokens. */
const serving =
  (...tokens: Wire[]): Fetch =>
  async (url, { method }) => {
    const { pathname } = new URL(url);
    if (pathname === "/v1/me")
      return Response.json({
        name: "me",
        tenant: "project",
        role: "ai_training_operator",
        tokenKind: "app",
      });
    if (method === "POST")
      return Response.json({ ...tokens[0], status: { ...tokens[0]?.status, value } });
    if (method === "DELETE") return new Response(null, { status: 204 });
    if (pathname === "/v1/token")
      return Response.json({ items: tokens, metadata: { total: tokens.length } });
    const found = tokens.find((token) => pathname === `/v1/token/${token.id}`);
    return found ? Response.json(found) : Response.json({ message: "no" }, { status: 404 });
  };

const run = (line: string | readonly string[], fetch: Fetch, options: RunOptions = {}) =>
  createWorld().run(line, { fetch, ...options });

const lines = (...all: string[]) => all.map((line) => `${line}\n`).join("");

describe("text", () => {
  test("a list is a table without borders, in order of creation, and not wrapped in a pipe", async () => {
    const { code, stdout, stderr } = await run("token list", serving(unscoped, example), {
      stdout: { columns: 40 },
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      lines(
        "ID                                    NAME      ROLES             SELECTOR                   CREATED",
        "0aa3c557-10c9-4331-b168-cd4e45abebdc  my-token  ai_training_read  subject=image-recognition  2021-05-27T14:03:06.178808548Z",
        "bbbbbbbb-0000-4000-8000-000000000000  x         quantum_reader    -                          2026-01-01T00:00:00Z",
      ),
    );
  });

  test("columns are aligned, with wide characters too", async () => {
    const wide = { ...unscoped, spec: { ...unscoped.spec, name: "日本😀" } };
    const { stdout } = await run("token list", serving(wide, example));
    expect(stdout.split("\n")[2]).toMatch(/^bbbbbbbb-\S+ {2}日本😀 {4}quantum_reader {4}-/);
  });

  test("a long name is not cut", async () => {
    const name = "n".repeat(500);
    const fetch = serving({ ...example, spec: { ...example.spec, name } });
    expect((await run("token list", fetch)).stdout).toContain(`  ${name}  `);
  });

  test("an empty list prints nothing", async () => {
    expect(await run("token list", serving())).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("create and renew print only the secret on stdout", async () => {
    for (const line of [
      "token create my-token -r ai_training_read -l subject=image-recognition",
      `token renew ${id}`,
    ]) {
      const { code, stdout, stderr } = await run(line, serving(example));
      expect([code, stdout]).toEqual([0, `${value}\n`]);
      expect(stderr).toContain(`"my-token" (${id})`);
      expect(stderr).not.toContain(value);
    }
  });

  test("delete prints the deleted tokens", async () => {
    const { stdout } = await run(`token delete ${id} x -y`, serving(example, unscoped));
    expect(stdout).toBe(
      lines(`Deleted token "my-token" (${id}).`, `Deleted token "x" (${unscoped.id}).`),
    );
  });

  test("whoami and get are description blocks", async () => {
    for (const line of ["whoami", `token get ${id}`]) {
      const { stdout } = await run(line, serving(example));
      expect(stdout).toMatch(/^Info: {5}\n {2}\S/);
      expect((await run(`${line} -o description`, serving(example))).stdout).toBe(stdout);
    }
  });
});

describe("description", () => {
  const info = [
    "Info:     ",
    `  ID:             ${id}`,
    "  Name:           my-token",
    "  Role:           ai_training_read",
    "  Label selector: subject=image-recognition",
    "  Version:        1",
    "  Created at:     2021-05-27 14:03:06.178808548 UTC",
    "  Updated at:     2021-05-27 14:03:06.178808548 UTC",
  ];
  const second = [
    "Info:     ",
    `  ID:         ${unscoped.id}`,
    "  Name:       x",
    "  Role:       quantum_reader",
    "  Version:    12",
    "  Created at: 2026-01-01 00:00:00 UTC",
    "  Updated at: 2021-05-27 14:03:06.178808548 UTC",
  ];

  test.each([
    [
      "token create my-token -r ai_training_read -l subject=image-recognition",
      [...info, "", `Token:    ${value}`],
    ],
    [`token renew ${id}`, [...info, "", `Token:    ${value}`]],
    [`token get ${id}`, info],
    ["token list", [...info, "", ...second]],
  ])("%s", async (line, expected) => {
    const { code, stdout } = await run(`${line} -o description`, serving(example, unscoped));
    expect(code).toBe(0);
    expect(stdout).toBe(lines(...expected));
  });

  test("an empty list prints nothing", async () => {
    expect((await run("token list -o description", serving())).stdout).toBe("");
  });
});

describe("json and yaml", () => {
  const data = {
    id,
    name: "my-token",
    roles: ["ai_training_read"],
    labelSelector: "subject=image-recognition",
    resource: null,
    description: null,
    owner: null,
    region: null,
    createdAt: "2021-05-27T14:03:06.178808548Z",
    updatedAt: "2021-05-27T14:03:06.178808548Z",
    expiresAt: null,
    expiryEnforcedBy: null,
    status: "active",
    version: 1,
  };
  const deleted = { id, name: "my-token", deleted: true };

  test.each<[string, unknown]>([
    ["token list", [data]],
    [`token get ${id}`, data],
    ["token create my-token -r read -l subject=image-recognition", { ...data, token: value }],
    [`token renew ${id}`, { ...data, token: value }],
    [`token delete ${id}`, [deleted]],
    [
      `token roles ${id}`,
      {
        id,
        name: "my-token",
        owner: null,
        roles: [{ name: "ai_training_read", assignedBy: null, assignedAt: null }],
      },
    ],
    [
      "whoami",
      {
        provider: "ovh-ai",
        url: "http://127.0.0.1:8787",
        name: "me",
        kind: "app",
        roles: ["ai_training_operator"],
        project: "project",
        tokenName: "me",
        profile: null,
        credentialSource: "environment",
        credentialName: "TOKCTL_APP_TOKEN",
        owner: null,
        pools: [],
        defaultPool: null,
        expiresAt: null,
        expiryEnforcedBy: null,
      },
    ],
  ])("%s: the same data with every key, and nothing on stderr", async (line, expected) => {
    const json = await run(`${line} -o json`, serving(example));
    expect(json).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(json.stdout)).toEqual(expected);
    const yaml = await run(`${line} -o yaml`, serving(example));
    expect(yaml).toMatchObject({ code: 0, stderr: "" });
    expect(load(yaml.stdout)).toEqual(expected);
  });

  test.each(["json", "yaml"])("an empty list is [] in %s", async (format) => {
    expect(await run(`token list -o ${format}`, serving())).toEqual({
      code: 0,
      stdout: "[]\n",
      stderr: "",
    });
  });

  test("a partial delete prints the array on stdout and the error as data on stderr", async () => {
    const { code, stdout, stderr } = await run(
      `token delete nobody ${id} -y -o json`,
      serving(example),
    );
    expect(code).toBe(9);
    expect(JSON.parse(stdout)).toEqual([
      {
        id: null,
        name: "nobody",
        deleted: false,
        error: expect.objectContaining({ code: "not_found", exitCode: 3 }),
      },
      deleted,
    ]);
    expect(JSON.parse(stderr).error).toMatchObject({ code: "partial", exitCode: 9 });
  });
});

describe("--quiet prints only the secret, ids or names:", () => {
  test.each([
    ["token create my-token -r read -l subject=image-recognition", [value]],
    [`token renew ${id}`, [value]],
    ["token create my-token -r read -l subject=image-recognition -o description", [value]],
    ["token list", [id, unscoped.id]],
    ["token list -o description", [id, unscoped.id]],
    [`token get ${id}`, [id]],
    ["whoami", ["me"]],
    [`token roles ${id}`, ["ai_training_read"]],
    [
      "token roles",
      [
        "ai_training_read",
        "ai_training_operator",
        "quantum_reader",
        "quantum_operator",
        "read",
        "operator",
      ],
    ],
    ["token list --role operator", []],
    [`token delete ${id}`, []],
    [`token delete ${id} x -y`, []],
  ])("%s", async (line, expected) => {
    for (const quiet of [`${line} -q`, `--quiet ${line}`])
      expect(await run(quiet, serving(example, unscoped))).toEqual({
        code: 0,
        stdout: lines(...expected),
        stderr: "",
      });
  });

  test.each(["json", "yaml"])("%s takes precedence over it", async (format) => {
    for (const line of [
      "token list",
      "token create my-token -r read -l subject=image-recognition",
      "whoami",
    ]) {
      const quiet = await run(`${line} -q -o ${format}`, serving(example));
      expect(quiet).toEqual(await run(`${line} -o ${format}`, serving(example)));
    }
  });

  test.each(["-q", "-o json", "-o yaml", ""])(
    "a warning about lost access and an error are still printed: %s",
    async (flags) => {
      // The credential in use has the name of the token.
      const own = serving({ ...example, spec: { ...example.spec, name: "me" } });
      const renewed = await run(`token renew ${id} ${flags}`, own);
      expect(renewed.stderr).toContain('"me"');
      const failed = await run(`token get nobody ${flags}`, own);
      expect(failed.stderr).toContain("nobody");
    },
  );
});

describe("colors", () => {
  const esc = "\x1b[";
  test.each<[string, boolean, Record<string, string>, string, boolean]>([
    ["a terminal", true, {}, "", true],
    ["a pipe", false, {}, "", false],
    ["NO_COLOR", true, { NO_COLOR: "1" }, "", false],
    ["an empty NO_COLOR", true, { NO_COLOR: "" }, "", true],
    ["FORCE_COLOR in a pipe", false, { FORCE_COLOR: "1" }, "", true],
    ["an empty FORCE_COLOR in a pipe", false, { FORCE_COLOR: "" }, "", false],
    ["an empty FORCE_COLOR at a terminal", true, { FORCE_COLOR: "" }, "", true],
    ["FORCE_COLOR=0", true, { FORCE_COLOR: "0" }, "", false],
    ["NO_COLOR over FORCE_COLOR", false, { NO_COLOR: "1", FORCE_COLOR: "1" }, "", false],
    ["CLICOLOR=0", true, { CLICOLOR: "0" }, "", false],
    ["CLICOLOR=1", true, { CLICOLOR: "1" }, "", true],
    ["CLICOLOR=1 in a pipe", false, { CLICOLOR: "1" }, "", false],
    ["CLICOLOR_FORCE in a pipe", false, { CLICOLOR_FORCE: "1" }, "", true],
    ["CLICOLOR_FORCE=0 in a pipe", false, { CLICOLOR_FORCE: "0" }, "", false],
    ["CLICOLOR_FORCE over CLICOLOR", true, { CLICOLOR_FORCE: "1", CLICOLOR: "0" }, "", true],
    [
      "FORCE_COLOR=0 over CLICOLOR_FORCE",
      true,
      { FORCE_COLOR: "0", CLICOLOR_FORCE: "1" },
      "",
      false,
    ],
    ["NO_COLOR over CLICOLOR_FORCE", true, { NO_COLOR: "1", CLICOLOR_FORCE: "1" }, "", false],
    ["TERM=dumb and CLICOLOR_FORCE", false, { TERM: "dumb", CLICOLOR_FORCE: "1" }, "", true],
    ["TERM=dumb", true, { TERM: "dumb" }, "", false],
    ["another TERM", true, { TERM: "xterm" }, "", true],
    ["--no-color", true, {}, "--no-color", false],
    ["--no-color over FORCE_COLOR", true, { FORCE_COLOR: "1" }, "--no-color", false],
  ])("%s", async (_, isTTY, env, flag, coloured) => {
    for (const line of [
      "token list",
      `token get ${id}`,
      "token create my-token -r read -l subject=image-recognition",
    ])
      for (const words of [`${line} ${flag}`, `${flag} ${line}`]) {
        const { stdout } = await run(words, serving(example), { env, stdout: { isTTY } });
        // A secret is never coloured: it is for a variable.
        expect(stdout.includes(esc)).toBe(coloured && !line.includes("create"));
      }
  });

  test.each([
    [{ FORCE_COLOR: "1" }, "", true],
    [{ FORCE_COLOR: "1" }, "--no-color", false],
    [{ FORCE_COLOR: "1" }, "-o json", false],
    [{}, "", false],
  ])("an error with %j %s", async (env, flags, coloured) => {
    const { stderr } = await run(`token get nobody ${flags}`, serving(), { env });
    expect(stderr.includes(esc)).toBe(coloured);
  });

  test.each([
    "token list",
    `token get ${id}`,
    "token list -o description",
    "token roles",
    `token roles ${id}`,
    "profile list",
    "profile show",
  ])("change only the color: %s", async (line) => {
    const home = createHome();
    home.keep(
      "work",
      { provider: "ovh-ai", url: home.url },
      {
        origin: home.url,
        kind: "token",
        token: home.bootstrap,
      },
    );
    await home.run("profile use work");
    const fetch = serving(example, unscoped);
    const coloured = await home.run(line, { fetch, env: { FORCE_COLOR: "1" } });
    const plain = await home.run(line, { fetch, env: { NO_COLOR: "1" } });
    expect(coloured.code).toBe(0);
    expect(coloured.stdout).toContain(`${esc}1m`);
    expect(stripVTControlCharacters(coloured.stdout)).toBe(plain.stdout);
  });

  test.each(["json", "yaml"])("are never in %s, nor in the output of --quiet", async (format) => {
    const options = { env: { FORCE_COLOR: "1" }, stdout: { isTTY: true } };
    for (const flags of [`-o ${format}`, "-q"])
      expect((await run(`token list ${flags}`, serving(example), options)).stdout).not.toContain(
        esc,
      );
  });
});

describe("for any token name that a server sends,", () => {
  const examples: [string][] = [
    ["\x1b[2J\x1b]0;owned\x07"],
    ["two\nlines\n"],
    ["true"],
    ["null"],
    ["~"],
    ["12"],
    ["1e3"],
    ["2026-01-01"],
    ["---"],
    ["..."],
    ["- x"],
    ["key: value"],
    [" space around "],
    ["\u0085"],
    ["\ufeff"],
    ["=== \ud83d"],
    ["\udc00"],
    ["\u{e0041}"],
    ["__proto__"],
  ];
  const named = (name: string) => serving({ ...example, spec: { ...example.spec, name } });
  const expectClean = (printed: string, lineCount: number) => {
    expect(printed).not.toMatch(raw);
    expect(printed.isWellFormed()).toBe(true);
    expect(printed.split("\n")).toHaveLength(lineCount + 1);
  };

  const lineCountOf = (text: string) => text.split("\n").length - 1;

  test("text and description are escaped and keep their number of lines", async () => {
    const create = "token create c -r ai_training_read";
    const noteCount = lineCountOf((await run(create, named("ci"))).stderr);
    await fc.assert(
      fc.asyncProperty(hostileText, async (name) => {
        expectClean((await run("token list", named(name))).stdout, 2);
        expectClean((await run(`token get ${id}`, named(name))).stdout, 8);
        expectClean((await run(`token delete ${id}`, named(name))).stdout, 1);
        expectClean((await run(create, named(name))).stderr, noteCount);
      }),
      { examples, numRuns: 60 },
    );
  });

  test("json is escaped and parses to the same name", async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (name) => {
        const { stdout } = await run(`token get ${id} -o json`, named(name));
        expectClean(stdout, 18);
        expect(JSON.parse(stdout).name).toBe(name);
      }),
      { examples, numRuns: 60 },
    );
  });

  test("yaml is escaped and loads to the same name", async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (name) => {
        const { stdout } = await run("token list -o yaml", named(name));
        expectClean(stdout, 15);
        expect(load(stdout)).toEqual([expect.objectContaining({ id, name })]);
      }),
      { examples, numRuns: 60 },
    );
  });

  test("errors are escaped, with text of the server and of the command line", async () => {
    const refusing =
      (message: string): Fetch =>
      async () =>
        Response.json({ message }, { status: 409 });
    const twins = (name: string) => {
      const spec = { ...example.spec, name };
      const other = { ...example, id: `${id.slice(0, -2)}00`, spec };
      return run("token get 0aa3c557", serving({ ...example, spec }, other));
    };
    const get = (name: string) => run(["token", "get", "--", name], serving());
    const [refused, unknown, ambiguous] = [
      await run("whoami", refusing("no")),
      await get("nobody"),
      await twins("ci"),
    ].map(({ stderr }) => lineCountOf(stderr));
    await fc.assert(
      fc.asyncProperty(hostileText, async (words) => {
        const text = await run("whoami", refusing(words));
        expect([text.code, text.stdout]).toEqual([6, ""]);
        expectClean(text.stderr, refused ?? 0);
        const json = await run("whoami -o json", refusing(words));
        expectClean(json.stderr, 1);
        expect(JSON.parse(json.stderr).error.message).toContain(words.trim().slice(0, 500));
        expectClean((await get(words)).stderr, unknown ?? 0);
        expectClean((await twins(words)).stderr, ambiguous ?? 0);
      }),
      { examples, numRuns: 60 },
    );
  });

  test("an escape sequence is shown in visible form", async () => {
    const { stdout } = await run("token list", named("\x1b[31mred"));
    expect(stdout).toContain("  \\x1b[31mred  ");
  });
});

describe("an error is one JSON object on stderr, with all five keys:", () => {
  const keys = ["code", "exitCode", "hint", "message", "requestId"];
  const refusing: Fetch = async () => Response.json({ message: "no" }, { status: 401 });

  test.each<[string, number]>([
    ["whoami -o json", 4],
    ["-o json whoami", 4],
    ["whoami -o yaml", 4],
    ["whoami --output=json", 4],
    ["whoami -ojson", 4],
    ["whoami -t json", 4],
    ["whoami --format-type yaml", 4],
    ["whoami -o text -t json", 4],
    ["whoami -qo json", 4],
    ["whoami -o json --debug-nothing", 2],
    ["whoami --nothing -o json", 2],
    ["whoami -o json --timeout soon", 2],
    ["nothing -o json", 2],
    ["-o json token nothing", 2],
    ["token create -o json", 2],
    ["token create ci -o json", 2],
    ["token create ci -r read -l nothing -o yaml", 2],
    ["token create ci -r read -e 30d -o json", 2],
    ["token get -o json", 2],
    ["token get a b -o json", 2],
    ["token list --sort size -o json", 2],
  ])("%s", async (line, exitCode) => {
    const { code, stdout, stderr } = await run(line, refusing);
    expect([code, stdout]).toEqual([exitCode, ""]);
    const parsed = JSON.parse(stderr);
    expect(Object.keys(parsed)).toEqual(["error"]);
    expect(Object.keys(parsed.error).toSorted()).toEqual(keys);
    expect(parsed.error.exitCode).toBe(exitCode);
  });

  test.each(["whoami", "whoami --nothing", "nothing"])("%s with TOKCTL_OUTPUT", async (line) => {
    for (const format of ["json", "yaml"]) {
      const { stderr } = await run(line, refusing, { env: { TOKCTL_OUTPUT: format } });
      expect(Object.keys(JSON.parse(stderr).error).toSorted()).toEqual(keys);
    }
  });

  test.each(["whoami", "whoami --nothing", "whoami -o json -o text", "whoami -o xml"])(
    "%s: plain text",
    async (line) => {
      const { stdout, stderr } = await run(line, refusing);
      expect(stdout).toBe("");
      expect(stderr).toMatch(/^error\[\w+\]: \S/);
      expect(stderr.endsWith("\n")).toBe(true);
    },
  );
});

describe("when stdout can't be written to", () => {
  const broken = (code: string): Partial<OutputStream> => ({
    write: async () => {
      throw Object.assign(new Error(`write ${code}`), { code });
    },
  });

  test.each(["EPIPE", "ENOSPC", "EIO"])(
    "%s: a new token is deleted, and the error of a renewal has the command for another secret",
    async (code) => {
      for (const flags of ["", "-q", "-o json", "-o yaml", "-o description"]) {
        const stdout = broken(code);
        const created = await run(
          `token create my-token -r read -l subject=image-recognition ${flags}`,
          serving(example),
          {
            stdout,
          },
        );
        expect(created.code).toBe(9);
        const renewed = await run(`token renew ${id} ${flags}`, serving(example), { stdout });
        expect(renewed.code).toBe(10);
        expect(renewed.stderr).toContain(`tokctl token renew ${id}`);
        expect(created.stderr + renewed.stderr).not.toContain(value);
      }
    },
  );

  test.each(["token list", "token list -o json", "whoami", "token --help"])(
    "%s ends without an error if the reader closes the pipe",
    async (line) => {
      const result = await run(line, serving(example), { stdout: broken("EPIPE") });
      expect(result).toEqual({ code: 0, stdout: "", stderr: "" });
    },
  );

  test("a full disk is exit 1", async () => {
    const { code, stderr } = await run("token list", serving(example), {
      stdout: broken("ENOSPC"),
    });
    expect(code).toBe(1);
    expect(stderr).toContain("ENOSPC");
  });
});
