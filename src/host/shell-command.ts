import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { InterruptedError } from "../errors.ts";
import type { ExecResult, Host, PipeResult } from "../host.ts";
import { withoutCredentials } from "./process.ts";

/** Exit codes of a shell for a program that it can't find or start. */
const notStarted = [126, 127];

/**
 * Shows a text in a pager: see `Host.page`.
 * @returns false if the pager can't be started; then nothing was shown.
 */
export async function runPager(
  process: NodeJS.Process,
  command: string,
  text: Iterable<string>,
): Promise<boolean> {
  const pager = spawn(command, {
    shell: true,
    stdio: ["pipe", "inherit", "inherit"],
    // As git and gh do: less exits if the text fits, shows colors, and keeps the screen.
    env: { LESS: "FRX", LV: "-c", ...withoutCredentials(process.env) },
  });
  const exited = once(pager, "exit") as Promise<[code: number | null]>;
  // The pager handles ^C, which the terminal sends to both processes.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  try {
    // A user who quits the pager has read enough: the rest is not written.
    pager.stdin.on("error", () => {});
    for (const piece of text) {
      if (!pager.stdin.writable) break;
      if (!pager.stdin.write(piece)) await Promise.race([once(pager.stdin, "drain"), exited]);
    }
    pager.stdin.end();
    const [code] = await exited;
    return !notStarted.includes(code ?? 0);
  } catch {
    return false;
  } finally {
    process.off("SIGINT", ignore);
  }
}

/** Characters of output that are kept. */
const maxOutput = 4096;

/** Milliseconds to read the remaining output after the command has exited. */
const drainMs = 200;

/** Milliseconds within which this process gets the ^C that ended the command. */
const interruptMs = 200;

/** Runs a shell command with a text on its stdin: see `Host.pipe`. */
export async function pipeToShell(
  env: Host["env"],
  interrupt: AbortSignal,
  line: string,
  input: string,
): Promise<PipeResult> {
  let output = "";
  let isCut = false;
  const code = await exchange(
    () => spawn(line, { shell: true, env, windowsHide: true }),
    interrupt,
    input,
    (text) => {
      isCut ||= output.length + text.length > maxOutput;
      output = (output + text).slice(-maxOutput);
    },
  );
  // A partial line can start with a part of the secret, which would not be masked.
  return { code, output: isCut ? output.replace(/^.*\n?/, "") : output };
}

/** Runs a program with a text on its stdin: see `Host.exec`. */
export async function runWithInput(
  env: Host["env"],
  interrupt: AbortSignal,
  [program, ...args]: readonly [string, ...string[]],
  input: string,
): Promise<ExecResult> {
  const output = { stdout: "", stderr: "" };
  const code = await exchange(
    () => spawn(program, args, { env, windowsHide: true }),
    interrupt,
    input,
    (text, name) => {
      output[name] += text;
    },
  );
  return { code, ...output };
}

/**
 * Starts a child, writes its input and reads its output until it ends.
 * @returns its exit code, or 128+n if signal n ended it.
 * @throws InterruptedError; the system's error if it can't be started.
 */
const exchange = (
  start: () => ChildProcessWithoutNullStreams,
  interrupt: AbortSignal,
  input: string,
  onOutput: (text: string, name: "stdout" | "stderr") => void,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const stopped = () => reject(new InterruptedError("The command was interrupted.", interrupt));
    if (interrupt.aborted) return stopped();
    const child = start();
    const stop = () => {
      child.kill();
      closePipes();
      stopped();
    };
    // A background process of the command can keep the pipes open.
    const closePipes = () => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    };
    interrupt.addEventListener("abort", stop, { once: true });
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => onOutput(text, name));
    // The command may exit without reading all of its input; its exit code decides.
    child.stdin.on("error", () => {}).end(input);
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      interrupt.removeEventListener("abort", stop);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    };
    child.once("error", reject).once("exit", (code, signal) => {
      const drained = setTimeout(closePipes, drainMs);
      child.once("close", () => {
        clearTimeout(drained);
        // A terminal sends ^C to the command too, which can exit before this process gets the signal.
        setTimeout(finish, signal === "SIGINT" ? interruptMs : 0, code, signal);
      });
    });
  });
