import { describe, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import type { RunOptions } from "../support/outcome.ts";
import { createPlaces } from "../support/places.ts";
import { type Answer, createTerminal, words } from "../support/terminal.ts";
import { createWorld } from "../support/world.ts";

const enter = "\r";
const erase = "\x7f";
const interrupt = "\x03";

// What a question is recognized by: the roles to choose from, or what it asks for.
const role = /(ai_training_operator|osmo-user|model-evaluation).*Numbers?[^:]*: $/;
const number = /Numbers?[^:]*: $/;
const name = /name|called/i;
const label = /label/i;
const expiry = /expir/i;
const description = /description/i;
const confirmation = /\[y\/N\]/;

/** Runs a line at a terminal where these answers are given; each must be asked for. */
async function ask(
  line: string,
  answers: readonly Answer[],
  { api, ...options }: RunOptions & { readonly api?: string } = {},
) {
  const world = createWorld(api);
  const { terminal, screen, left } = createTerminal(...answers);
  const outcome = await world.run(line, { ...options, terminal });
  expect(left, screen()).toEqual([]);
  return { ...outcome, ...world, screen: screen() };
}

describe("token create at a terminal", () => {
  test("asks for the role, the name and the label selector", async () => {
    const { code, screen, json } = await ask("token create", [
      [role, `2${enter}`],
      [name, `ci${enter}`],
      [label, `group=A${enter}`],
    ]);
    expect(code).toBe(0);
    expect(screen).toMatch(/\bai_training_read: \S/);
    expect(screen).not.toMatch(/\b(read|operator): /);
    expect(await json("token get ci")).toMatchObject({
      roles: ["ai_training_operator"],
      labelSelector: "group=A",
    });
  });

  test("repeats a question after an invalid answer", async () => {
    const { code, json } = await ask("token create -r read", [
      [name, enter],
      [name, `ci${enter}`],
      [label, `group${enter}`],
      [label, `a=1,b=2${enter}`],
      [label, `x=y${erase.repeat(3)}${enter}`],
    ]);
    expect(code).toBe(0);
    expect(await json("token get ci")).toMatchObject({ labelSelector: null });
  });

  test.each([
    [
      "only for what is missing",
      "token create ci",
      [
        [role, enter],
        [label, enter],
      ],
    ],
    [
      "for no label selector if one is given",
      "token create -l group=A -r read",
      [[name, `ci${enter}`]],
    ],
    [
      "for a preview too",
      "token create ci --preview",
      [
        [role, enter],
        [label, enter],
      ],
    ],
  ] as const)("asks %s: `%s`", async (_, line, answers) => {
    expect((await ask(line, [...answers])).code).toBe(0);
  });

  test("asks nothing if nothing is missing", async () => {
    for (const line of ["token create ci -r ai_training_read", "token create -r read ci"])
      expect(await ask(line, [])).toMatchObject({ code: 0, screen: "" });
    expect(await ask("token create ci", [], { api: "osmo" })).toMatchObject({
      code: 0,
      screen: "",
    });
  });

  test("takes several roles, an expiry and a description for OSMO", async () => {
    const { code, json } = await ask(
      "token create",
      [
        [role, `1, 5${enter}`],
        [name, `2nd${enter}`],
        [name, `second${enter}`],
        [expiry, `soon${enter}`],
        [/90d/, `2026-12-31${enter}`],
        [description, `nightly build${enter}`],
      ],
      { api: "osmo" },
    );
    expect(code).toBe(0);
    expect(await json("token get second")).toMatchObject({
      roles: ["osmo-admin", "osmo-user"],
      expiresAt: expect.stringMatching(/^2026-12-31/),
      description: "nightly build",
    });
  });

  test("offers the least privileged OSMO role first, and gives all roles only if they are chosen", async () => {
    const answers = (keys: string) => [
      [role, keys] as const,
      [name, `new${enter}`] as const,
      [expiry, enter] as const,
      [description, enter] as const,
    ];
    const first = await ask("token create", answers(`1${enter}`), { api: "osmo" });
    expect((await first.json("token get new")).roles).toEqual(["osmo-user"]);
    const all = await ask("token create", answers(`6${enter}`), { api: "osmo" });
    expect((await all.json("token get new")).roles).toEqual(["osmo-admin", "osmo-user"]);
  });

  test.each(["ci", "0", "9", "-1", "1.5", "1 2"])(
    "asks for one role again after %j",
    async (typed) => {
      const { json } = await ask("token create", [
        [role, `${typed}${enter}`],
        [number, `\x1b[200~2\x1b[201~${enter}`],
        [name, `ci${enter}`],
        [label, enter],
      ]);
      expect((await json("token get ci")).roles).toEqual(["ai_training_operator"]);
    },
  );

  test.each(["", "ci", "0", "1,9", "1-2"])(
    "asks for several roles again after %j",
    async (typed) => {
      const { json } = await ask(
        "token create",
        [
          [role, `${typed}${enter}`],
          [number, `1 1,${enter}`],
          [name, `new${enter}`],
          [expiry, enter],
          [description, enter],
        ],
        { api: "osmo" },
      );
      expect((await json("token get new")).roles).toEqual(["osmo-user"]);
    },
  );

  test("asks ML Serving for a resource instead of a name and a label selector", async () => {
    const { code, json } = await ask(
      "token create",
      [
        [role, `1${enter}`],
        [/models/i, `iris**${enter}`],
        [/models/i, `iris*${enter}`],
      ],
      { api: "ovh-serving" },
    );
    expect(code).toBe(0);
    expect(await json("token list")).toMatchObject([
      { resource: "iris*", roles: ["model-evaluation"] },
    ]);
  });

  test("asks for the region of a project if none is given", async () => {
    const env = { TOKCTL_REGION: "" };
    const { code, json } = await ask(
      "token create",
      [
        [role, enter],
        [name, `ci${enter}`],
        [label, enter],
        [/region/i, enter],
        [/region/i, `gra${enter}`],
      ],
      { api: "ovh-cloud", env },
    );
    expect(code).toBe(0);
    expect(await json("token get ci")).toMatchObject({
      region: "GRA",
      roles: ["ai_training_read"],
    });
  });

  test.each(["^C at the role", "^C at the name", "^C at the label"])(
    "%s sends nothing",
    async (where) => {
      const answers = [
        [role, enter],
        [name, `ci${enter}`],
        [label, enter],
      ] as const;
      const at = ["role", "name", "label"].findIndex((each) => where.endsWith(each));
      const given = answers
        .slice(0, at + 1)
        .map(([seen, keys], i) => [seen, i === at ? interrupt : keys] as const);
      const { code, stdout, stderr, requests } = await ask("token create", given);
      expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
      expect(stderr).toBe("Canceled. Nothing was changed.\n");
      expect(requests).toEqual([]);
    },
  );

  test.each([
    ["an unknown role", "token create -r nosuch", '"nosuch"'],
    ["an empty name", ["token", "create", "", "-r", "read"], "OVHcloud AI"],
    ["two possible names", "token create a b", '"a", "b"'],
  ])("asks nothing after %s", async (_, line, named) => {
    const { terminal, screen } = createTerminal();
    const { code, stderr } = await createWorld().run(line, { terminal });
    expect({ code, screen: screen() }).toEqual({ code: 2, screen: "" });
    expect(errorOf({ stderr })).toMatchObject({
      code: "usage",
      message: expect.stringContaining(named),
    });
  });

  test("asks nothing if no token could be created", async () => {
    const { code, screen } = await ask("token create", [], { env: { TOKCTL_APP_TOKEN: "" } });
    expect({ code, screen }).toEqual({ code: 4, screen: "" });
  });

  test.each([
    ["in CI", "token create", { env: { CI: "true" } }],
    ["with -o json", "token create -o json", {}],
    ["with TOKCTL_OUTPUT=yaml", "token create", { env: { TOKCTL_OUTPUT: "yaml" } }],
  ])("asks nothing %s", async (_, line, options) => {
    const { code, screen, requests } = await ask(line, [], options);
    expect({ code, screen, requests }).toMatchObject({ code: 2, screen: "", requests: [] });
  });
});

describe("a second token with the same name", () => {
  test.each(["ovh-cloud"])("is created at %s with a warning", async (api) => {
    const world = createWorld(api);
    const line = "token create ci -r ai_training_read --region GRA";
    const first = await world.run(line);
    const { id } = await world.json("token get ci");
    const { code, stdout, stderr } = await world.run(line);
    expect({ code, first: first.stderr.includes(id) }).toEqual({ code: 0, first: true });
    expect(stdout).toMatch(/^\S+\n$/);
    expect(stderr).toMatch(/^warning: .*"ci"/im);
    expect(stderr).toContain(id);
    expect(await world.json("token list")).toHaveLength(2);
  });
});

describe("the confirmation of delete and renew", () => {
  /**
   * Deletes or renews at a terminal and answers no; keeps only the requests that this sent. The
   * screen starts with the facts.
   */
  async function refuse(world: ReturnType<typeof createWorld>, line: string, options?: RunOptions) {
    world.requests.length = 0;
    const { terminal, screen } = createTerminal([confirmation, enter]);
    const outcome = await world.run(line, { ...options, terminal });
    expect(outcome.code).toBe(130);
    return { ...outcome, screen: words(outcome.stderr) + screen() };
  }
  const paths = ({ requests }: ReturnType<typeof createWorld>) =>
    requests.map(({ method, url }) => `${method} ${url.replace(/^http:\/\/[^/]+/, "")}`);
  const counts = (world: ReturnType<typeof createWorld>) =>
    paths(world).filter((path) => /\/v1\/(app|job|notebook)/.test(path));

  test.each(["delete", "renew"])(
    "of %s shows the role, the label selector and the resources the token can access",
    async (verb) => {
      const world = createWorld();
      await world.run("token create ci -r read -l group=A");
      const { screen } = await refuse(world, `token ${verb} ci`);
      expect(screen).toMatch(/"ci" \(\S+\).*\bai_training_read\b.*\bgroup=A\b.*\b1 app\b/);
      expect(screen).not.toMatch(/\d (job|notebook)/);
      expect(counts(world).toSorted()).toEqual(
        ["app", "job", "notebook"].map((kind) => `GET /v1/${kind}?size=1&labelSelector=group%3DA`),
      );
    },
  );

  test.each([
    ["an unscoped token", "-r read", ["3 apps", "1 job", "1 notebook"]],
    ["a token for notebooks only", "-r quantum_reader", ["1 notebook"]],
    ["a token that matches nothing", "-r read -l group=Z", null],
  ])("counts the resources of %s", async (_, words, counted) => {
    const world = createWorld();
    await world.run(`token create ci ${words}`);
    const { screen } = await refuse(world, "token delete ci");
    expect(screen.match(/\d+ (app|job|notebook)s?\b/g)).toEqual(counted);
  });

  test("of fifty tokens names some and counts the others, and counts their resources once", async () => {
    const world = createWorld();
    const names = Array.from({ length: 50 }, (_, i) => `t${i}`);
    for (const [i, each] of names.entries())
      await world.run(`token create ${each} -r read -l ${i % 2 ? "group=A" : `group=B`}`);
    const { stderr, screen } = await refuse(world, `token delete ${names.join(" ")}`);
    const listed = stderr.match(/^ {2}"t\d+" \(\S+\).*\bai_training_read\b.*\bgroup=[AB]\b/gm);
    const [, others] = /^ {2}and (\d+) more$/m.exec(stderr) ?? [];
    expect((listed?.length ?? 0) + Number(others)).toBe(50);
    expect(stderr.split("\n").length).toBeLessThan(24);
    expect(screen).toMatch(/\b2 apps\b.*\b50 tokens\b/);
    expect(counts(world)).toHaveLength(3);
  });

  test("comes after every name has been looked up, and names the tokens that do not exist", async () => {
    const world = createWorld();
    await world.run("token create ci -r read");
    const refused = await refuse(world, "token delete nosuch ci");
    expect(refused.stderr).toContain('"nosuch"');
    expect(refused.screen).toMatch(/1 of 2 tokens/);
    const { terminal, screen } = createTerminal();
    for (const line of ["token delete nosuch", "token renew nosuch"])
      expect((await world.run(line, { terminal })).code).toBe(3);
    await world.run("token create ci -r read");
    for (const line of ["token delete ci", "token renew ci"])
      expect((await world.run(line, { terminal })).code).toBe(6);
    expect(screen()).toBe("");
  });

  test.each([
    [
      "forbidden (403)",
      async () => Response.json({ message: "not yours" }, { status: 403 }),
      "not yours",
    ],
    [
      "impossible (connection reset)",
      async () => {
        throw Object.assign(new Error("cut"), { code: "ECONNRESET" });
      },
      "http://127.0.0.1:8787",
    ],
  ])("is asked, and the token deleted, if counting is %s", async (_, refusal, reason) => {
    const world = createWorld();
    await world.run("token create ci -r read");
    const { terminal, screen } = createTerminal([confirmation, `y${enter}`]);
    const { code, stdout, stderr } = await world.run("token delete ci", {
      terminal,
      fetch: (url, init) =>
        /\/v1\/(token|me)/.test(url) ? world.sandbox.request(url, init) : refusal(),
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/"ci"/) });
    expect(screen()).toContain('"ci"');
    expect(stderr).toContain(reason);
  });

  test.each([
    ["-y", {}],
    ["", { env: { CI: "true" } }],
  ])("counts nothing if nothing is asked: %s %o", async (option, options) => {
    const world = createWorld();
    await world.run("token create ci -r read");
    world.requests.length = 0;
    const { terminal, screen } = createTerminal();
    expect((await world.run(`token delete ci ${option}`, { ...options, terminal })).code).toBe(0);
    expect(screen()).toBe("");
    expect(counts(world)).toEqual([]);
  });

  test("of an OSMO token shows its role and expiry", async () => {
    const world = createWorld("osmo");
    await world.run("token create ci -r osmo-user -e 2026-12-31");
    const { screen } = await refuse(world, "token delete ci");
    expect(screen).toMatch(/"ci".*\bosmo-user\b.*\b2026-12-31/);
  });
});

test.each([
  ["text", "Canceled. Nothing was changed."],
  ["json", expect.stringMatching(/^\{"error":\{"code":"interrupted"/)],
])("a declined confirmation with -o %s has exit code 130", async (format, last) => {
  const world = createWorld();
  await world.run("token create ci -r read");
  const { terminal } = createTerminal([confirmation, `n${enter}`]);
  const outcome = await world.run(`token delete ci -o ${format}`, { terminal });
  expect(outcome).toMatchObject({ code: 130, stdout: "" });
  expect(outcome.stderr.trimEnd().split("\n").at(-1)).toEqual(last);
});

test("^C at a prompt leaves no destination file behind", async () => {
  const places = createPlaces();
  const { terminal } = createTerminal([name, interrupt]);
  const line = ["token", "create", "-r", "read", "--to", `file:${places.at("secret")}`];
  expect((await places.run(line, { terminal })).code).toBe(130);
  expect(places.files()).toEqual([]);
});
