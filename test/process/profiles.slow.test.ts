import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import {
  choiceQuestion,
  openTerminal,
  runTokctl,
  type ServedSandbox,
  type Surroundings,
  startTokctl,
  typedQuestion,
} from "../support/spawn.ts";
import { useWorkplace } from "../support/workplace.ts";

const workplaceOf = useWorkplace();
let sandbox: ServedSandbox;
let surroundings: Surroundings;
let url: string;
let token: string;

beforeAll(async () => {
  ({ sandbox, surroundings } = workplaceOf());
  url = sandbox.env["TOKCTL_URL"] ?? "";
  token = sandbox.env["TOKCTL_APP_TOKEN"] ?? "";
});

const login = (name: string) => ["login", "ovh-ai", url, "-p", name, "--app-token-file", "-"];
const readJson = async (path: string) => JSON.parse(await readFile(path, "utf8"));

test("25 logins and 25 changes of the current profile can run concurrently", async () => {
  const env = await surroundings.freshEnv();
  const folder = env.TOKCTL_CONFIG_DIR;
  await runTokctl(login("p0"), { env, stdin: token });
  const names = Array.from({ length: 25 }, (_, i) => `p${i}`);
  const ended = await Promise.all(
    names.flatMap((name) => [
      runTokctl(login(name), { env, stdin: token }),
      runTokctl(["profile", "use", "p0"], { env }),
    ]),
  );
  expect(ended.filter(({ code }) => code !== 0)).toEqual([]);
  for (const name of names) {
    expect(await readJson(join(folder, "profiles", `${name}.json`))).toEqual({
      provider: "ovh-ai",
      url,
      account: expect.stringMatching(/^[0-9a-f]{16}$/),
      signedInAs: expect.anything(),
    });
    expect(await readJson(join(folder, "credentials", `${name}.json`))).toMatchObject({ token });
  }
  expect(names).toContain((await readJson(join(folder, "config.json"))).current);
  // No temporary files remain.
  const sorted = names.map((name) => `${name}.json`).sort();
  expect((await readdir(join(folder, "profiles"))).sort()).toEqual(sorted);
  expect((await readdir(join(folder, "credentials"))).sort()).toEqual(sorted);
}, 120_000);

test("several changes of one profile can run concurrently", async () => {
  const env = await surroundings.freshEnv();
  const set = (key: string, value: string) =>
    runTokctl(["profile", "set", "-p", "p", key, value], { env });
  await set("provider", "ovh-cloud");
  for (const round of ["1", "2", "3"]) {
    const settings = {
      url: `https://a.example/${round}`,
      region: `R${round}`,
      project: `p${round}`,
      namespace: `n${round}`,
      userHeader: `u${round}`,
    };
    await Promise.all(Object.entries(settings).map(([key, value]) => set(key, value)));
    expect(await readJson(join(env.TOKCTL_CONFIG_DIR, "profiles/p.json"))).toEqual({
      provider: "ovh-cloud",
      ...settings,
    });
  }
}, 60_000);

test("a login that is killed leaves the old files or the new ones", async () => {
  const env = await surroundings.freshEnv();
  const folder = env.TOKCTL_CONFIG_DIR;
  await runTokctl(login("p"), { env, stdin: token });
  const started = performance.now();
  await runTokctl(login("p"), { env, stdin: token });
  const whole = performance.now() - started;
  const rounds = 12;
  for (let round = 0; round < rounds; round++) {
    const running = startTokctl(login("p"), { env, stdin: token });
    const delay = whole * (0.5 + (0.6 * round) / rounds);
    const timer = setTimeout(() => running.kill("SIGKILL"), delay);
    await running.ended;
    clearTimeout(timer);
    for (const file of ["config.json", "profiles/p.json", "credentials/p.json"])
      expect(Object.keys(await readJson(join(folder, file))).length).toBeGreaterThan(0);
    expect((await stat(join(folder, "credentials/p.json"))).mode & 0o777).toBe(0o600);
  }
  expect(await runTokctl(["whoami", "-q"], { env })).toMatchObject({ code: 0 });
}, 120_000);

const enter = "\r";

test("at a terminal a login asks for all that is missing, and shows no secret", async () => {
  const env = await surroundings.freshEnv();
  const terminal = openTerminal("tokctl login", { env });
  await terminal.screen.next(choiceQuestion);
  terminal.type(enter);
  await terminal.screen.next(choiceQuestion);
  terminal.type(enter);
  await terminal.screen.next(typedQuestion);
  terminal.type(`${url}${enter}`);
  await terminal.screen.next(typedQuestion);
  terminal.type(`${token}${enter}`);
  const { code, screen } = await terminal.ended;
  expect(screen).toContain("profile ovh-ai");
  expect(code).toBe(0);
  expect(screen).not.toContain(token);
  expect(screen).not.toContain(token.slice(0, 8));
  expect((await runTokctl(["whoami", "-q"], { env })).stdout).toBe("sandbox-operator\n");
});

test("at a terminal the sign-in method can be chosen", async () => {
  // With a display, the browser is not the last choice.
  const env = { ...(await surroundings.freshEnv()), DISPLAY: ":0" };
  const terminal = openTerminal(`tokctl login osmo ${url} -p dev`, { env });
  await terminal.screen.next(choiceQuestion);
  terminal.type(`5${enter}`);
  await terminal.screen.next(typedQuestion);
  terminal.type(`testuser${enter}`);
  expect((await terminal.ended).code).toBe(0);
  expect((await runTokctl(["whoami", "-q"], { env })).stdout).toBe("testuser\n");
});

test.each(["\x03", "\x04"])("a login that is cancelled with %j stores nothing", async (keys) => {
  const env = await surroundings.freshEnv();
  const terminal = openTerminal(`tokctl login ovh-ai ${url}`, { env });
  await terminal.screen.until(choiceQuestion);
  terminal.type(keys);
  expect((await terminal.ended).code).toBe(130);
  expect(await readdir(env.TOKCTL_CONFIG_DIR)).toEqual([]);
});
