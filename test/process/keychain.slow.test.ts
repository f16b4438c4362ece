import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import {
  openTerminal,
  program,
  runTokctl,
  type ServedSandbox,
  type Surroundings,
  standalone,
  start,
} from "../support/spawn.ts";
import { words } from "../support/terminal.ts";
import { testWith } from "../support/tools.ts";
import { useWorkplace } from "../support/workplace.ts";

const keychainTest = testWith("dbus-run-session", "dbus-send", "gnome-keyring-daemon");

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

/** An environment that selects the keychain, on a machine without one. */
const freshEnv = async () => ({
  ...(await surroundings.freshEnv()),
  TOKCTL_CREDENTIAL_STORE: "keychain",
});

const login = () => ["login", "ovh-ai", url, "-p", "p", "--app-token-file", "-"];
const readKept = async ({ TOKCTL_CONFIG_DIR: folder }: { readonly TOKCTL_CONFIG_DIR: string }) =>
  JSON.parse(await readFile(join(folder, "credentials/p.json"), "utf8"));

/** Creates a profile with a credential in the keychain. */
async function keptInKeychain() {
  const env = await freshEnv();
  const write = async (file: string, content: object) => {
    const path = join(env.TOKCTL_CONFIG_DIR, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, JSON.stringify(content), { mode: 0o600 });
  };
  await write("config.json", { current: "p" });
  await write("profiles/p.json", { provider: "ovh-ai", url });
  await write("credentials/p.json", { store: "keychain", entry: "p" });
  return env;
}

/** A D-Bus socket that never responds. */
async function serveSilentBus() {
  const path = join(await mkdtemp(join(surroundings.folder, "bus-")), "socket");
  let asking = 0;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => server.emit("asked"));
    socket.once("close", () => {
      asking--;
      if (asking === 0) server.emit("left");
    });
    asking++;
    onTestFinished(() => void socket.destroy());
  });
  const [asked, left] = [once(server, "asked"), once(server, "left")];
  server.listen(path);
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return {
    env: { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` },
    /** Resolve when a client connects, and when all clients have disconnected. */
    asked,
    left,
  };
}

describe.skipIf(process.platform !== "linux")("without a keychain", () => {
  test("login stores the credential in a file and names it, and the next command reads it", async () => {
    const env = await freshEnv();
    const { code, stdout, stderr } = await runTokctl(login(), { env, stdin: token });
    expect(code).toBe(0);
    expect(stdout).not.toContain(token);
    expect(stderr).toContain("DBus");
    expect(stderr).toContain(join(env.TOKCTL_CONFIG_DIR, "credentials/p.json"));
    expect(await readKept(env)).toMatchObject({ token });
    expect(await runTokctl(["whoami", "-q"], { env })).toMatchObject({ code: 0, stderr: "" });
  });

  test("a credential in it is exit 4, and logout names the entry that remains", async () => {
    const env = await keptInKeychain();
    const outcome = await runTokctl(["whoami"], { env });
    expect(outcome.code).toBe(4);
    expect(errorOf(outcome)).toMatchObject({
      code: "unauthenticated",
      message: expect.stringMatching(/keychain.*DBus/),
    });
    const out = await runTokctl(["logout"], { env });
    expect(out).toMatchObject({ code: 0, stdout: "signed out of p\n" });
    expect(out.stderr).toMatch(/\bp\b/);
    expect(await readdir(join(env.TOKCTL_CONFIG_DIR, "credentials"))).toEqual([]);
  });
});

describe.skipIf(process.platform !== "linux")("with a keychain that hangs", () => {
  test("login stores a file, other commands are exit 4, and all connections are closed", async () => {
    const [bus, fresh, kept] = await Promise.all([serveSilentBus(), freshEnv(), keptInKeychain()]);
    const [signedIn, asked] = await Promise.all([
      runTokctl(login(), { env: { ...fresh, ...bus.env }, stdin: token }),
      runTokctl(["whoami"], { env: { ...kept, ...bus.env } }),
    ]);
    expect(signedIn.code).toBe(0);
    expect(signedIn.stderr).toMatch(/\b3 ?s/);
    expect(signedIn.stderr).toContain(join(fresh.TOKCTL_CONFIG_DIR, "credentials/p.json"));
    expect(await readKept(fresh)).toMatchObject({ token });
    expect(asked.code).toBe(4);
    expect(errorOf(asked)).toMatchObject({
      code: "unauthenticated",
      message: expect.stringMatching(/keychain.*\b3 ?s/),
    });
    await bus.left;
  });

  test("^C at a terminal stops waiting", async () => {
    const [bus, env] = await Promise.all([serveSilentBus(), keptInKeychain()]);
    const terminal = openTerminal("tokctl whoami", { env: { ...env, ...bus.env } });
    await bus.asked;
    terminal.type("\x03");
    const { code, screen } = await terminal.ended;
    expect(code).toBe(130);
    expect(words(screen)).toMatch(/error\[interrupted\].*keychain/);
    await bus.left;
  });
});

test.skipIf(standalone)(
  "without the optional package login stores a file and names the package",
  async () => {
    const env = await freshEnv();
    const installed = await mkdtemp(join(surroundings.folder, "installed-"));
    const root = dirname(dirname(program));
    for (const part of ["bin", "dist", "package.json"])
      await cp(join(root, part), join(installed, part), { recursive: true });
    const run = (args: readonly string[], stdin = "") =>
      start(process.execPath, [join(installed, "bin/tokctl.js"), ...args], { env, stdin }).ended;
    const { code, stderr } = await run(login(), token);
    expect(code).toBe(0);
    expect(stderr).toContain("@napi-rs/keyring");
    expect(await run(["whoami", "-q"])).toMatchObject({ code: 0, stdout: "sandbox-operator\n" });
  },
);

keychainTest("a real keychain stores the credential", async () => {
  const env = await freshEnv();
  const lock =
    "--dest=org.freedesktop.secrets /org/freedesktop/secrets org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login";
  const script = `
    login() { printf %s "$SECRET" | tokctl login ovh-ai "$URL" -p p --app-token-file - -q "$@"; }
    printf password | gnome-keyring-daemon --unlock --components=secrets >&2
    login
    cat "$TOKCTL_CONFIG_DIR/credentials/p.json"
    tokctl whoami -q
    login --store file
    login --store keychain
    tokctl whoami -q
    tokctl logout
    login
    # The keychain is now locked, and its password prompt stays unanswered.
    dbus-send --session --print-reply ${lock} >&2
    tokctl whoami || echo "exit $?"
    login
    tokctl whoami -q`;
  const { code, stdout, stderr } = await start("dbus-run-session", ["--", "sh", "-ec", script], {
    env: { ...env, URL: url, SECRET: token },
  }).ended;
  expect(code).toBe(0);
  const entry = join(env.TOKCTL_CONFIG_DIR, "credentials/p.json");
  expect(stdout).toBe(
    [
      "p",
      JSON.stringify({ store: "keychain", entry }, null, 2),
      "sandbox-operator",
      "p",
      "p",
      "sandbox-operator",
      "signed out of p",
      "p",
      "exit 4",
      "p",
      "sandbox-operator",
      "",
    ].join("\n"),
  );
  const { code: refusal, message } = errorOf({ stderr });
  expect(refusal).toBe("unauthenticated");
  expect(message).toContain("unlock prompt was dismissed");
  expect(stderr.split("\n").filter((line) => line.includes(entry)).length).toBeGreaterThan(1);
  expect(stderr).not.toContain(token);
  expect(await readKept(env)).toMatchObject({ token });
});
