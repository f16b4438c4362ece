import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { drawScreen } from "../support/screen.ts";
import {
  choiceQuestion,
  type Environment,
  openTerminal,
  runTokctl,
  type ServedSandbox,
  serveSandbox,
  serveSilence,
  typedQuestion,
} from "../support/spawn.ts";
import { words } from "../support/terminal.ts";
import { useWorkplace } from "../support/workplace.ts";

const workplaceOf = useWorkplace();
let sandbox: ServedSandbox;
let env: Environment;

beforeAll(async () => {
  ({ sandbox, env } = workplaceOf());
});

const enter = "\r";
const interrupt = "\x03";
const endOfInput = "\x04";

/** Runs a command line and checks that the settings of the terminal are restored. */
const open = (line: string, options: { columns?: number; env?: Environment } = {}) =>
  openTerminal(
    `before=$(stty -g); tokctl ${line}; code=$?
    [ "$before" = "$(stty -g)" ] && echo 'terminal restored'; (exit $code)`,
    { ...options, env: { ...env, ...options.env } },
  );

/** The end of a yes-or-no question, with the answer that Enter gives. */
const question = /\[y\/N\]/;
const countQuestions = async (screen: string, columns = 80) =>
  (await drawScreen(screen, columns)).match(/\[y\/N\]/g)?.length ?? 0;

function expectSane(screen: string): void {
  expect(screen).toContain("terminal restored");
  expect(screen.lastIndexOf("\x1b[?25h"), "the cursor is shown again").toBeGreaterThanOrEqual(
    screen.lastIndexOf("\x1b[?25l"),
  );
}

describe("a question", () => {
  test.each([
    { verb: "delete", keys: `y${enter}`, columns: 80 },
    { verb: "delete", keys: `yes${enter}`, columns: 20 },
    { verb: "renew", keys: `y${enter}`, columns: 20 },
    { verb: "renew", keys: `yes${enter}`, columns: 80 },
  ])(
    "of $verb at $columns columns is asked once, names the token, and accepts $keys",
    async ({ verb, keys, columns }) => {
      const id = await sandbox.add(`${verb}-${columns}`);
      const terminal = open(`token ${verb} ${verb}-${columns}`, { columns });
      await terminal.screen.until(question);
      terminal.type(keys);
      const { code, screen } = await terminal.ended;
      expect(code).toBe(0);
      expect(await countQuestions(screen, columns)).toBe(1);
      expect(words(screen)).toContain(`"${verb}-${columns}"`);
      expectSane(screen);
      expect(await sandbox.version(id)).toBe(verb === "delete" ? undefined : 2);
    },
  );

  test.each([
    { answer: "Enter", keys: enter, verb: "delete", columns: 80 },
    { answer: "Enter", keys: enter, verb: "renew", columns: 20 },
    { answer: "n", keys: `n${enter}`, verb: "delete", columns: 80 },
    { answer: "^C", keys: interrupt, verb: "delete", columns: 20 },
    { answer: "^C", keys: interrupt, verb: "renew", columns: 80 },
    { answer: "^D", keys: endOfInput, verb: "delete", columns: 80 },
  ])(
    "answered with $answer, $verb at $columns columns changes nothing",
    async ({ keys, verb, columns }) => {
      const id = await sandbox.add("kept");
      const terminal = open(`token ${verb} ${id}`, { columns });
      await terminal.screen.until(question);
      terminal.type(keys);
      const { code, screen } = await terminal.ended;
      expect(code).toBe(130);
      expect(words(screen)).toContain("Canceled. Nothing was changed.");
      expectSane(screen);
      expect(await sandbox.version(id)).toBe(1);
    },
  );

  test("is ended by SIGTERM, and nothing is changed", async () => {
    const id = await sandbox.add("kept");
    const terminal = openTerminal(`exec tokctl token delete ${id}`, { env });
    await terminal.screen.until(question);
    terminal.kill("SIGTERM");
    expect((await terminal.ended).code).toBe(143);
    expect(await sandbox.version(id)).toBe(1);
  });

  test("has no colors with --no-color", async () => {
    const id = await sandbox.add("kept");
    const terminal = open(`token delete ${id} --no-color`);
    await terminal.screen.until(question);
    terminal.type(enter);
    const { screen } = await terminal.ended;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them.
    expect(screen).not.toMatch(/\x1b\[[\d;]*m/);
  });

  test("is asked once for several tokens and names them all", async () => {
    const ids = [await sandbox.add("first"), await sandbox.add("second")];
    const terminal = open("token delete first second");
    await terminal.screen.until(question);
    terminal.type(`y${enter}`);
    const { code, screen } = await terminal.ended;
    expect(code).toBe(0);
    expect(await countQuestions(screen)).toBe(1);
    expect(words(screen)).toMatch(/"first" \(.*"second" \(.*\b2\b.*\[y\/N\]/);
    for (const id of ids) expect(await sandbox.version(id)).toBeUndefined();
  });

  test.each([
    { why: "-y", options: "-y", more: {} },
    { why: "CI=true", options: "", more: { CI: "true" } },
  ])("is not asked with $why", async ({ options, more }) => {
    const id = await sandbox.add("unasked");
    const terminal = open(`token renew ${id} ${options} && tokctl token delete ${id} ${options}`, {
      env: more,
    });
    const { code, screen } = await terminal.ended;
    expect(code).toBe(0);
    expect(await countQuestions(screen)).toBe(0);
    expect(await sandbox.version(id)).toBeUndefined();
  });
});

test("a spinner and a progress bar are shown during requests and then erased", async () => {
  const gates: (() => void)[] = [];
  let isSlow = false;
  const slow = await serveSandbox(async () => {
    if (isSlow) await new Promise<void>((open) => gates.push(open));
  });
  onTestFinished(slow.close);
  const ids = [await slow.add("first"), await slow.add("second")];
  isSlow = true;
  const { screen, ended } = open(`token delete ${ids.join(" ")} -y`, { env: slow.env });
  const openAll = () => {
    for (const open of gates.splice(0)) open();
  };
  // The list, and the owner of the credential.
  for (let i = 0; i < 2; i++) {
    await screen.next(/127\.0\.0\.1/);
    openAll();
  }
  await screen.until(/\b0\D+2 \[\.+\]/);
  isSlow = false;
  openAll();
  const { code, screen: seen } = await ended;
  expect(code).toBe(0);
  expect(seen).toMatch(/\r[^ -~]\[K[^\n]*"first" [^\n]*\n[^\n]*"second" /);
  expectSane(seen);
});

test("role, name and label of a new token are asked for", async () => {
  const { screen, type, ended } = open("token create", { columns: 40 });
  await screen.next(choiceQuestion);
  type(enter);
  await screen.next(typedQuestion);
  type(`asked-for${enter}`);
  await screen.next(typedQuestion);
  type(enter);
  const { code, screen: seen } = await ended;
  expect(code).toBe(0);
  expect(words(seen)).toContain('"asked-for"');
  expectSane(seen);
});

describe("typed or pasted text", () => {
  const no = 130;
  test.each([
    ["a line feed", "\n", no],
    ["a carriage return and a line feed", "\r\n", no],
    ["a pasted yes with a line feed", "y\n", 0],
    ["a pasted yes with both", "yes\r\n", 0],
    ["a yes that is deleted again", "yes\x7f\x7f\x7f\n", no],
    ["a yes that is deleted with ^U", "yes\x15\n", no],
    ["a yes that is deleted with ^W", "yes\x17\n", no],
    ["a bracketed paste of yes", "\x1b[200~yes\x1b[201~\r", 0],
    ["a wide character that is deleted", "\u65e5\x7fy\n", 0],
    ["arrow keys", "\x1b[A\x1b[C\x1b[D\n", no],
  ])("%s answers the question before a token is deleted", async (_, keys, code) => {
    for (const TERM of ["xterm-256color", "dumb"]) {
      const id = await sandbox.add("asked");
      const terminal = open(`token delete ${id}`, { env: { TERM }, columns: 40 });
      await terminal.screen.until(question);
      terminal.type(keys);
      const ended = await terminal.ended;
      expect(ended.code).toBe(code);
      expect(await sandbox.version(id)).toBe(code === 0 ? undefined : 1);
      if (TERM === "dumb") expect(ended.screen).not.toContain("\x1b");
      expectSane(ended.screen);
    }
  });

  test("an answer other than yes or no is asked for again", async () => {
    const id = await sandbox.add("asked");
    const terminal = open(`token delete ${id}`);
    await terminal.screen.next(question);
    terminal.type("perhaps\n");
    await terminal.screen.next(question);
    terminal.type("y\n");
    expect((await terminal.ended).code).toBe(0);
  });

  test.each([
    ["\n", "xterm-256color"],
    ["\r", "xterm-256color"],
    ["\r\n", "dumb"],
  ])(
    "a secret of 4,096 characters and %j is accepted with TERM=%s and not shown",
    async (end, TERM) => {
      const secret = "s3cr".repeat(1024);
      const terminal = open("token check -o json", { env: { TERM } });
      await terminal.screen.until(typedQuestion);
      terminal.type(`${secret}${end}`);
      const { code, screen } = await terminal.ended;
      expect(code).toBe(4);
      expect(screen).not.toContain("s3cr");
      expectSane(screen);
    },
  );

  test("a line of 4,096 characters is not redrawn for each of them", async () => {
    const terminal = open("token create -r read");
    await terminal.screen.next(typedQuestion);
    terminal.type(`${"n".repeat(4096)}\n`);
    await terminal.screen.next(typedQuestion);
    terminal.type(interrupt);
    const { screen } = await terminal.ended;
    expect(screen.length).toBeLessThan(20_000);
  });

  test("TERM=dumb gets no escape sequences with a list of choices", async () => {
    const { screen, type, ended } = open("token create dumb", {
      env: { TERM: "dumb" },
      columns: 40,
    });
    await screen.next(/\[1\]/);
    type("9\n");
    await screen.next(/\[1\]/);
    type("2\n");
    await screen.next(typedQuestion);
    type("\n");
    const { code, screen: seen } = await ended;
    expect(code).toBe(0);
    expect(seen).not.toContain("\x1b");
    const listed = await runTokctl(["token", "get", "dumb", "-o", "json"], { env });
    expect(JSON.parse(listed.stdout).roles).toEqual(["ai_training_operator"]);
  });
});

describe("an id prefix", () => {
  test("is enough to delete a token after confirmation", async () => {
    const id = await sandbox.add("begun");
    const terminal = open(`token delete ${id.slice(0, 13)}`);
    await terminal.screen.until(question);
    terminal.type(`y${enter}`);
    const { code, screen } = await terminal.ended;
    expect(code).toBe(0);
    expect(words(screen)).toContain('"begun"');
    expect(await sandbox.version(id)).toBeUndefined();
  });

  test("is exit 2 without confirmation", async () => {
    const id = await sandbox.add("begun");
    const start = id.slice(0, 13);
    const [withYes, inCi, offTerminal] = await Promise.all([
      open(`token delete ${start} -y`).ended,
      open(`token renew ${start}`, { env: { CI: "true" } }).ended,
      runTokctl(["token", "renew", start], { env }),
    ]);
    expect([withYes.code, inCi.code, offTerminal.code]).toEqual([2, 2, 2]);
    expect(offTerminal.stderr).toContain(`"begun" (${id})`);
    expect(await sandbox.version(id)).toBe(1);
  });
});

test("an app is stopped and deleted only after confirmation", async () => {
  const made = await runTokctl("app run ubuntu --name asked -q".split(" "), { env });
  const start = made.stdout.slice(0, 13);
  const answer = async (line: string, keys: string) => {
    const terminal = open(line);
    await terminal.screen.until(question);
    terminal.type(keys);
    return terminal.ended;
  };
  const kept = await answer(`app delete ${start}`, enter);
  expect(kept.code).toBe(130);
  expect(words(kept.screen)).toContain('"asked"');
  const stopped = await answer(`app stop ${start}`, `y${enter}`);
  expect(stopped.code).toBe(0);
  expect(words(stopped.screen)).toMatch(/"asked" .*STOPPED/);
  expect((await answer("app delete asked", `y${enter}`)).code).toBe(0);
});

test("a token is not read from stdin if that is a terminal", async () => {
  const { code, screen } = await open("--app-token-file - whoami").ended;
  expect(code).toBe(2);
  expect(words(screen)).toMatch(/error\[usage\].*--app-token-file/);
});

test("TERM=dumb gets no escape sequences", async () => {
  await sandbox.add("plain");
  const { screen } = await open("token list && tokctl token get no-such-token", {
    env: { TERM: "dumb" },
  }).ended;
  expect(screen).toContain("plain");
  expect(screen).toContain("no-such-token");
  expect(screen).not.toContain("\x1b");
});

describe("^C", () => {
  test("ends a list during a request", async () => {
    const silence = await serveSilence();
    const terminal = open("token list", { env: silence.env });
    await terminal.screen.until(/127\.0\.0\.1/);
    terminal.type(interrupt);
    const { code, screen } = await terminal.ended;
    expect(code).toBe(130);
    expect(screen).toMatch(/127\.0\.0\.1[^\n]*\r[^ -~]\[K[^\n]*error\[interrupted\]/);
    expectSane(screen);
  });

  test("ends a create during a request and names tokctl recover", async () => {
    const silence = await serveSilence("POST");
    const terminal = open("token create ci -r ai_training_read", { env: silence.env });
    await silence.asked;
    terminal.type(interrupt);
    const { code, screen } = await terminal.ended;
    expect(code).toBe(130);
    expect(words(screen)).toContain("tokctl recover");
  });

  // The terminal sends it to all its processes: passing it on would send it twice.
  test.each(["", "</dev/null"])("reaches the child of sandbox exec %s once", async (stdin) => {
    const child = `
      let count = 0;
      process.on("SIGINT", () => console.log("interrupted: " + ++count));
      process.on("SIGTERM", () => process.exit(count));
      setInterval(() => {}, 1e9);
      console.log("ready");`;
    const terminal = openTerminal(`exec tokctl sandbox exec -- "$NODE" -e "$CHILD" ${stdin}`, {
      env: { ...env, NODE: process.execPath, CHILD: child },
    });
    await terminal.screen.until(/ready/);
    // Two signals in quick succession can be delivered as one, so several are sent.
    for (const count of [1, 2, 3, 4, 5]) {
      terminal.type(interrupt);
      await terminal.screen.until(new RegExp(`interrupted: ${count}`));
    }
    terminal.kill("SIGTERM");
    expect((await terminal.ended).code).toBe(5);
  });
});

test("a long list goes through PAGER without credentials, until the user quits it", async () => {
  const many = Array.from({ length: 40 }, (_, i) => `paged-${i}`);
  await Promise.all(many.map((name) => sandbox.add(name)));
  const pager = `sh -c 'echo "secret=\${TOKCTL_APP_TOKEN-none}"; head -n 3; read -r key < /dev/tty'`;
  const terminal = openTerminal(
    `PAGER=${JSON.stringify(pager).replaceAll("$", "\\$")} tokctl token list; echo "code=$?"`,
    {
      env,
      columns: 120,
    },
  );
  await terminal.screen.until(/secret=none.*NAME/s);
  terminal.type("\r");
  await terminal.screen.until(/code=0/);
});
