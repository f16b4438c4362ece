import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { browserTest, useBrowser } from "../support/browser.ts";
import {
  type Environment,
  openTerminal,
  runShell,
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

beforeAll(async () => {
  ({ sandbox, surroundings } = workplaceOf());
  // In place of a browser: records the URLs that it is to open.
  const launcher = join(surroundings.folder, "bin", "xdg-open");
  writeFileSync(launcher, `#!/bin/sh\nprintf '%s\\n' "$@" >> '${surroundings.folder}/opened'\n`);
  chmodSync(launcher, 0o755);
});

/** A config directory, and files with secrets in it. */
function createPlace(name: string, secrets: Readonly<Record<string, string>> = {}) {
  const folder = join(surroundings.folder, name);
  mkdirSync(folder);
  for (const [file, secret] of Object.entries(secrets)) writeFileSync(join(folder, file), secret);
  const env: Environment = { ...surroundings.env, TOKCTL_CONFIG_DIR: folder };
  return {
    env,
    path: (file: string) => join(folder, file),
    read: (file: string) => readFileSync(join(folder, file), "utf8"),
    whoami: async (words = "") => {
      const args = `whoami -q ${words}`.split(" ").filter(Boolean);
      return (await runTokctl(args, { env })).stdout.trim();
    },
  };
}

describe("in a real browser", () => {
  const openTab = useBrowser();

  async function approve(address: string, fields: Readonly<Record<string, string>>) {
    const page = await openTab();
    await page.goto(address);
    for (const [name, value] of Object.entries(fields)) await page.fill(`[name="${name}"]`, value);
    await page.click('button[value="approve"], button[value="authorize"]');
  }

  browserTest("a user of OSMO signs in with PKCE", async () => {
    const { env, whoami } = createPlace("browser");
    const login = startTokctl(["login", "osmo", sandbox.url, "--method", "browser"], { env });
    const [, address = ""] = await login.stderr.until(/\n {2}(http\S+)\n/);
    const { user: username, password } = sandbox.logins.osmo;
    await approve(address, { username, password });
    expect(await login.ended).toMatchObject({ code: 0 });
    expect(await whoami()).toBe(username);
  });

  browserTest("a user of OSMO approves a device code", async () => {
    const { env, whoami } = createPlace("device");
    const login = startTokctl(["login", "osmo", sandbox.url, "--method", "device"], { env });
    const [, address = "", code = ""] = await login.stderr.until(
      /(http\S+\/device\S*)[\s\S]*?\b([A-Z]{4}-[A-Z]{4})\b/,
    );
    const { user: username, password } = sandbox.logins.osmo;
    await approve(address, { user_code: code, username, password });
    expect(await login.ended).toMatchObject({ code: 0 });
    expect(await whoami()).toBe(username);
  });

  browserTest(
    "a new consumer key of OVHcloud is authorized on the page that login opens",
    async () => {
      const { applicationKey, applicationSecret } = sandbox.logins["ovh-cloud"];
      const { env, path, read } = createPlace("consumer-key", { secret: applicationSecret });
      const terminal = openTerminal(
        `tokctl login ovh-cloud ${sandbox.url}/1.0 --project ${sandbox.project} \\
        --application-key ${applicationKey} --application-secret-file ${path("secret")}`,
        { env, columns: 400 },
      );
      const [, address = ""] = await terminal.screen.until(/\n\s+(http\S+)\r\n/);
      await approve(address, {});
      expect((await terminal.ended).code).toBe(0);
      const { consumerKey } = JSON.parse(read("credentials/ovh-cloud.json"));
      const opened = readFileSync(join(surroundings.folder, "opened"), "utf8");
      expect(opened.trim()).toBe(address);
      for (const secret of [consumerKey, applicationSecret]) expect(opened).not.toContain(secret);
    },
  );
});

test("the first existing command of $BROWSER opens the page", async () => {
  const { env, path, read } = createPlace("own-browser");
  const script = join(surroundings.folder, "own browser");
  writeFileSync(script, `#!/bin/sh\nprintf '%s\\n' "$@" > '${path("opened")}'\n`);
  chmodSync(script, 0o755);
  const terminal = openTerminal(`tokctl login osmo ${sandbox.url} --method browser`, {
    env: { ...env, BROWSER: `/nowhere/firefox:'${script}' --new-tab %s &` },
    columns: 400,
  });
  const [, address = ""] = await terminal.screen.until(/\n\s+(http\S+)\r\n/);
  await expect.poll(() => existsSync(path("opened"))).toBe(true);
  await expect.poll(() => read("opened")).toBe(`--new-tab\n${address}\n`);
  terminal.type("\x03");
  expect((await terminal.ended).code).toBe(130);
});

test("user name and password can be typed at a terminal, and no secret is shown", async () => {
  const { user, password } = sandbox.logins.osmo;
  const { env, whoami } = createPlace("typed");
  const terminal = openTerminal(`tokctl login osmo ${sandbox.url} --method password`, { env });
  await terminal.screen.next(typedQuestion);
  terminal.type(`${user}\r`);
  await terminal.screen.next(typedQuestion);
  terminal.type(`${password}\r`);
  const { code, screen } = await terminal.ended;
  expect(code).toBe(0);
  expect(screen).not.toContain(password);
  expect(await whoami()).toBe(user);
});

test("one of several concurrent processes refreshes the access token, and all can use it", async () => {
  const { clientId, clientSecret, user, password } = sandbox.logins["ovh-ai"];
  const { env, path, read } = createPlace("many", { clientSecret, password });
  const args = ["login", "ovh-ai", sandbox.url, "--client-id", clientId, "--username", user];
  const files = ["--client-secret-file", path("clientSecret"), "--password-file", path("password")];
  expect(await runTokctl([...args, ...files], { env })).toMatchObject({ code: 0 });
  const stored = JSON.parse(read("credentials/ovh-ai.json"));
  const ended = { ...stored, expiresAt: "2026-01-01T00:00:00Z" };
  writeFileSync(path("credentials/ovh-ai.json"), JSON.stringify(ended));
  const runs = Array.from({ length: 8 }, () => runTokctl(["whoami", "-q"], { env }));
  for (const run of await Promise.all(runs)) expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(read("credentials/ovh-ai.json")).refreshToken).not.toBe(stored.refreshToken);
});

test("a full disk is detected before a refresh token is used", async () => {
  const { clientId, clientSecret, user, password } = sandbox.logins["ovh-ai"];
  const { env, path, read } = createPlace("full", { clientSecret, password });
  const args = ["login", "ovh-ai", sandbox.url, "--client-id", clientId, "--username", user];
  const files = ["--client-secret-file", path("clientSecret"), "--password-file", path("password")];
  expect(await runTokctl([...args, ...files], { env })).toMatchObject({ code: 0 });
  const stored = JSON.parse(read("credentials/ovh-ai.json"));
  const ended = JSON.stringify({ ...stored, expiresAt: "2026-01-01T00:00:00Z" });
  writeFileSync(path("credentials/ovh-ai.json"), ended);
  // Temporary file of a killed process.
  writeFileSync(path("credentials/ovh-ai.json.0123456789abcdef.tmp"), ended, { mode: 0o600 });
  const script = "ulimit -f 0; tokctl whoami -q";
  const full = await runShell('exec bash -c "$SCRIPT"', { env: { ...env, SCRIPT: script } });
  expect(full.code).toBe(2);
  expect(readdirSync(path("credentials"))).toEqual(["ovh-ai.json"]);
  expect((await runTokctl(["whoami", "-q"], { env })).code).toBe(0);
});
