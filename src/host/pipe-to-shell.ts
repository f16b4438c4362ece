import { spawn } from "node:child_process";
import { constants } from "node:os";
import { InterruptedError } from "../errors.ts";
import type { Host, PipeResult } from "./host.ts";

/** Characters of output that are kept. */
const maxOutput = 4096;

/** Milliseconds to read the remaining output after the command has exited. */
const drainMs = 200;

/** Milliseconds within which this process gets the ^C that ended the command. */
const interruptMs = 200;

/** Runs a shell command with a text on its stdin: see `Host.pipe`. */
export const pipeToShell = (
  env: Host["env"],
  interrupt: AbortSignal,
  line: string,
  input: string,
): Promise<PipeResult> =>
  new Promise((resolve, reject) => {
    const stopped = () => reject(new InterruptedError("The command was interrupted.", interrupt));
    if (interrupt.aborted) return stopped();
    const child = spawn(line, { shell: true, env, windowsHide: true });
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
    let output = "";
    let isCut = false;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        isCut ||= output.length + text.length > maxOutput;
        output = (output + text).slice(-maxOutput);
      });
    // The command may exit without reading all of its input; its exit code decides.
    child.stdin.on("error", () => {}).end(input);
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      interrupt.removeEventListener("abort", stop);
      resolve({
        code: code ?? 128 + (signal ? constants.signals[signal] : 0),
        // A partial line can start with a part of the secret, which would not be masked.
        output: isCut ? output.replace(/^.*\n?/, "") : output,
      });
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
