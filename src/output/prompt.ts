import { Writable } from "node:stream";
import { InterruptedError } from "../errors.ts";
import type { Host, Terminal } from "../host.ts";
import { safe } from "./safe.ts";

/**
 * Asks a yes-or-no question at the terminal; "no" is the answer that Enter gives.
 * @throws InterruptedError unless the answer is yes.
 */
export async function confirm(
  { input, output }: Terminal,
  question: string,
  { color, interrupt }: { readonly color: boolean } & Pick<Host, "interrupt">,
): Promise<void> {
  const clack = await import("@clack/prompts");
  // ^D ends the reading of lines, and with it the last thing that would answer the question.
  const left = new AbortController();
  const leave = () => left.abort();
  const leaveAtEnd = (_: unknown, key: { ctrl?: boolean; name?: string }) => {
    if (key.ctrl && key.name === "d") leave();
  };
  input.once("end", leave).on("keypress", leaveAtEnd);
  const answer = await clack.confirm({
    message: safe(question),
    initialValue: false,
    input,
    output: color ? output : withoutColors(output),
    signal: AbortSignal.any([interrupt, left.signal]),
  });
  input.off("end", leave).off("keypress", leaveAtEnd);
  if (answer !== true) throw new InterruptedError("Nothing was changed.", interrupt);
}

/** SGR sequences (ECMA-48 §8.3.117). */
const colors = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, "g");

/** The prompts colour what they write by the environment alone. */
function withoutColors(output: Terminal["output"]): Writable {
  const { columns, rows } = output as Partial<NodeJS.WriteStream>;
  const plain = new Writable({
    write: (chunk, _encoding, done) => {
      output.write(String(chunk).replace(colors, ""), done);
    },
  });
  return Object.assign(plain, { columns, rows });
}
