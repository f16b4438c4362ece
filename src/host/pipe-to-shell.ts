import { spawn } from "node:child_process";
import { constants } from "node:os";
import { InterruptedError } from "../errors.ts";
import type { Host, PipeResult } from "./host.ts";

/** How much of what a command says is kept, in characters. */
const kept = 4096;

/** How long output that is still in the pipe is read after the command has ended, in milliseconds. */
const drainMs = 200;

/** How long after a command that ^C ended our own signal may come, in milliseconds. */
const interruptMs = 200;

/** Runs a line of shell on a text: see `Host.pipe`. */
export const pipeToShell = (
  env: Host["env"],
  interrupt: AbortSignal,
  line: string,
  input: string,
): Promise<PipeResult> =>
  new Promise((resolve, reject) => {
    const stopped = () => reject(new InterruptedError("the command was stopped.", interrupt));
    if (interrupt.aborted) return stopped();
    const child = spawn(line, { shell: true, env, windowsHide: true });
    const stop = () => {
      child.kill();
      letGo();
      stopped();
    };
    // A process that the command left running may hold its pipes, and must not hold us.
    const letGo = () => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    };
    interrupt.addEventListener("abort", stop, { once: true });
    let output = "";
    let isCut = false;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        isCut ||= output.length + text.length > kept;
        output = (output + text).slice(-kept);
      });
    // Whether it read all of its input is its own affair: its exit code tells.
    child.stdin.on("error", () => {}).end(input);
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      interrupt.removeEventListener("abort", stop);
      resolve({
        code: code ?? 128 + (signal ? constants.signals[signal] : 0),
        // Half a line may begin with half a secret, which nobody would know for one.
        output: isCut ? output.replace(/^.*\n?/, "") : output,
      });
    };
    child.once("error", reject).once("exit", (code, signal) => {
      const drained = setTimeout(letGo, drainMs);
      child.once("close", () => {
        clearTimeout(drained);
        // ^C at a terminal reaches the command too, whose end we may hear of before we hear of that.
        setTimeout(finish, signal === "SIGINT" ? interruptMs : 0, code, signal);
      });
    });
  });
