import { Writable } from "node:stream";
import type { CANCEL_SYMBOL, CommonOptions } from "@clack/prompts";
import { InterruptedError } from "../errors.ts";
import type { Host, Terminal } from "../host.ts";
import { safe } from "./safe.ts";

/** A terminal to ask at. Whoever leaves a question unanswered ends the run: InterruptedError. */
export interface Asking extends Pick<Host, "interrupt"> {
  readonly terminal: Terminal;
  readonly color: boolean;
}

/** What can be chosen, and how it is called. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
}

/**
 * Asks a yes-or-no question; "no" is the answer that Enter gives.
 * @throws InterruptedError unless the answer is yes.
 */
export async function confirm(asking: Asking, question: string): Promise<void> {
  const { confirm } = await import("@clack/prompts");
  const yes = await ask(asking, (common) =>
    confirm({ ...common, message: safe(question), initialValue: false }),
  );
  if (!yes) throw stopped(asking);
}

export async function choose<T>(
  asking: Asking,
  question: string,
  choices: readonly Choice<T>[],
): Promise<T> {
  const { select } = await import("@clack/prompts");
  const index = await ask(asking, (common) =>
    select({
      ...common,
      message: safe(question),
      options: choices.map(({ label }, value) => ({ value, label: safe(label) })),
    }),
  );
  const chosen = choices[index];
  if (!chosen) throw new Error("there was nothing to choose from");
  return chosen.value;
}

/** Asks for a line; what `check` says against it is shown, and it is asked for again. */
export async function askText(
  asking: Asking,
  question: string,
  { secret, check }: { readonly secret: boolean; check(text: string): string | undefined },
): Promise<string> {
  const { password, text } = await import("@clack/prompts");
  const prompt = secret ? password : text;
  return ask(asking, (common) =>
    prompt({ ...common, message: safe(question), validate: (line) => check(line ?? "") }),
  );
}

/** Shows what exists once, past the mask that lies over stderr. */
export const showSecret = ({ terminal: { output } }: Asking, secret: string): Promise<void> =>
  new Promise((resolve) => {
    output.write(`${safe(secret)}\n`, () => resolve());
  });

async function ask<T>(
  { terminal: { input, output }, color, interrupt }: Asking,
  prompt: (common: CommonOptions) => Promise<T | typeof CANCEL_SYMBOL>,
): Promise<T> {
  // ^D ends the reading of lines, and with it the last thing that would answer the question.
  const left = new AbortController();
  const leave = () => left.abort();
  const leaveAtEnd = (_: unknown, key: { ctrl?: boolean; name?: string }) => {
    if (key.ctrl && key.name === "d") leave();
  };
  input.once("end", leave).on("keypress", leaveAtEnd);
  interrupt.addEventListener("abort", leave, { once: true });
  const answer = await prompt({
    input,
    output: color ? output : withoutColors(output),
    signal: left.signal,
  });
  input.off("end", leave).off("keypress", leaveAtEnd);
  interrupt.removeEventListener("abort", leave);
  if (typeof answer === "symbol") throw stopped({ interrupt });
  return answer;
}

const stopped = ({ interrupt }: Pick<Asking, "interrupt">) =>
  new InterruptedError("Nothing was changed.", interrupt);

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
