import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../src/sandbox/listen.ts";
import { fixedClock, runOnScreen, type ScreenOptions } from "../support/screen.ts";
import { createSurroundings, type Environment, openTerminal } from "../support/spawn.ts";
import { createWorld } from "../support/world.ts";

/**
 * What stands on a terminal after a command, compared with the files in test/screens/, which
 * `npm run screens -- --update` writes anew.
 */
const widths = [120, 80, 40];
const day = 86_400_000;

const setUps = {
  "ovh-ai": [
    ["token create ci -r ai_training_read -l group=A", 40 * day],
    ["token create nightly-deployment -r ai_training_operator -l subject=image-recognition", day],
    ["token create quantum -r quantum_reader", 3_600_000],
  ],
  empty: [],
  osmo: [
    ["token create ci -r osmo-user -e 2026-12-01", 5 * day],
    ["token create nightly-deployment -r osmo-user -e 2026-12-03", 5 * day],
    [
      [
        ..."token create release -r osmo-user -r osmo-admin -e 2027-11-01 -d".split(" "),
        "Signs and publishes releases, from the pipeline of the main branch",
      ],
      2 * 3_600_000,
    ],
  ],
  "ovh-cloud": [
    ["token create ci --region GRA -r ai_training_read -l group=A", 40 * day],
    ["token create nightly-deployment --region BHS -r ai_training_operator", 120_000],
  ],
  "ovh-serving": [
    ["token create -r model-evaluation --resource iris*", 40 * day],
    ["token create -r model-management -r model-evaluation --resource *", 120_000],
  ],
} as const;
type SetUp = keyof typeof setUps;

/** Runs these in one world, so that each has its ids in every run, and serves what they made. */
async function serve(name: SetUp) {
  const api = name === "empty" ? "ovh-ai" : name;
  const world = createWorld(api, {}, `screens ${name}`);
  for (const [line, later] of setUps[name]) {
    const { code, stderr } = await world.run(line);
    if (code !== 0) throw new Error(`${line} ended with ${code}: ${stderr}`);
    world.advance(later);
  }
  const { url, close } = await listen(world.sandbox, { host: "127.0.0.1", port: 0 });
  const emulated = world.sandbox.apis.find(({ id }) => id === api);
  const env: Environment = { ...emulated?.environment(url), ...fixedClock(world.now()) };
  return { close, env, instead: [[new URL(url).port, "54321"]] as const };
}

const places = new Map<SetUp | "hostile", Pick<ScreenOptions, "env" | "instead">>();
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const surroundings = await createSurroundings();
  closing.push(surroundings.remove);
  const folder = join(surroundings.folder, "home", ".config", "tokctl");
  await mkdir(join(folder, "profiles"), { recursive: true });
  const keep = (name: string, content: object) =>
    writeFile(join(folder, name), JSON.stringify(content), { mode: 0o600 });
  await keep("profiles/work.json", { provider: "ovh-ai", region: "GRA" });
  await keep("profiles/osmo-of-the-research-group.json", {
    provider: "osmo",
    url: "https://osmo.research.example/a/rather/long/path",
  });
  await keep("config.json", { current: "work" });
  for (const name of [...(Object.keys(setUps) as SetUp[]), "hostile"] as const) {
    const { env, instead, close } = await (name === "hostile" ? serveHostileNames() : serve(name));
    closing.push(close);
    places.set(name, { env: { ...surroundings.env, ...env }, instead });
  }
});

/** What a server may call its tokens, none of which may leave its place in a table. */
const hostileNames = [
  "日本語のとても長い名前をもつトークン",
  "😀😀😀 emoji 🎉 party",
  "שלום עולם ערך ארוך מאוד",
  "e\u0301\u0323 Z\u0361a\u0322lgo\u0300\u0301\u0302\u0303",
  "n".repeat(200),
  "\x1b[31mred\x1b[0m\x07\r\n\tx\u202e",
  "",
  "x-".repeat(40),
];

/** An API that says of its tokens what it likes. */
async function serveHostileNames() {
  const createdAt = "2021-05-27T14:03:06.178808548Z";
  const items = hostileNames.map((name, i) => ({
    id: `0aa3c557-10c9-4331-b168-${String(i).padStart(12, "0")}`,
    createdAt,
    updatedAt: createdAt,
    spec: { name, role: "ai_training_read", labelSelector: i % 2 ? `group=${name}` : "" },
    status: { version: 1 },
  }));
  const fetch = async () => Response.json({ items, metadata: { total: items.length } });
  const { url, close } = await listen({ fetch }, { host: "127.0.0.1", port: 0 });
  const env: Environment = {
    TOKCTL_PROVIDER: "ovh-ai",
    TOKCTL_URL: url,
    TOKCTL_APP_TOKEN: "a-token",
    ...fixedClock(new Date("2026-11-23T12:00:00Z")),
  };
  return { close, env, instead: [] };
}

afterAll(async () => {
  for (const close of closing) await close();
});

/** Leaves it to the profile. */
const noTarget = {
  TOKCTL_PROVIDER: undefined,
  TOKCTL_URL: undefined,
  TOKCTL_APP_TOKEN: undefined,
};

const show = (line: string, setUp: SetUp | "hostile", columns: number, env: Environment = {}) => {
  const place = places.get(setUp);
  return runOnScreen(`tokctl ${line}`, { ...place, env: { ...place?.env, ...env }, columns });
};

const golden = (name: string) => join(import.meta.dirname, "..", "screens", `${name}.txt`);

describe.each<[string, SetUp | "hostile", string, Environment?]>([
  ["token-list-ovh-ai", "ovh-ai", "token list"],
  ["token-list-osmo", "osmo", "token list"],
  ["token-list-ovh-cloud", "ovh-cloud", "token list"],
  ["token-list-ovh-serving", "ovh-serving", "token list"],
  ["token-list-limited", "ovh-ai", "token list --sort -created --limit 1"],
  ["token-list-empty", "empty", "token list"],
  ["token-list-hostile", "hostile", "token list"],
  ["token-get", "osmo", "token get ci"],
  ["token-get-unknown", "ovh-ai", "token get nobody"],
  ["token-roles", "ovh-ai", "token roles"],
  ["token-roles-of-one", "osmo", "token roles release"],
  ["token-reach", "ovh-ai", "token reach ci"],
  ["app-list", "ovh-ai", "app list"],
  ["job-list", "ovh-ai", "job list"],
  ["notebook-list", "ovh-ai", "notebook list"],
  ["profile-list", "ovh-ai", "profile list"],
  ["profile-show", "ovh-ai", "profile show", noTarget],
])("%s", (name, setUp, line, env) => {
  test("at each width", async () => {
    const screens = widths.map((columns) => show(line, setUp, columns, env));
    for (const [i, screen] of (await Promise.all(screens)).entries())
      await expect(screen).toMatchFileSnapshot(golden(`${name}-${widths[i]}`));
  });
});

test.each([
  ["no-color", { NO_COLOR: "1" }],
  ["dumb", { TERM: "dumb" }],
])("without colours: %s", async (name, env) => {
  const screen = await show("token list", "osmo", 80, env);
  expect(screen).not.toMatch(/<\w/);
  await expect(screen).toMatchFileSnapshot(golden(`token-list-osmo-80-${name}`));
});

/** Leaves the first question of a sign-in with ^C, and returns all that was written. */
async function leaveQuestion(before: string, env: Environment): Promise<string> {
  const place = places.get("empty");
  const { screen, type, ended } = openTerminal(`${before}tokctl login`, {
    env: { ...place?.env, ...noTarget, ...env },
  });
  await screen.until(/└/);
  type("\x03");
  return (await ended).screen;
}

describe("a question with choices", () => {
  test.each<Environment>([{ NO_COLOR: "1" }, { CLICOLOR: "0" }])(
    "has no colours with %o",
    async (env) => {
      const screen = await leaveQuestion("", env);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there.
      expect(screen).not.toMatch(/\x1b\[[\d;]*m/);
    },
  );

  test("is laid out for 80 columns at a terminal that says it is 0 wide", async () => {
    const screen = await leaveQuestion("stty rows 0 cols 0; ", { NO_COLOR: "1" });
    expect(screen).toMatch(/OVHcloud AI \(ovh-ai\)\r?\n/);
  });
});
