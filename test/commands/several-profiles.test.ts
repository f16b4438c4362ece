import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";
import { createTerminal } from "../support/terminal.ts";

/** The options of a new token, by profile. A profile has the name of its API. */
const specs = {
  "ovh-ai": "-r ai_training_read -l group=A",
  "ovh-cloud": "-r ai_training_read --region GRA",
  osmo: "-r osmo-user -e 30d",
} as const;
type ProfileName = keyof typeof specs;
const names = Object.keys(specs) as ProfileName[];

interface Row {
  readonly profile: string;
  readonly id: string;
  readonly name: string;
}

/** Returns a home with a profile for each API. */
function createFleet() {
  const home = createHome();
  const addProfile = (name: string, api: string, token?: string) => {
    const variables = home.sandbox.apis
      .find(({ id }) => id === api)
      ?.environment(new URL(home.url).origin);
    home.keep(
      name,
      {
        provider: api,
        url: variables?.["TOKCTL_URL"],
        project: variables?.["TOKCTL_PROJECT"],
        namespace: variables?.["TOKCTL_NAMESPACE"],
      },
      {
        origin: new URL(home.url).origin,
        kind: "token",
        token: token ?? variables?.["TOKCTL_APP_TOKEN"],
      },
    );
  };
  for (const name of names) addProfile(name, name);
  return {
    ...home,
    addProfile,
    /** Adds a profile with a credential that the API rejects. */
    addRejected: () => addProfile("rejected", "ovh-ai", "wrong"),
    create: (profile: ProfileName, name: string) =>
      home.json(`token create ${name} ${specs[profile]} -p ${profile}`),
    /** Returns the tokens of all profiles as `PROFILE NAME`. */
    all: async () =>
      (await home.json(`token list -p ${names.join(",")}`)).map(
        ({ profile, name }: Row) => `${profile} ${name}`,
      ),
  };
}

/** Returns a fleet with the tokens `ci` and `deploy` in each profile. */
async function createFullFleet() {
  const fleet = createFleet();
  for (const profile of names)
    for (const name of ["ci", "deploy"]) await fleet.create(profile, name);
  fleet.requests.length = 0;
  return fleet;
}

const rowsOf = (text: string): readonly string[] =>
  JSON.parse(text).map(({ profile, name }: Row) => `${profile} ${name}`);

describe("token list", () => {
  test("has the tokens of all profiles or of several, each with its profile", async () => {
    const { run, json } = await createFullFleet();
    const listed: readonly Row[] = await json("token list --all-profiles --name ci");
    expect(listed.map(({ profile }) => profile).sort()).toEqual([...names].sort());
    expect(Object.keys(listed[0] ?? {})[0]).toBe("profile");
    expect(rowsOf((await run("token list -p osmo,ovh-ai --sort name -o json")).stdout)).toEqual([
      "ovh-ai ci",
      "osmo ci",
      "ovh-ai deploy",
      "osmo deploy",
    ]);
    const { stdout } = await run("token list -p osmo,ovh-ai --name ci --columns profile,name");
    expect(stdout).toMatch(/^PROFILE +NAME\n/);
    expect((await run("token list --all-profiles")).stdout).toMatch(/^PROFILE +ID /);
  });

  test("sorts and limits over all profiles", async () => {
    const { json } = await createFullFleet();
    const listed: readonly Row[] = await json("token list --all-profiles --sort name --limit 4");
    expect(listed.map(({ name }) => name)).toEqual(["ci", "ci", "ci", "deploy"]);
  });

  test("prints the tokens of the other profiles if one fails, and names it with exit 9", async () => {
    const { run, addRejected } = await createFullFleet();
    addRejected();
    const outcome = await run("token list --all-profiles --name ci -o json");
    expect(outcome.code).toBe(9);
    expect(rowsOf(outcome.stdout)).toHaveLength(3);
    const { code, message } = errorOf(outcome);
    expect(code).toBe("partial");
    expect(message).toContain('"rejected"');
  });

  test("reports a profile with an invalid file, and lists the others", async () => {
    const { run, write } = await createFullFleet();
    write("profiles/broken.json", "{");
    const outcome = await run("token list --all-profiles --name ci -o json");
    expect([outcome.code, rowsOf(outcome.stdout).length]).toEqual([9, 3]);
    expect(errorOf(outcome).message).toContain('"broken"');
  });

  test("has no profile column or key for one profile", async () => {
    const { json, run } = await createFullFleet();
    const [token] = await json("token list -p osmo");
    expect(token).not.toHaveProperty("profile");
    expect((await run("token list -p osmo")).stdout).not.toContain("PROFILE");
  });
});

test.each([
  "token list --all-profiles -p osmo",
  "token list -p osmo,nosuch",
  "token list -p osmo,",
  "token list -p osmo,ovh-ai --region GRA",
  "token list --all-profiles --url https://example.com",
  "token list --all-profiles --app-token secret",
  "token list --all-profiles --project p",
  "token list --all-profiles --provider osmo",
  "token list --all-profiles --label group=A",
  "token delete ci --all-profiles -y",
  "token renew ci -p osmo,ovh-ai -y",
  "token renew --all --all-profiles -e 30d -y",
  "token get ci -p osmo,ovh-ai",
  "token create ci -r osmo-user -p osmo,ovh-ai",
])("%s is refused before anything is sent", async (line) => {
  const { run, requests } = createFleet();
  const outcome = await run(`${line} -o json`);
  expect([outcome.code, outcome.stdout, errorOf(outcome).code]).toEqual([2, "", "usage"]);
  expect(requests).toEqual([]);
});

test("--all-profiles without a profile is exit 2", async () => {
  expect((await createHome().run("token list --all-profiles")).code).toBe(2);
});

describe("token delete", () => {
  test("deletes exactly what --dry-run shows, over all profiles", async () => {
    const { run, json, all, requests } = await createFullFleet();
    const planned = await json("token delete --name ci --all-profiles --dry-run");
    expect(rowsOf(JSON.stringify(planned)).toSorted()).toEqual(
      names.map((name) => `${name} ci`).sort(),
    );
    expect(requests.map(({ method }) => method)).not.toContain("DELETE");
    expect((await run("token delete --name ci --all-profiles")).code).toBe(2);
    const deleted = await json("token delete --name ci --all-profiles -y");
    expect(deleted).toEqual(
      planned.map(({ profile, id, name }: Row) => ({ profile, id, name, deleted: true })),
    );
    expect((await all()).toSorted()).toEqual(names.map((name) => `${name} deploy`).sort());
  });

  test("deletes the tokens of a reviewed plan in their profiles", async () => {
    const { run, json, all } = await createFullFleet();
    const plan = (await json("token list --all-profiles")).filter(
      ({ profile, name }: Row) => (profile === "osmo") === (name === "ci"),
    );
    const stdin = JSON.stringify(plan);
    expect((await run("token delete - -y -p osmo", { stdin })).code).toBe(2);
    expect((await run("token delete - -y --all-profiles", { stdin: "ci\n" })).code).toBe(2);
    expect(await all()).toHaveLength(6);
    expect((await run("token delete - -y --all-profiles", { stdin })).code).toBe(0);
    expect((await all()).toSorted()).toEqual(["osmo deploy", "ovh-ai ci", "ovh-cloud ci"]);
  });

  test("deletes in the other profiles if one fails", async () => {
    const { run, all, addRejected } = await createFullFleet();
    addRejected();
    const outcome = await run("token delete --name ci --all-profiles -y -o json");
    expect(outcome.code).toBe(9);
    expect(errorOf(outcome).message).toContain('"rejected"');
    expect(await all()).toHaveLength(3);
  });

  test("names the profile of a token that is not deleted", async () => {
    const { run, sandbox, all } = await createFullFleet();
    const fetch: Fetch = async (url, init) =>
      init.method === "DELETE" && url.includes("/api/")
        ? Response.json({ message: "locked" }, { status: 403 })
        : sandbox.request(url, init);
    const outcome = await run("token delete --name ci --all-profiles -y -o json", { fetch });
    expect(outcome.code).toBe(9);
    expect(JSON.parse(outcome.stdout)).toContainEqual(
      expect.objectContaining({ profile: "osmo", name: "ci", deleted: false }),
    );
    expect(errorOf(outcome).message).toContain('"osmo"');
    expect(await all()).toHaveLength(4);
  });

  test("skips the credential in use of each profile, also in another profile of the account", async () => {
    const { run, json, addProfile } = createFleet();
    for (const name of ["one", "two"]) {
      const { token } = await json(`token create ${name} -r operator -p ovh-ai`);
      addProfile(name, "ovh-ai", token);
    }
    await json("token create ci -r read -p ovh-ai");
    const outcome = await run("token delete --all -p one,two -y -o json");
    expect(outcome.code).toBe(0);
    expect(rowsOf(outcome.stdout)).toEqual(["one ci"]);
    for (const name of ["one", "two"]) expect(outcome.stderr).toContain(` -p ${name}\n`);
    expect((await json("token list -p one")).map(({ name }: Row) => name)).toEqual(["one", "two"]);
  });

  test("asks once, with the profile of each token", async () => {
    const { run, all } = await createFullFleet();
    const terminal = createTerminal([/\[y\/N\]/, "n\r"]);
    const { stderr } = await run("token delete --name ci --all-profiles", terminal);
    expect(terminal.left).toEqual([]);
    for (const name of names) expect(stderr).toContain(`profile "${name}"`);
    expect(await all()).toHaveLength(6);
  });
});

describe("token renew", () => {
  test("prints the new secrets with their profiles", async () => {
    const { run, json } = await createFullFleet();
    const renewed = await json("token renew --name ci --all-profiles -y");
    expect(rowsOf(JSON.stringify(renewed)).toSorted()).toEqual(
      names.map((name) => `${name} ci`).sort(),
    );
    expect(Object.keys(renewed[0])[0]).toBe("profile");
    const { stdout } = await run("token renew --name ci --all-profiles -y");
    expect(stdout).toMatch(/^osmo ci \S+$/m);
  });

  test("renews in the other profiles if one fails", async () => {
    const { run, addRejected } = await createFullFleet();
    addRejected();
    const outcome = await run("token renew --name ci --all-profiles -y -o json");
    expect([outcome.code, rowsOf(outcome.stdout).length]).toEqual([9, 3]);
    expect(errorOf(outcome).message).toContain('"rejected"');
  });
});

describe("token export", () => {
  test("has the profile of each token in every format", async () => {
    const { run } = await createFullFleet();
    const exported = async (format: string) =>
      (await run(`token export ${format} --all-profiles --name ci`)).stdout;
    expect(await exported("csv")).toMatch(/^profile,id,/);
    expect(rowsOf(`[${(await exported("ndjson")).trim().split("\n").join(",")}]`)).toHaveLength(3);
    const metrics = await exported("prometheus");
    for (const name of names) expect(metrics).toContain(`profile="${name}"`);
    expect(metrics.match(/^# TYPE /gm)).toHaveLength(2);
    expect((await exported("ics")).match(/BEGIN:VEVENT/g)).toHaveLength(1);
  });
});

test("at most 8 requests are in progress at a time, over all profiles", async () => {
  const fleet = createFleet();
  for (let i = 0; i < 20; i++) fleet.addProfile(`more-${i}`, "ovh-ai");
  let running = 0;
  let most = 0;
  const fetch: Fetch = async (url, init) => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    return fleet.sandbox.request(url, init);
  };
  expect((await fleet.run("token list --all-profiles", { fetch })).code).toBe(0);
  expect(most).toBe(8);
});

test("a rate limit applies to all profiles of its server", async () => {
  const fleet = createFleet();
  for (let i = 0; i < 3; i++) fleet.addProfile(`more-${i}`, "ovh-ai");
  let limited = 0;
  const sentAt: number[] = [];
  const fetch: Fetch = async (url, init) => {
    sentAt.push(fleet.now().getTime());
    if (limited++ === 0)
      return Response.json(
        { message: "slow down" },
        { status: 429, headers: { "retry-after": "20" } },
      );
    return fleet.sandbox.request(url, init);
  };
  expect((await fleet.run("token list --all-profiles", { fetch })).code).toBe(0);
  expect(Math.max(...sentAt) - Math.min(...sentAt)).toBeGreaterThanOrEqual(20_000);
});

test("Tab completes the names of several profiles", async () => {
  const { complete } = createFleet();
  const values = async (line: string) =>
    (await complete(line)).map((each) => each?.split("\t")[0]).sort();
  expect(await values("token list -p ")).toEqual([...names].sort());
  expect(await values("token list -p osmo,")).toEqual(["osmo,ovh-ai", "osmo,ovh-cloud"]);
  expect(await values("token get -p osmo,")).toEqual([...names].sort());
});
