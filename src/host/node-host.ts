import { createReadStream } from "node:fs";
import type { Fetch, Host, Keychain, Network, OutputStream } from "../host.ts";
import { findOutputFault, isFileOpen, writeWhole } from "./output-fault.ts";
import {
  detectRuntime,
  endingSignals,
  hasProgram,
  holdSignals,
  identifyProcess,
  isProcessRunning,
  selfCommand,
  withoutCredentials,
} from "./process.ts";

/** Returns the Host of a Node process. */
export function createNodeHost(process: NodeJS.Process): Host {
  const { env } = process;
  const interrupt = new AbortController();
  // Only once, so that a second ^C terminates the process.
  for (const signal of endingSignals) process.once(signal, () => interrupt.abort(signal));
  return {
    env,
    platform: process.platform,
    runtime: detectRuntime(process),
    get process() {
      return identifyProcess(process);
    },
    isRunning: (other) => isProcessRunning(other, process),
    async lookup(hostname) {
      const { lookup } = await import("node:dns/promises");
      return (await lookup(hostname, { all: true })).map(({ address }) => address);
    },
    // A getter, because creating the stream takes several milliseconds.
    get stdin() {
      return process.stdin;
    },
    stdout: Object.assign(
      toSink(() => process.stdout, 1),
      { findFault: () => findOutputFault(1) },
    ),
    stderr: toSink(() => process.stderr, 2),
    get terminal() {
      const { stdin: input } = process;
      if (!input.isTTY || !process.stderr.isTTY) return undefined;
      const suspend = () =>
        new Promise<void>((resolve) => {
          process.once("SIGCONT", () => resolve());
          process.kill(process.pid, "SIGTSTP");
        });
      return { input, output: process.stderr, suspend };
    },
    createFetch(network) {
      let fetch: Promise<Fetch> | undefined;
      return async (url, init) => {
        fetch ??= loadFetch(network);
        return (await fetch)(url, init);
      };
    },
    now: () => new Date(),
    deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
    interrupt: interrupt.signal,
    holdSignals: () => holdSignals(process),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    every(milliseconds, call) {
      const timer = setInterval(call, milliseconds).unref();
      return () => clearInterval(timer);
    },
    readFile: (path) => createReadStream(path),
    keychain: lazyKeychain(process),
    randomBytes: (size) => process.getBuiltinModule("node:crypto").randomBytes(size),
    async openUrl(url) {
      const { openUrl } = await import("./browser.ts");
      return openUrl(url, env["BROWSER"]);
    },
    async serveLoopback(answer) {
      const { serveLoopback } = await import("./browser.ts");
      return serveLoopback(answer);
    },
    hasProgram: (command) => hasProgram(command, env["PATH"], process.platform),
    async run(...child) {
      const { runChild } = await import("./run-child.ts");
      return runChild(process, interrupt.signal, ...child);
    },
    async pipe(line, input, variables) {
      const { pipeToShell: pipe } = await import("./shell-command.ts");
      return pipe({ ...withoutCredentials(env), ...variables }, interrupt.signal, line, input);
    },
    async exec(command, input) {
      const { runWithInput } = await import("./shell-command.ts");
      return runWithInput(withoutCredentials(env), interrupt.signal, command, input);
    },
    async page(command, text) {
      const { runPager } = await import("./shell-command.ts");
      return runPager(process, command, text);
    },
    async spawnSelf(args) {
      const { spawn } = await import("node:child_process");
      const [command, ...words] = selfCommand(process);
      const child = spawn(command, [...words, ...args], {
        detached: true,
        stdio: "ignore",
        windowsHide: true,
      });
      child.on("error", () => {}).unref();
    },
  };
}

async function loadFetch(network: Network): Promise<Fetch> {
  const { createFetch, v8Tuning } = await import("../http/transport/undici.ts");
  return createFetch(network, v8Tuning);
}

function lazyKeychain(process: NodeJS.Process): Keychain {
  const load = async () => {
    const { createKeychain } = await import("./keychain.ts");
    return createKeychain(process);
  };
  return {
    get: async (...args) => (await load()).get(...args),
    set: async (...args) => (await load()).set(...args),
    delete: async (...args) => (await load()).delete(...args),
  };
}

function toSink(open: () => NodeJS.WriteStream, fd: number): OutputStream {
  let opened: NodeJS.WriteStream | undefined;
  let isFile: boolean | undefined;
  // Without a listener, EPIPE would end the process with a stack trace.
  const stream = () => {
    opened ??= open().on("error", () => {});
    return opened;
  };
  return {
    get isTTY() {
      return stream().isTTY;
    },
    get columns() {
      return stream().columns;
    },
    get rows() {
      return stream().rows;
    },
    async write(text) {
      isFile ??= isFileOpen(fd);
      if (isFile) return writeWhole(fd, text);
      return new Promise((resolve, reject) => {
        stream().write(text, (error) => (error ? reject(error) : resolve()));
      });
    },
  };
}
