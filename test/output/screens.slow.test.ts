import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { helpTopics } from "../../src/cli/help/layout.ts";
import { drawScreen, replaceVarying, runOnScreen, type ScreenOptions } from "../support/screen.ts";
import {
  type Served,
  type SetUp,
  serveHostileNames,
  serveSetUp,
  setUps,
} from "../support/screen-servers.ts";
import {
  choiceQuestion,
  createSurroundings,
  type Environment,
  openTerminal,
  type Surroundings,
  serveSandbox,
  serveSilence,
  typedQuestion,
} from "../support/spawn.ts";

/**
 * Screens of a terminal after a command, compared with the files in test/screens/, which
 * `npm run screens -- --update` writes.
 */
const widths = [120, 80, 40];

const servers = new Map<SetUp | "hostile", Served>();
const closing: (() => Promise<void>)[] = [];
let surroundings: Surroundings;

beforeAll(async () => {
  surroundings = await createSurroundings();
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
    const served = await (name === "hostile" ? serveHostileNames() : serveSetUp(name));
    closing.push(served.close);
    servers.set(name, served);
  }
});

afterAll(async () => {
  for (const close of closing) await close();
});

/** Leaves the target to the profile. */
const noTarget = {
  TOKCTL_PROVIDER: undefined,
  TOKCTL_URL: undefined,
  TOKCTL_APP_TOKEN: undefined,
};

interface ScreenCase extends Pick<ScreenOptions, "answers" | "instead"> {
  readonly setUp?: SetUp | "hostile";
  readonly line: string;
  readonly env?: Environment;
  /** The command changes state, so each run has a separate sandbox and folders. */
  readonly isFresh?: boolean;
}

/** Runs a command at a terminal and returns its screen. */
async function show(each: ScreenCase, columns: number, more: Environment = {}): Promise<string> {
  const { setUp = "ovh-ai", line, isFresh = false, answers = [] } = each;
  let served = servers.get(setUp);
  let own: Environment = {};
  let folder = surroundings.folder;
  if (isFresh && setUp !== "hostile") {
    served = await serveSetUp(setUp);
    onTestFinished(served.close);
    folder = await mkdtemp(join(surroundings.folder, "own-"));
    own = { HOME: folder };
  }
  const env = { ...surroundings.env, ...served?.env, ...own, ...each.env, ...more };
  const instead = [
    ...(served?.instead ?? []),
    ...(each.instead ?? []),
    [folder, folder.replaceAll(/-\w{6}(?=\/|$)/g, "-000000")],
    [process.version, "v20.19.0"],
  ] as const;
  return runOnScreen(`tokctl ${line}`, { env, instead, answers, columns });
}

const golden = (name: string) => join(import.meta.dirname, "..", "screens", `${name}.txt`);

const yes = [[/\[y\/N\]/, "y\r"]] as const;
const no = [[/\[y\/N\]/, "\r"]] as const;
const requestId = [
  /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g,
  `${"0".repeat(8)}-0000-0000-0000-${"0".repeat(12)}`,
] as const;
const enter = [typedQuestion, "\r"] as const;

const cases: Readonly<Record<string, ScreenCase>> = {
  "token-list-ovh-ai": { line: "token list" },
  "token-list-osmo": { setUp: "osmo", line: "token list" },
  "token-list-ovh-cloud": { setUp: "ovh-cloud", line: "token list" },
  "token-list-ovh-serving": { setUp: "ovh-serving", line: "token list" },
  "token-list-limited": { line: "token list --sort -created --limit 1" },
  "token-list-empty": { setUp: "empty", line: "token list" },
  "token-list-hostile": { setUp: "hostile", line: "token list" },
  "token-get": { setUp: "osmo", line: "token get ci" },
  "token-get-unknown": { line: "token get nobody" },
  "token-roles": { line: "token roles" },
  "token-roles-of-one": { setUp: "osmo", line: "token roles release" },
  "token-reach": { line: "token reach ci" },
  "app-list": { line: "app list" },
  "job-list": { line: "job list" },
  "notebook-list": { line: "notebook list" },
  "profile-list": { line: "profile list" },
  "profile-show": { line: "profile show", env: noTarget },
  help: { line: "--help", env: noTarget },
  "help-token": { line: "token --help", env: noTarget },
  "help-token-create": { line: "token create --help", env: noTarget },
  ...Object.fromEntries(
    helpTopics.map(({ name }) => [`help-${name}`, { line: `help ${name}`, env: noTarget }]),
  ),
  "token-create": { line: "token create deploy -r ai_training_read -l group=A", isFresh: true },
  "token-create-unscoped": { line: "token create deploy -r ai_training_read", isFresh: true },
  "token-create-asked": {
    line: "token create",
    answers: [[choiceQuestion, "\r"], [typedQuestion, "deploy\r"], enter],
    isFresh: true,
  },
  "token-delete": { line: "token delete ci", answers: yes, isFresh: true },
  "token-delete-several": { line: "token delete ci quantum", answers: yes, isFresh: true },
  "token-delete-declined": { line: "token delete ci", answers: no, isFresh: true },
  "token-renew": { line: "token renew ci", answers: yes, isFresh: true },
  "token-renew-declined": { line: "token renew ci", answers: no, isFresh: true },
  "error-unknown-command": { line: "tokn list" },
  "error-unknown-option": { line: "token list --rol ai_training_read" },
  "error-unknown-token": { line: "token delete cl" },
  "error-missing-role": { line: "token create deploy", env: { CI: "true" } },
  "error-connection-refused": {
    line: "token list",
    env: { TOKCTL_URL: "http://127.0.0.1:1", TOKCTL_RETRIES: "0" },
  },
  "error-unauthorized": { line: "token list --app-token wrong", instead: [requestId] },
  "error-no-target": { line: "token list", env: noTarget, isFresh: true },
  doctor: { line: "doctor", isFresh: true },
  "recover-nothing": { line: "recover", isFresh: true },
};

test.each(Object.entries(cases))("%s at each width", async (name, each) => {
  const screens = widths.map((columns) => show(each, columns));
  for (const [i, screen] of (await Promise.all(screens)).entries())
    await expect(screen).toMatchFileSnapshot(golden(`${name}-${widths[i]}`));
});

describe.each([
  ["no-color", { NO_COLOR: "1" }],
  ["dumb", { TERM: "dumb" }],
])("without colors: %s", (suffix, env) => {
  test.each([
    "token-list-osmo",
    "help",
    "token-create",
    "token-delete",
    "error-unknown-command",
    "doctor",
  ])("%s", async (name) => {
    const screen = await show(cases[name] as ScreenCase, 80, env);
    expect(screen).not.toMatch(
      /<(bold|dim|italic|underline|inverse|on|colour|red|green|yellow|cyan)\b/,
    );
    await expect(screen).toMatchFileSnapshot(golden(`${name}-80-${suffix}`));
  });
});

describe("progress", () => {
  /** Runs a command until its progress is shown, and returns the screen at that time. */
  async function showProgress(line: string, env: Environment, columns: number, seen: RegExp) {
    const all = { ...surroundings.env, ...env };
    const { screen, type, ended } = openTerminal(`tokctl ${line}`, { env: all, columns });
    await screen.until(seen);
    const shown = screen.text.replace(/[-|/\\](?= [A-Z])/g, "-");
    type("\x03");
    await ended;
    const instead = [[new URL(env["TOKCTL_URL"] ?? "").port, "54321"]] as const;
    return drawScreen(replaceVarying(shown, { instead }), columns);
  }

  test("of a request at each width", async () => {
    for (const columns of widths) {
      const { env } = await serveSilence();
      const screen = await showProgress("token list", env, columns, /127\.0\.0\.1/);
      await expect(screen).toMatchFileSnapshot(golden(`progress-request-${columns}`));
    }
  });

  test("of several deletions at each width", async () => {
    for (const columns of widths) {
      const { env, add, close } = await serveSandbox(async ({ method }) => {
        if (method === "DELETE") await new Promise(() => {});
      });
      onTestFinished(close);
      for (const name of ["a", "b", "c"]) await add(name);
      const screen = await showProgress("token delete a b c -y", env, columns, /\[\.+\]/);
      await expect(screen).toMatchFileSnapshot(golden(`progress-deletions-${columns}`));
    }
  });
});

/** Leaves the first question of a sign-in with ^C, and returns all that was printed. */
async function leaveQuestion(before: string, env: Environment): Promise<string> {
  const { screen, type, ended } = openTerminal(`${before}tokctl login`, {
    env: { ...surroundings.env, ...noTarget, ...env },
  });
  await screen.until(choiceQuestion);
  type("\x03");
  return (await ended).screen;
}

describe("a question with choices", () => {
  test.each<Environment>([{ NO_COLOR: "1" }, { CLICOLOR: "0" }])(
    "has no colors with %o",
    async (env) => {
      const screen = await leaveQuestion("", env);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colors are made of them.
      expect(screen).not.toMatch(/\x1b\[[\d;]*m/);
    },
  );

  test("is laid out for 80 columns at a terminal that reports a width of 0", async () => {
    const screen = await leaveQuestion("stty rows 0 cols 0; ", { NO_COLOR: "1" });
    expect(screen).toMatch(/OVHcloud AI \(ovh-ai\)\r?\n/);
  });
});
