import { createHash } from "node:crypto";
import { appendFileSync, createReadStream } from "node:fs";
import { describeCommands } from "../../src/cli/describe-commands.ts";
import { commandList } from "../../src/commands/index.ts";
import { printCompletions } from "../../src/complete.ts";
import type { CommandTree } from "../../src/completion/tree.ts";
import { serveLoopback } from "../../src/host/browser.ts";
import { pipeToShell, runWithInput } from "../../src/host/shell-command.ts";
import type { FetchInit, Host, InputStream, Keychain, OutputStream } from "../../src/host.ts";
import { main } from "../../src/main.ts";
import { createSandbox } from "../../src/sandbox/app.ts";
import { createSigningKeys } from "../../src/sandbox/jwt-signer.ts";
import type { SandboxSettings } from "../../src/sandbox/settings.ts";
import { errorOf } from "./error-of.ts";
import type { Outcome, RunOptions } from "./outcome.ts";

/** Command tree, shared by all worlds of a test file. */
let tree: CommandTree | undefined;

/** Key pair, shared by all worlds of a test file, since creating it is slow. */
let signingKeys: ReturnType<typeof createSigningKeys> | undefined;

const origin = "http://127.0.0.1:8787";

/** Numbers the worlds, so that secrets differ between them: a repeated secret would be masked. */
let worlds = 0;

/**
 * Returns a world that runs the whole program in process, with a fixed clock and without sockets,
 * against a sandbox or the `fetch` of a run.
 * @param name Seed of ids and secrets, which are then independent of previous tests.
 */
export function createWorld(api = "ovh-ai", settings: SandboxSettings = {}, name?: string) {
  let time = Date.parse("2026-11-23T12:00:00Z");
  const world = name ?? ++worlds;
  let seed = 0;
  const surroundings = {
    createSigningKeys: async () => {
      signingKeys ??= createSigningKeys();
      return signingKeys;
    },
    now: () => new Date(time),
    randomBytes: (size: number) => pseudoRandom(`${world}.${++seed}`, size),
    sleep: async (milliseconds: number) => {
      time += milliseconds;
    },
  };
  const sandbox = createSandbox(surroundings, settings);
  const emulated = sandbox.apis.find(({ id }) => id === api);
  if (!emulated) throw new Error(`the sandbox has no ${api}`);
  const environment = emulated.environment(origin);
  const entries = new Map<string, string>();
  const requests: (FetchInit & { readonly url: string })[] = [];
  const started: (readonly string[])[] = [];

  function createHost(options: RunOptions) {
    const output = { stdout: "", stderr: "" };
    const sink = (name: keyof typeof output): OutputStream => ({
      write: async (text) => {
        output[name] += text;
      },
    });
    const host: Host = {
      env: { ...environment, ...options.env },
      stdin: typeof options.stdin === "object" ? options.stdin : text(options.stdin ?? ""),
      stdout: { ...sink("stdout"), ...options.stdout },
      stderr: { ...sink("stderr"), ...options.stderr },
      terminal: options.terminal,
      createFetch: (network) => {
        const fetch = options.createFetch?.(network) ?? options.fetch ?? sandbox.request;
        return (url, init) => {
          requests.push({ ...init, url });
          return fetch(url, init);
        };
      },
      platform: "linux",
      runtime: { name: "Node", version: "v20.19.0", ...options.runtime },
      process: options.process ?? { id: 1234, machine: "here" },
      isRunning: options.isRunning ?? (() => false),
      lookup: options.lookup ?? (async () => ["192.0.2.1"]),
      now: surroundings.now,
      deadline: options.deadline ?? (() => new AbortController().signal),
      interrupt: options.interrupt ?? new AbortController().signal,
      readFile: (path) => createReadStream(path),
      sleep: async (milliseconds) => {
        options.sleep?.(milliseconds);
        time += milliseconds;
      },
      every: options.every ?? (() => () => {}),
      keychain: options.keychain ?? createKeychain(entries),
      randomBytes: surroundings.randomBytes,
      holdSignals: () => () => {},
      hasProgram: options.hasProgram ?? (() => true),
      run: options.runProgram ?? (async () => 0),
      page: options.page ?? (async () => false),
      openUrl: options.openUrl ?? (async () => false),
      serveLoopback,
      pipe: (line, input, variables) =>
        pipeToShell({ ...process.env, ...host.env, ...variables }, host.interrupt, line, input),
      exec: (command, input) =>
        options.exec?.(command, input) ??
        runWithInput({ ...process.env, ...host.env }, host.interrupt, command, input),
      spawnSelf: async (args) => {
        started.push(args);
      },
    };
    return { host, output };
  }

  async function run(line: string | readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const args = typeof line === "string" ? line.split(" ").filter(Boolean) : line;
    if (process.env["TOKCTL_PROGRAM"]) {
      const { runStandalone } = await import("./standalone.ts");
      const outcome = await runStandalone(args, environment, options);
      if (outcome) return outcome;
    }
    const { host, output } = createHost(options);
    const outcome = { code: await main(args, host), ...output };
    collectError(outcome);
    return outcome;
  }

  return {
    run,
    /** Runs with `-o json`, expects success, and returns the parsed output. */
    async json(line: string | readonly string[], options?: RunOptions) {
      const args = typeof line === "string" ? line.split(" ").filter(Boolean) : line;
      const { code, stdout, stderr } = await run([...args, "-o", "json"], options);
      if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
    /**
     * Completes a command line without `tokctl `. Returns the completions for fish, with a tab
     * before the description.
     */
    async complete(line: string | readonly string[], options: RunOptions = {}) {
      const { host, output } = createHost(options);
      tree ??= await describeCommands(host, commandList);
      const words = typeof line === "string" ? line.split(" ") : line;
      const sent = requests.length;
      const code = await printCompletions(["fish", ...words], host, tree);
      if (code !== 0 || output.stderr !== "" || requests.length > sent)
        throw new Error(
          `TAB ended with ${code}, sent ${requests.length - sent} requests, and said ${output.stderr}`,
        );
      const [kind, ...lines] = output.stdout.split("\n").slice(0, -1);
      return kind === "words" || kind === "unfinished" ? lines : [kind];
    },
    /** All requests, in order. */
    requests,
    /** Background processes that were started. */
    started,
    environment,
    origin,
    sandbox,
    /** Entries of the keychain. */
    entries,
    now: surroundings.now,
    /** Advances the clock. */
    advance(milliseconds: number) {
      time += milliseconds;
    },
  };
}

/**
 * Appends the error of a failed run to the file TOKCTL_COLLECT_ERRORS, as a line of JSON, for
 * docs/reference/errors.md.
 */
function collectError({ code, stderr }: Outcome) {
  const file = process.env["TOKCTL_COLLECT_ERRORS"];
  if (file && code !== 0 && /error(?:\[|":)/.test(stderr))
    appendFileSync(file, `${JSON.stringify(errorOf({ stderr }))}\n`);
}

export type World = ReturnType<typeof createWorld>;

/** Returns bytes that differ in each call and are the same in every test run. */
function pseudoRandom(seed: string, size: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, i) =>
    createHash("sha256").update(`${seed}.${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, size);
}

const text = (content: string): InputStream => ({
  async *[Symbol.asyncIterator]() {
    if (content !== "") yield Buffer.from(content);
  },
});

/** Returns a keychain that works. */
const createKeychain = (entries: Map<string, string>): Keychain => ({
  get: async (entry) => entries.get(entry),
  set: async (entry, secret) => void entries.set(entry, secret),
  delete: async (entry) => entries.delete(entry),
});
