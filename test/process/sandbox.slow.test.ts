import { once } from "node:events";
import { chmod, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { basename, delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { errorOf } from "../support/error-of.ts";
import {
  createSurroundings,
  type Environment,
  program,
  runShell,
  runTokctl,
  type Surroundings,
  start,
  startTokctl,
} from "../support/spawn.ts";

let surroundings: Surroundings;
let env: Environment;

beforeAll(async () => {
  surroundings = await createSurroundings();
  env = surroundings.env;
});

afterAll(async () => {
  await surroundings?.remove();
});

const exec = (script: string, more: Environment = {}) =>
  runTokctl(["sandbox", "exec", "--", "sh", "-c", script], { env: { ...env, ...more } });

/** Returns the `export` lines that `serve` prints for one provider. */
function exportsFor(provider: string, said: string): string {
  const blocks = said.split("\n\n");
  const block = blocks.find((each) => each.includes(`TOKCTL_PROVIDER='${provider}'`)) ?? "";
  return block.replace(/^(?!export ).*\n/gm, "");
}

describe("sandbox exec", () => {
  test("runs a command that can create tokens", async () => {
    const script = `T=$(tokctl token create ci -r read -l group=A -q) && test \${#T} -eq 64`;
    expect(await exec(script)).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  test.each([
    ["exit 0", 0],
    ["exit 7", 7],
    ["kill -TERM $$", 143],
    ["kill -KILL $$", 137],
  ])("with the command `%s` ends with %i", async (script, code) => {
    expect(await exec(script)).toEqual({ code, signal: null, stdout: "", stderr: "" });
  });

  test("of a command that does not exist is exit 2 and names it", async () => {
    const outcome = await runTokctl(["sandbox", "exec", "--", "no-such-command"], { env });
    expect(outcome.code).toBe(2);
    expect(errorOf(outcome)).toMatchObject({
      code: "usage",
      message: expect.stringContaining("no-such-command"),
    });
  });

  test("requires -- before the command", async () => {
    const { code, stdout, stderr } = await runTokctl(["sandbox", "exec", "echo", "ran"], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("-- echo");
  });

  test("starts with the resources of a seed file", async () => {
    const file = join(surroundings.folder, "seed.yaml");
    await writeFile(file, "apps: [{image: i, name: mine}, {image: i, name: other}]");
    const args = ["sandbox", "exec", "--seed", file, "--", "tokctl", "app", "list", "-o", "json"];
    const { stdout } = await runTokctl(args, { env });
    expect(JSON.parse(stdout).map(({ name }: { name: string }) => name)).toEqual(["mine", "other"]);
  });

  test("passes arguments on unchanged", async () => {
    const args = [
      "-p",
      "JSON.stringify(process.argv.slice(1))",
      "--",
      "a  b",
      "it's",
      '"$HOME"',
      "",
      "-o",
      "--",
    ];
    const { stdout } = await runTokctl(["sandbox", "exec", "--", process.execPath, ...args], {
      env,
    });
    expect(JSON.parse(stdout)).toEqual(args.slice(3));
  });

  test("sets its own TOKCTL_* for the child, clears the others, and keeps the rest", async () => {
    const { stdout } = await exec("env", {
      TOKCTL_URL: "https://elsewhere.example",
      TOKCTL_REGION: "GRA",
      TOKCTL_OUTPUT: "json",
      TOKCTL_FUTURE: "yes",
      KEPT: "kept",
    });
    const lines = stdout.split("\n");
    expect(lines.filter((line) => line.startsWith("TOKCTL_")).sort()).toEqual([
      expect.stringMatching(/^TOKCTL_APP_TOKEN=.{64}$/),
      expect.stringContaining(`TOKCTL_CACHE_DIR=${surroundings.temporary}/`),
      expect.stringContaining(`TOKCTL_CONFIG_DIR=${surroundings.temporary}/`),
      "TOKCTL_PROVIDER=ovh-ai",
      expect.stringMatching(/^TOKCTL_SANDBOX_URL=http:\/\/127\.0\.0\.1:\d+$/),
      expect.stringContaining(`TOKCTL_STATE_DIR=${surroundings.temporary}/`),
      expect.stringMatching(/^TOKCTL_URL=http:\/\/127\.0\.0\.1:\d+$/),
    ]);
    expect(lines).toContain("KEPT=kept");
  });

  test("gives the child separate directories: the user's are not read or written", async () => {
    const home = join(surroundings.folder, "isolated");
    const variables = {
      HOME: "home",
      TOKCTL_CONFIG_DIR: "config",
      TOKCTL_STATE_DIR: "state",
      TOKCTL_CACHE_DIR: "cache",
      XDG_CONFIG_HOME: "xdg-config",
      XDG_STATE_HOME: "xdg-state",
      XDG_CACHE_HOME: "xdg-cache",
      XDG_DATA_HOME: "xdg-data",
      USERPROFILE: "profile",
      APPDATA: "roaming",
      LOCALAPPDATA: "local",
    };
    const own: Record<string, string> = {};
    for (const [name, folder] of Object.entries(variables)) {
      own[name] = join(home, folder);
      await mkdir(join(home, folder, "profiles"), { recursive: true });
      await writeFile(join(home, folder, "profiles/mine.json"), '{"provider":"ovh-ai"}');
    }
    const files = async () => (await readdir(home, { recursive: true })).sort();
    const before = await files();
    const redirections = { OVH_ENDPOINT: "ovh-eu", OSMO_CONFIG_FILE_DIR: home, OVHAI_TOKEN: "x" };
    const { code, stdout, stderr } = await exec(
      `set -e
      env | cut -d= -f1 | grep -E '^(OVH|OVHAI|OSMO)_' || true
      tokctl profile list -q
      printf %s "$TOKCTL_APP_TOKEN" | tokctl login ovh-ai "$TOKCTL_URL" --app-token-file - -q
      tokctl token create ci -r read -q > /dev/null
      printf '%s\n' "$HOME" "$XDG_CONFIG_HOME" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$XDG_DATA_HOME"`,
      { ...own, ...redirections },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [listed, signedIn, ...folders] = stdout.trimEnd().split("\n");
    expect([listed, signedIn]).toEqual(["ovh-ai", "ovh-ai"]);
    expect(folders).toHaveLength(5);
    for (const folder of folders) expect(folder).toContain(`${surroundings.temporary}/`);
    expect(await files()).toEqual(before);
    expect(await readdir(surroundings.temporary)).toEqual([]);
  });

  test("creates a profile for each of several providers", async () => {
    const script = `env | grep -E '^TOKCTL_(PROVIDER|URL|APP_TOKEN)' || true
      tokctl token create ci -r osmo-user -q >/dev/null && tokctl token list -q
      tokctl whoami -p ovh-ai -q`;
    const args = ["sandbox", "exec", "--api", "osmo,ovh-ai", "--", "sh", "-c", script];
    const { code, stdout, stderr } = await runTokctl(args, { env });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "ci\nsandbox-operator\n",
      stderr: "",
    });
    expect(await readdir(surroundings.temporary)).toEqual([]);
  });

  test("--tokens generates tokens", async () => {
    const args = ["sandbox", "exec", "--tokens", "2500", "--", "tokctl", "token", "list", "-q"];
    const { stdout } = await runTokctl(args, { env });
    expect(new Set(stdout.trimEnd().split("\n")).size).toBe(2500);
  });

  test("--fail loses the response of a create, which the client then undoes", async () => {
    const script = `tokctl token create ci -r read -q; echo $?; tokctl token list -q`;
    const rule = "POST /v1/token:drop-response";
    const args = ["sandbox", "exec", "--fail", rule, "--", "sh", "-c", script];
    const { stdout } = await runTokctl(args, { env });
    expect(stdout).toBe("8\n");
  });

  test("with an invalid failure is exit 2 and does not run the command", async () => {
    const args = ["sandbox", "exec", "--fail", "POST /v1:600", "--", "echo", "ran"];
    const outcome = await runTokctl(args, { env });
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(errorOf(outcome).message).toContain("POST /v1:600");
  });

  test("passes signals on to the child, which may ignore them", async () => {
    const child = `
      for (const name of ["SIGINT", "SIGHUP"]) process.on(name, () => console.log(name));
      process.on("SIGTERM", () => process.exit(42));
      setInterval(() => {}, 1e9);
      console.log("ready");`;
    const running = startTokctl(["sandbox", "exec", "--", process.execPath, "-e", child], { env });
    await running.stdout.until(/ready/);
    running.kill("SIGHUP");
    await running.stdout.until(/SIGHUP/);
    running.kill("SIGINT");
    await running.stdout.until(/SIGINT/);
    running.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 42, signal: null, stderr: "" });
  });

  test("leaves no file, process or open port behind, even if it is terminated", async () => {
    const child = `console.log(process.env.TOKCTL_URL, process.pid); setInterval(() => {}, 1e9);`;
    const running = startTokctl(["sandbox", "exec", "--", process.execPath, "-e", child], { env });
    const [, url = "", pid] = await running.stdout.until(/(\S+) (\d+)\n/);
    expect(await readdir(surroundings.temporary)).not.toEqual([]);
    expect((await fetch(url)).status).toBe(404);
    running.kill("SIGTERM");
    expect((await running.ended).code).toBe(143);
    expect(await readdir(surroundings.temporary)).toEqual([]);
    expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH");
    await expect(fetch(url)).rejects.toThrow();
  });

  test("puts the running program before any other tokctl on PATH", async () => {
    const other = join(surroundings.folder, "other");
    await mkdir(other);
    await writeFile(join(other, "tokctl"), "#!/bin/sh\necho another one\n");
    await chmod(join(other, "tokctl"), 0o755);
    const temporary = join(surroundings.folder, `it's "temporary" $HOME`);
    await mkdir(temporary);
    const place = join(surroundings.folder, `it's "here" $HOME`);
    await symlink(dirname(program), place);
    const { stdout } = await start(
      join(place, basename(program)),
      ["sandbox", "exec", "--", "tokctl", "--version"],
      { env: { ...env, PATH: [other, env["PATH"]].join(delimiter), TMPDIR: temporary } },
    ).ended;
    expect(stdout).toBe(`${manifest.version}\n`);
  });

  test("inside another one starts a separate sandbox", async () => {
    const inner = 'echo "$TOKCTL_URL"; tokctl token list -q';
    const { code, stdout } = await exec(
      `tokctl token create outer -r read -q >/dev/null; echo "$TOKCTL_URL"
      tokctl sandbox exec -- sh -c '${inner}'`,
    );
    const [outerUrl, innerUrl, ...tokens] = stdout.trimEnd().split("\n");
    expect(code).toBe(0);
    expect(innerUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(innerUrl).not.toBe(outerUrl);
    expect(tokens).toEqual([]);
  });
});

describe("sandbox serve", () => {
  /** Starts it on a free port and waits until it prints the variables. */
  async function serve(...args: string[]) {
    const running = startTokctl(["sandbox", "serve", "--port", "0", ...args], { env });
    const [, url = "", token = ""] = await running.stderr.until(
      /PROVIDER='ovh-ai'\nexport TOKCTL_URL='(.+)'\nexport TOKCTL_APP_TOKEN='(.{64})'\n/,
    );
    return { running, url, token };
  }

  test("prints working export lines on stderr, once", async () => {
    const { running, token } = await serve();
    const exports = exportsFor("ovh-ai", running.stderr.text);
    expect(await runShell(`${exports}\ntokctl whoami -q`, { env })).toMatchObject({
      code: 0,
      stdout: "sandbox-operator\n",
    });
    running.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr.split(token)).toHaveLength(2);
    expect(stderr).not.toContain("0.0.0.0");
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "ends with %s, even if clients keep their connections open",
    async (signal) => {
      const { running, url } = await serve();
      // One connection is idle, the other has an incomplete request.
      await (await fetch(url)).text();
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname);
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.write("GET /v1/me HTTP/1.1\r\nHost: sandbox\r\n");
      running.kill(signal);
      expect(await running.ended).toMatchObject({ code: 0, signal: null });
    },
  );

  test("--now starts the clock at a time", async () => {
    const { running, url } = await serve("--now", "2027-06-01T10:00:00+02:00");
    const date = (await fetch(url)).headers.get("date");
    expect(date).toMatch(/^Tue, 01 Jun 2027 08:0\d:\d\d GMT$/);
    running.kill("SIGTERM");
    expect((await running.ended).code).toBe(0);
  });

  test("on a port in use is exit 2 and names the port", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await runTokctl(["sandbox", "serve", "--port", `${port}`], { env });
    expect(code).toBe(2);
    expect(stderr).toContain(`${port}`);
  });

  test("on a host that is not of this machine is exit 2 and names it", async () => {
    // 192.0.2.0/24 is reserved for documentation.
    const { code, stderr } = await runTokctl(
      ["sandbox", "serve", "--port", "0", "--host", "192.0.2.1"],
      { env },
    );
    expect(code).toBe(2);
    expect(stderr).toContain("192.0.2.1");
  });

  test("is the default of `tokctl sandbox`", async () => {
    const running = startTokctl(["sandbox", "--port", "0"], { env });
    await running.stderr.until(/http:\/\/127\.0\.0\.1:\d/);
    running.kill("SIGTERM");
    expect((await running.ended).code).toBe(0);
  });

  test("warns before it listens on all interfaces", async () => {
    const { running } = await serve("--host", "0.0.0.0");
    running.kill("SIGTERM");
    const { code, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\S.*0\.0\.0\.0/);
  });
});
