import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn as spawnAtTerminal } from "@lydell/node-pty";
import { afterAll, beforeAll, onTestFailed, onTestFinished } from "vitest";
import { createSandbox } from "../../src/sandbox/app.ts";
import { listen } from "../../src/sandbox/listen.ts";

/** Path of a standalone program to test instead of the installed one. */
export const standalone = process.env["TOKCTL_PROGRAM"];

/** Path of the program. `npm test` builds it. */
export const program = standalone
  ? resolve(standalone)
  : fileURLToPath(new URL("../../bin/tokctl.js", import.meta.url));

/** Command line that starts the program. */
export const tokctl: readonly [string, ...string[]] = standalone
  ? [program]
  : [process.execPath, program];

export type Environment = Readonly<Record<string, string | undefined>>;

/** An isolated environment for processes, without settings of the developer's machine. */
export interface Surroundings {
  readonly folder: string;
  /** TMPDIR, which must be empty after a run. */
  readonly temporary: string;
  /** Temporary HOME and TMPDIR, and `tokctl` on the PATH, without CI and TOKCTL_* variables. */
  readonly env: Environment;
  /** Returns the same environment with an empty profile folder. */
  freshEnv(): Promise<Environment & { readonly TOKCTL_CONFIG_DIR: string }>;
  remove(): Promise<void>;
}

export async function createSurroundings(): Promise<Surroundings> {
  const folder = await mkdtemp(join(tmpdir(), "tokctl-test-"));
  const [home, bin, temporary] = [join(folder, "home"), join(folder, "bin"), join(folder, "tmp")];
  for (const each of [home, bin, temporary]) await mkdir(each);
  await symlink(program, join(bin, "tokctl"));
  const path = [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const env = { PATH: path, HOME: home, TMPDIR: temporary, TERM: "xterm-256color" };
  return {
    folder,
    temporary,
    env,
    freshEnv: async () => ({
      ...env,
      TOKCTL_CONFIG_DIR: await mkdtemp(join(folder, "config-")),
    }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * Serves the emulated API on a real socket in this process, which starts faster than `sandbox
 * serve`.
 * @param hold Delays a request until the promise settles.
 */
export async function serveSandbox(hold: (request: Request) => Promise<unknown> = async () => {}) {
  const sandbox = createSandbox({
    now: () => new Date(),
    randomBytes: (size) => randomBytes(size),
  });
  const held: typeof sandbox.fetch = async (request, ...more) => {
    await hold(request);
    return sandbox.fetch(request, ...more);
  };
  const { url, close } = await listen({ fetch: held }, { host: "127.0.0.1", port: 0 });
  const env: Environment = sandbox.apis.find(({ id }) => id === "ovh-ai")?.environment(url) ?? {};
  const request = (method: string, path: string, body?: unknown) =>
    fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${env["TOKCTL_APP_TOKEN"]}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    env,
    url,
    close,
    logins: sandbox.logins,
    project: sandbox.apis.find(({ id }) => id === "ovh-cloud")?.environment(url)["TOKCTL_PROJECT"],
    /** Creates a token and returns its id. */
    async add(name: string): Promise<string> {
      const reply = await request("POST", "/v1/token", { name, role: "ai_training_read" });
      return ((await reply.json()) as { readonly id: string }).id;
    },
    /**
     * Returns the version of a token, which a renewal increments, or undefined if the token does
     * not exist.
     */
    async version(id: string): Promise<number | undefined> {
      const reply = await request("GET", `/v1/token/${id}`);
      if (reply.status === 404) return undefined;
      return ((await reply.json()) as { readonly status: { version: number } }).status.version;
    },
  };
}

/** Starts a sandbox for a test file and returns its environment variables. */
export function useSandbox(): () => Environment {
  let env: Environment = {};
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const [sandbox, surroundings] = await Promise.all([serveSandbox(), createSurroundings()]);
    closing.push(sandbox.close, surroundings.remove);
    env = { ...surroundings.env, ...sandbox.env };
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });
  return () => env;
}

export type ServedSandbox = Awaited<ReturnType<typeof serveSandbox>>;

/** Starts a server without tokens that never responds to requests with one method. */
export async function serveSilence(method = "") {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (request) => {
      if (String(request).startsWith(method)) server.emit("asked");
      else socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${noTokens.length}\r\n\r\n${noTokens}`);
    });
    onTestFinished(() => void socket.destroy());
  });
  const asked = once(server, "asked");
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const env: Environment = {
    TOKCTL_PROVIDER: "ovh-ai",
    TOKCTL_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    TOKCTL_APP_TOKEN: "a-token",
  };
  return { env, /** Resolves when a request is received. */ asked };
}

const noTokens = '{"items":[],"metadata":{"total":0}}';

/** Exit code or signal of a program. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Output of a program, with methods to wait for a pattern. */
class Transcript {
  text = "";
  #ended = false;
  #seen = 0;
  readonly #listeners = new Set<() => void>();

  append(text: string): void {
    this.text += text;
    for (const listener of this.#listeners) listener();
  }

  end(): void {
    this.#ended = true;
    for (const listener of this.#listeners) listener();
  }

  /** Resolves with the first match. Rejects if the program exits without one. */
  until(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#match(pattern, 0);
  }

  /** Waits for a match in the output after the previous match. */
  next(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#match(pattern, this.#seen);
  }

  #match(pattern: RegExp, start: number): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.text.slice(start));
        if (!match && !this.#ended) return;
        this.#listeners.delete(look);
        this.#seen = this.text.length;
        if (match) resolve(match);
        else reject(new Error(`It ended without printing ${pattern}, but:\n${this.text}`));
      };
      this.#listeners.add(look);
      look();
    });
  }
}

export interface StartOptions {
  readonly env: Environment;
  readonly cwd?: string;
  /** Content of stdin. If undefined, stdin stays open without data. */
  readonly stdin?: string;
}

/** Starts a program on pipes. It is killed at the end of the test. */
export function start(command: string, args: readonly string[], { env, cwd, stdin }: StartOptions) {
  const child = spawn(command, args, { env: { ...env }, ...(cwd !== undefined && { cwd }) });
  onTestFinished(() => void child.kill("SIGKILL"));
  // A program that exits without reading its stdin is not a failure.
  child.stdin.on("error", () => {});
  if (stdin !== undefined) child.stdin.end(stdin);
  const [stdout, stderr] = [new Transcript(), new Transcript()];
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout.append(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.append(text));
  return {
    stdout,
    stderr,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    ended: new Promise<Ending & { readonly stdout: string; readonly stderr: string }>(
      (resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code, signal) => {
          stdout.end();
          stderr.end();
          resolve({ code, signal, stdout: stdout.text, stderr: stderr.text });
        });
      },
    ),
  };
}

/** Starts `tokctl` on pipes. */
export function startTokctl(args: readonly string[], options: StartOptions) {
  const [command, ...words] = tokctl;
  return start(command, [...words, ...args], options);
}

/** Runs `tokctl` on pipes and waits for its exit. */
export const runTokctl = (args: readonly string[], options: StartOptions) =>
  startTokctl(args, options).ended;

/** Runs a shell command with `tokctl` on the PATH and waits for its exit. */
export const runShell = (script: string, options: StartOptions) =>
  start("sh", ["-c", script], options).ended;

/** Matches a terminal's output while the program waits for a line to be typed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the prompt is bold, and readline moves the cursor after it.
export const typedQuestion = /[?.:)\]](?:\x1b\[22m)? (?:\x1b\[\d+G)?$/;

/** Matches a terminal's output while the program waits for a choice from a list. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: readline moves the cursor after its prompt.
export const choiceQuestion = /Numbers?[^:\n]*:(?:\x1b\[22m)? (?:\x1b\[\d+G)?$/;

export interface TerminalOptions {
  readonly env: Environment;
  readonly columns?: number;
}

/** Printed by the shell at the end (ASCII record separator). */
const done = "\x1e";

/**
 * Runs shell commands at a pseudo-terminal, in a shell that ignores Ctrl-C. Output just before a
 * terminal closes can be lost, so the shell waits until all output has been read, unless the
 * commands use `exec`.
 */
export function openTerminal(script: string, { env, columns = 80 }: TerminalOptions) {
  const patient = `trap : INT
    ${script}
    code=$?; printf '\\036'
    until read -r answer && [ "$answer" = seen ]; do :; done
    exit $code`;
  const terminal = spawnAtTerminal("sh", ["-c", patient], {
    name: env["TERM"] ?? "xterm-256color",
    cols: columns,
    rows: 24,
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
  });
  const screen = new Transcript();
  let over = false;
  const ended = new Promise<{ readonly code: number; readonly screen: string }>((resolve) => {
    terminal.onExit(({ exitCode }) => {
      over = true;
      screen.end();
      resolve({ code: exitCode, screen: screen.text });
    });
  });
  terminal.onData((text) => {
    screen.append(text);
    if (text.includes(done)) terminal.write("\nseen\n");
  });
  onTestFailed(() => {
    process.stderr.write(`The terminal showed: ${JSON.stringify(screen.text)}\n`);
  });
  onTestFinished(() => {
    if (!over) terminal.kill("SIGKILL");
  });
  return {
    screen,
    ended,
    /** Types keys: "\r" is Enter, "\x03" is ^C. */
    type: (keys: string) => terminal.write(keys),
    kill: (signal: NodeJS.Signals) => terminal.kill(signal),
  };
}
