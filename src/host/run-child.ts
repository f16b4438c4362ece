import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { isatty } from "node:tty";
import { singleQuote } from "../core/quoting.ts";
import { describeSystemError, systemCodeOf } from "../core/system-errors.ts";
import { UsageError } from "../errors.ts";
import type { ChildOptions } from "../host.ts";
import { selfCommand } from "./process.ts";

/** The signals that are forwarded to the child. */
const forwardedSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/**
 * Runs a program: see `Host.run`.
 * @throws UsageError if it can't be started
 */
export async function runChild(
  process: NodeJS.Process,
  interrupt: AbortSignal,
  command: string,
  args: readonly string[],
  { env, prepareHome }: ChildOptions,
): Promise<number> {
  if (!prepareHome) return startChild(process, interrupt, command, args, env);
  const folder = await makeLauncher(process);
  try {
    const directories = isolatedDirectories(folder);
    await prepareHome(directories.TOKCTL_CONFIG_DIR);
    const path = [folder, env["PATH"]].filter(Boolean).join(delimiter);
    const isolated = { ...env, ...directories, PATH: path };
    return await startChild(process, interrupt, command, args, isolated);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function startChild(
  process: NodeJS.Process,
  interrupt: AbortSignal,
  command: string,
  args: readonly string[],
  env: ChildOptions["env"],
): Promise<number> {
  try {
    const child = spawn(command, args, { stdio: "inherit", env });
    return await waitForExit(process, interrupt, child);
  } catch (error) {
    const code = systemCodeOf(error);
    throw new UsageError(
      `${command}: ${code === "ENOENT" ? "command not found" : describeSystemError(code || "unknown reason")}.`,
      { hint: "Check the name of the program and the PATH.", cause: error },
    );
  }
}

/** Forwards signals to a child until it exits. @returns its exit code, or 128+n for signal n */
async function waitForExit(
  process: NodeJS.Process,
  interrupt: AbortSignal,
  child: ChildProcess,
): Promise<number> {
  const stop = forwardSignals(process, interrupt, child);
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal ? constants.signals[signal] : 0);
  } finally {
    stop();
  }
}

/**
 * Returns environment variables with new directories for the files of tokctl and of the platforms' own
 * tools, so that the child does not change those of the user.
 */
function isolatedDirectories(folder: string) {
  const home = join(folder, "home");
  const below = (...names: readonly string[]) => join(home, ...names);
  return {
    TOKCTL_CONFIG_DIR: join(folder, "config"),
    TOKCTL_STATE_DIR: join(folder, "state"),
    TOKCTL_CACHE_DIR: join(folder, "cache"),
    HOME: home,
    XDG_CONFIG_HOME: below(".config"),
    XDG_STATE_HOME: below(".local", "state"),
    XDG_CACHE_HOME: below(".cache"),
    XDG_DATA_HOME: below(".local", "share"),
    USERPROFILE: home,
    APPDATA: below("AppData", "Roaming"),
    LOCALAPPDATA: below("AppData", "Local"),
  };
}

/** Forwards signals to a child. @returns a function that stops it */
function forwardSignals(
  process: NodeJS.Process,
  interrupt: AbortSignal,
  child: ChildProcess,
): () => void {
  const atTerminal = [0, 1, 2].some(isatty);
  const stops = forwardedSignals.map((signal) => {
    // A terminal sends ^C and ^\ to the child as well; it must not get them twice.
    const fromTerminal = atTerminal && (signal === "SIGINT" || signal === "SIGQUIT");
    const listener = () => void (fromTerminal || child.kill(signal));
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  // The signal arrived before the listeners were added.
  if (interrupt.aborted) child.kill(interrupt.reason);
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * Creates a directory with a home directory, and with a `tokctl` script, so that the child runs this
 * version with this Node.
 */
async function makeLauncher(process: NodeJS.Process): Promise<string> {
  const quoted = selfCommand(process).map(singleQuote);
  try {
    const folder = await mkdtemp(join(tmpdir(), "tokctl-"));
    const path = join(folder, "tokctl");
    await writeFile(path, `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`);
    await chmod(path, 0o755);
    await mkdir(join(folder, "home"), { mode: 0o700 });
    return folder;
  } catch (error) {
    throw new UsageError(
      `Cannot create a temporary directory in ${tmpdir()} (${systemCodeOf(error) || "unknown reason"}).`,
      {
        hint: "Set TMPDIR to a writable directory.",
        cause: error,
      },
    );
  }
}
