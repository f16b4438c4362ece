import { describe, expect, test } from "vitest";
import type { RunOptions } from "../support/outcome.ts";
import { createPlaces } from "../support/places.ts";
import { type Answer, createTerminal } from "../support/terminal.ts";
import { createWorld } from "../support/world.ts";

const enter = "\r";
const down = "\x1b[B";
const up = "\x1b[A";
const space = " ";
const erase = "\x7f";
const interrupt = "\x03";

const role = /What may it do\?/;
const name = /What is the token to be called\?/;
const label = /To which label/;

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
  test("asks for the role, with what each allows, for the name and the label", async () => {
    const { code, screen, json } = await ask("token create", [
      [role, `${down}${enter}`],
      [name, `ci${enter}`],
      [label, `group=A${enter}`],
    ]);
    expect(code).toBe(0);
    expect(screen).toContain("ai_training_read: reach what a job, app or notebook serves");
    expect(screen).not.toContain("old spelling");
    expect(screen).toContain("Leave it empty for none");
    expect(await json("token get ci")).toMatchObject({
      roles: ["ai_training_operator"],
      labelSelector: "group=A",
    });
  });

  test("shows what is wrong with an answer, and asks again", async () => {
    const { code, json } = await ask("token create -r read", [
      [name, enter],
      [/needs a name/, `ci${enter}`],
      [label, `group${enter}`],
      [/one name=value, without a comma/, `a=1,b=2${enter}`],
      [/one name=value, without a comma/, `x=y${erase.repeat(3)}${enter}`],
    ]);
    expect(code).toBe(0);
    expect(await json("token get ci")).toMatchObject({ labelSelector: null });
  });

  test.each([
    [
      "nothing of what is there",
      "token create ci",
      [
        [role, enter],
        [label, enter],
      ],
    ],
    ["for no label where one is given", "token create -l group=A -r read", [[name, `ci${enter}`]]],
    [
      "for a preview, too",
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

  test("of OSMO takes several roles, an expiry and a description", async () => {
    const { code, json } = await ask(
      "token create",
      [
        [role, `${space}${up}${up}${space}${enter}`],
        [/begins with a letter/, `2nd${enter}`],
        [/can't be the name/, `second${enter}`],
        [/expire/, `soon${enter}`],
        [/such as 90d/, `2026-12-31${enter}`],
        [/for\?/, `nightly build${enter}`],
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

  test("of OSMO offers what allows the least first, and takes all roles only if they are chosen", async () => {
    const answers = (keys: string) => [
      [role, keys] as const,
      [name, `new${enter}`] as const,
      [/expire/, enter] as const,
      [/for\?/, enter] as const,
    ];
    const first = await ask("token create", answers(`${space}${enter}`), { api: "osmo" });
    expect((await first.json("token get new")).roles).toEqual(["osmo-user"]);
    const all = await ask("token create", answers(`${up}${space}${enter}`), { api: "osmo" });
    expect((await all.json("token get new")).roles).toEqual(["osmo-admin", "osmo-user"]);
  });

  test.each(["ci", "admin", "k", "jjlh", "\x1b[200~kai\x1b[201~"])(
    "takes no role for %j, typed where roles are chosen",
    async (typed) => {
      const one = await ask("token create", [
        [role, `${typed}${down}${typed}${enter}`],
        [name, `ci${enter}`],
        [label, enter],
      ]);
      expect((await one.json("token get ci")).roles).toEqual(["ai_training_operator"]);
      const several = await ask(
        "token create",
        [
          [role, `${typed}${space}${typed}${enter}`],
          [name, `new${enter}`],
          [/expire/, enter],
          [/for\?/, enter],
        ],
        { api: "osmo" },
      );
      expect((await several.json("token get new")).roles).toEqual(["osmo-user"]);
    },
  );

  test("of ML Serving asks what it is limited to, for there are no names and labels", async () => {
    const { code, json } = await ask(
      "token create",
      [
        [role, `${space}${enter}`],
        [/To which models/, `iris**${enter}`],
        [/is no resource/, `iris*${enter}`],
      ],
      { api: "ovh-serving" },
    );
    expect(code).toBe(0);
    expect(await json("token list")).toMatchObject([
      { resource: "iris*", roles: ["model-evaluation"] },
    ]);
  });

  test("of a project asks for the region that is missing", async () => {
    const env = { TOKCTL_REGION: "" };
    const { code, json } = await ask(
      "token create",
      [
        [role, enter],
        [name, `ci${enter}`],
        [label, enter],
        [/region/, enter],
        [/needs a region/, `gra${enter}`],
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
      expect(stderr).toContain("Nothing was changed.");
      expect(requests).toEqual([]);
    },
  );

  test.each([
    ["a role that there is not", "token create -r nosuch", 'no role "nosuch"'],
    ["an empty name", ["token", "create", "", "-r", "read"], "needs a name"],
    ["two that could be the name", "token create a b", "could each be"],
  ])("asks nothing after %s", async (_, line, said) => {
    const { terminal, screen } = createTerminal();
    const { code, stderr } = await createWorld().run(line, { terminal });
    expect({ code, screen: screen() }).toEqual({ code: 2, screen: "" });
    expect(stderr).toContain(said);
  });

  test("asks nothing where the token could not be made anyway", async () => {
    const { code, screen } = await ask("token create", [], { env: { TOKCTL_APP_TOKEN: "" } });
    expect({ code, screen }).toEqual({ code: 4, screen: "" });
  });

  test.each([
    ["in CI", "token create", { env: { CI: "true" } }],
    ["for a program", "token create -o json", {}],
    ["for a program, by environment", "token create", { env: { TOKCTL_OUTPUT: "yaml" } }],
  ])("asks nothing %s", async (_, line, options) => {
    const { code, screen, requests } = await ask(line, [], options);
    expect({ code, screen, requests }).toMatchObject({ code: 2, screen: "", requests: [] });
  });
});

describe("a second token of a name", () => {
  test.each(["ovh-cloud"])("is told of on stderr at %s, and made", async (api) => {
    const world = createWorld(api);
    const line = "token create ci -r ai_training_read --region GRA";
    const first = await world.run(line);
    const { id } = await world.json("token get ci");
    const { code, stdout, stderr } = await world.run(line);
    expect({ code, first: first.stderr.includes(id) }).toEqual({ code: 0, first: true });
    expect(stdout).toMatch(/^\S+\n$/);
    expect(stderr).toMatch(/Warning/);
    expect(stderr).toContain(id);
    expect(await world.json("token list")).toHaveLength(2);
  });
});

describe("the question before tokens die", () => {
  const question = /secrets? stops? working at once\./;
  /** Deletes or renews at a terminal, and says no; what was sent after that the tokens were made. */
  async function refuse(world: ReturnType<typeof createWorld>, line: string, options?: RunOptions) {
    world.requests.length = 0;
    const { terminal, screen } = createTerminal([question, enter]);
    const outcome = await world.run(line, { ...options, terminal });
    expect(outcome.code).toBe(130);
    return { ...outcome, screen: screen() };
  }
  const paths = ({ requests }: ReturnType<typeof createWorld>) =>
    requests.map(({ method, url }) => `${method} ${url.replace(/^http:\/\/[^/]+/, "")}`);
  const counts = (world: ReturnType<typeof createWorld>) =>
    paths(world).filter((path) => /\/v1\/(app|job|notebook)/.test(path));

  test.each(["delete", "renew"])("of %s tells what the token opens", async (verb) => {
    const world = createWorld();
    await world.run("token create ci -r read -l group=A");
    const { screen } = await refuse(world, `token ${verb} ci`);
    expect(screen).toMatch(
      /"ci" \(\S+\): role ai_training_read, group=A\? It opens 1 app now\. Its/,
    );
    expect(counts(world).toSorted()).toEqual(
      ["app", "job", "notebook"].map((kind) => `GET /v1/${kind}?size=1&labelSelector=group%3DA`),
    );
  });

  test.each([
    ["unscoped", "-r read", "It opens 3 apps, 1 job, 1 notebook now."],
    ["good for notebooks alone", "-r quantum_reader", "It opens 1 notebook now."],
    ["good for nothing", "-r read -l group=Z", "It opens nothing now."],
  ])("tells of one that is %s", async (_, words, said) => {
    const world = createWorld();
    await world.run(`token create ci ${words}`);
    expect((await refuse(world, "token delete ci")).screen).toContain(said);
  });

  test("of fifty tokens names them all, and counts what they open once", async () => {
    const world = createWorld();
    const names = Array.from({ length: 50 }, (_, i) => `t${i}`);
    for (const [i, each] of names.entries())
      await world.run(`token create ${each} -r read -l ${i % 2 ? "group=A" : `group=B`}`);
    const { stderr, screen } = await refuse(world, `token delete ${names.join(" ")}`);
    expect(stderr.match(/^ {2}"t\d+" \(\S+\): role ai_training_read, group=[AB]$/gm)).toHaveLength(
      50,
    );
    expect(screen).toContain(
      "Delete these 50 tokens? Together they open 2 apps now. Their secrets",
    );
    expect(counts(world)).toHaveLength(3);
  });

  test("comes after every name has been looked up, and says which are not there", async () => {
    const world = createWorld();
    await world.run("token create ci -r read");
    const { stderr } = await refuse(world, "token delete nosuch ci");
    expect(stderr).toContain('"nosuch"');
    const { terminal, screen } = createTerminal();
    for (const line of ["token delete nosuch", "token renew nosuch"])
      expect((await world.run(line, { terminal })).code).toBe(3);
    await world.run("token create ci -r read");
    for (const line of ["token delete ci", "token renew ci"])
      expect((await world.run(line, { terminal })).code).toBe(6);
    expect(screen()).toBe("");
  });

  test.each([
    ["may not look", async () => Response.json({ message: "not yours" }, { status: 403 })],
    [
      "can't reach the server",
      async () => {
        throw Object.assign(new Error("cut"), { code: "ECONNRESET" });
      },
    ],
  ])("comes and does its work if it %s", async (_, refusal) => {
    const world = createWorld();
    await world.run("token create ci -r read");
    const { terminal, screen } = createTerminal([question, `y${enter}`]);
    const { code, stdout } = await world.run("token delete ci", {
      terminal,
      fetch: (url, init) =>
        /\/v1\/(token|me)/.test(url) ? world.sandbox.request(url, init) : refusal(),
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^deleted ci/) });
    expect(screen()).toContain("How much it opens is not known: ");
  });

  test.each([
    ["-y", {}],
    ["", { env: { CI: "true" } }],
  ])("counts nothing if it is not asked: %s %o", async (option, options) => {
    const world = createWorld();
    await world.run("token create ci -r read");
    world.requests.length = 0;
    const { terminal, screen } = createTerminal();
    expect((await world.run(`token delete ci ${option}`, { ...options, terminal })).code).toBe(0);
    expect(screen()).toBe("");
    expect(counts(world)).toEqual([]);
  });

  test("of another provider tells what the token may do", async () => {
    const world = createWorld("osmo");
    await world.run("token create ci -r osmo-user -e 2026-12-31");
    const { screen } = await refuse(world, "token delete ci");
    expect(screen).toContain('Delete "ci": role osmo-user, until 2026-12-31T00:00:00Z? Its secret');
  });
});

test("places for the secret are as they were after ^C at a question", async () => {
  const places = createPlaces();
  const { terminal } = createTerminal([name, interrupt]);
  const line = ["token", "create", "-r", "read", "--to", `file:${places.at("secret")}`];
  expect((await places.run(line, { terminal })).code).toBe(130);
  expect(places.files()).toEqual([]);
});
