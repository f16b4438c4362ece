import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { CANCEL_SYMBOL, CommonOptions } from "@clack/prompts";
import stringWidth from "fast-string-width";
import type { Choice, TextLines } from "../core/message.ts";
import { InterruptedError } from "../errors.ts";
import type { Host, Terminal } from "../host.ts";
import { escapeControls, escapeLines } from "./escape.ts";
import { createStrokeReader, type Key, openKeys } from "./keys.ts";
import { wrapWords } from "./wrap.ts";

/** The terminal for questions. Every question throws an InterruptedError if it is canceled. */
export interface PromptContext extends Pick<Host, "interrupt"> {
  readonly terminal: Terminal;
  readonly color: boolean;
  /** The terminal does not support escape sequences (TERM=dumb). */
  readonly isDumb: boolean;
}

/**
 * Asks a yes-or-no question; Enter means no.
 * @throws InterruptedError unless the answer is yes.
 */
export async function confirm(asking: PromptContext, question: string): Promise<void> {
  for (;;) {
    const answer = (await readLine(asking, `${question} [y/N]`)).trim();
    if (/^y(es)?$/i.test(answer)) return;
    if (/^(no?)?$/i.test(answer)) throw canceled(asking);
    asking.terminal.output.write("Answer y or n.\n");
  }
}

/** Asks for one of several choices; Enter selects the first. */
export async function choose<T>(
  asking: PromptContext,
  question: string,
  choices: readonly Choice<T>[],
): Promise<T> {
  if (asking.isDumb) return (await chooseByNumber(asking, question, choices, 1))[0] as T;
  const { select } = await import("@clack/prompts");
  const index = await draw(asking, (common) =>
    select({ ...common, message: escapeControls(question), options: toOptions(choices) }),
  );
  return valueAt(choices, index);
}

/** Asks for at least one of several choices. */
export async function chooseSeveral<T>(
  asking: PromptContext,
  question: string,
  choices: readonly Choice<T>[],
): Promise<readonly T[]> {
  if (asking.isDumb) return chooseByNumber(asking, question, choices, choices.length);
  const { multiselect } = await import("@clack/prompts");
  const message = `${escapeControls(question)} (Space selects, Enter submits)`;
  const indices = await draw(asking, (common) =>
    multiselect({ ...common, message, required: true, options: toOptions(choices) }),
  );
  return indices.map((index) => valueAt(choices, index));
}

const toOptions = (choices: readonly Choice<unknown>[]) =>
  choices.map(({ label }, value) => ({ value, label: escapeControls(label) }));

function valueAt<T>(choices: readonly Choice<T>[], index: number): T {
  const chosen = choices[index];
  if (!chosen) throw new Error("there are no choices");
  return chosen.value;
}

/** Asks for the numbers of choices, on a terminal without escape sequences. */
async function chooseByNumber<T>(
  asking: PromptContext,
  question: string,
  choices: readonly Choice<T>[],
  most: number,
): Promise<readonly T[]> {
  const { output } = asking.terminal;
  output.write(`${escapeControls(question)}\n`);
  for (const [i, { label }] of choices.entries())
    output.write(`  ${i + 1}. ${escapeControls(label)}\n`);
  const prompt = most === 1 ? "Number [1]:" : "Numbers, separated by commas [1]:";
  for (;;) {
    const numbers = (await readLine(asking, prompt)).split(/[\s,]+/).filter(Boolean);
    const wanted = new Set(numbers.length > 0 ? numbers.map(Number) : [1]);
    if (wanted.size <= most && [...wanted].every((number) => choices[number - 1] !== undefined))
      return [...wanted].map((number) => valueAt(choices, number - 1));
    output.write(`Enter ${most === 1 ? "a number" : "numbers"} from 1 to ${choices.length}.\n`);
  }
}

/** Asks for a line. Shows the problem that `check` returns, and asks again. */
export async function askText(
  asking: PromptContext,
  question: string,
  { secret, check }: { readonly secret: boolean; check(text: string): TextLines | undefined },
): Promise<string> {
  const prompt = `${question}${secret ? " (input is hidden)" : ""}${/[?.:]$/.test(question) && !secret ? "" : ":"}`;
  for (;;) {
    const line = await readLine(asking, prompt, secret);
    const problem = check(line);
    if (problem === undefined) return line;
    asking.terminal.output.write(`${escapeLines(problem)}\n`);
  }
}

/** Prints a secret to the terminal, without the masking of stderr. */
export const showSecret = (
  { terminal: { output } }: PromptContext,
  secret: string,
): Promise<void> =>
  new Promise((resolve) => {
    output.write(`${escapeControls(secret)}\n`, () => resolve());
  });

/** Reads one line after a question, which is wrapped between words. */
function readLine(asking: PromptContext, question: string, hidden = false): Promise<string> {
  const { columns } = asking.terminal.output as Partial<NodeJS.WriteStream>;
  const lines = [...wrapWords(escapeControls(question), (columns || 80) - 1)];
  const last = `${lines.pop()} `;
  const prompt = { lead: lines.map((line) => `${line}\n`).join(""), last };
  return hidden || asking.isDumb
    ? readSimpleLine(asking, prompt, !hidden)
    : readEditableLine(asking, prompt);
}

/** The lines of a question; the answer is typed after the last one. */
interface Prompt {
  readonly lead: string;
  readonly last: string;
}

/** Reads a line with the editing keys of Node's readline. */
function readEditableLine(
  { terminal, interrupt }: PromptContext,
  { lead, last }: Prompt,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { output } = terminal;
    const keys = openKeys(terminal, () => reader.prompt(true), { takesText: true });
    const reader = createInterface({
      input: keys.input,
      output,
      terminal: true,
      historySize: 0,
      prompt: last,
    });
    let answer: string | undefined;
    const leave = () => reader.close();
    interrupt.addEventListener("abort", leave, { once: true });
    reader
      .once("line", (line) => {
        answer = line;
        leave();
      })
      .once("SIGINT", leave)
      .once("close", () => {
        interrupt.removeEventListener("abort", leave);
        keys.close();
        if (answer !== undefined) return resolve(answer);
        output.write("\n");
        reject(canceled({ interrupt }));
      });
    // Written after raw mode is on, or the terminal would echo the answer a second time.
    output.write(lead);
    reader.prompt();
  });
}

/** Reads a line that can be edited only at its end: hidden input, or a terminal without escape sequences. */
function readSimpleLine(
  { terminal, interrupt }: PromptContext,
  { lead, last }: Prompt,
  echoes: boolean,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { output } = terminal;
    const characters: string[] = [];
    const redraw = () => {
      output.write(`${last}${echoes ? characters.join("") : ""}`);
    };
    const keys = openKeys(terminal, redraw, { takesText: true });
    const read = createStrokeReader();
    let isOver = false;
    function end(settle: () => void): void {
      isOver = true;
      interrupt.removeEventListener("abort", leave);
      keys.input.off("data", take).off("end", leave);
      keys.close();
      output.write("\n");
      settle();
    }
    const leave = () => end(() => reject(canceled({ interrupt })));
    function erase(count: number): void {
      const erased = characters.splice(characters.length - count);
      const width = stringWidth(erased.join(""));
      if (echoes) output.write("\b".repeat(width) + " ".repeat(width) + "\b".repeat(width));
    }
    const actions: Readonly<Record<Key, () => unknown>> = {
      submit: () => end(() => resolve(characters.join(""))),
      interrupt: leave,
      end: () => characters.length === 0 && leave(),
      erase: () => erase(Math.min(1, characters.length)),
      "erase-word": () => erase(/\S*\s*$/.exec(characters.join(""))?.[0].length ?? 0),
      "erase-line": () => erase(characters.length),
    };
    function take(chunk: Buffer): void {
      const strokes = read(chunk);
      const last = strokes.findLastIndex((stroke) => "text" in stroke);
      for (const [i, stroke] of strokes.entries()) {
        // Text after the line end does not belong to this answer.
        if (isOver) break;
        // A secret that is pasted may be wrapped over several lines.
        if (!echoes && "key" in stroke && stroke.key === "submit" && i < last)
          characters.push("\n");
        else if ("key" in stroke) void actions[stroke.key]();
        else {
          characters.push(stroke.text);
          if (echoes) output.write(stroke.text);
        }
      }
    }
    interrupt.addEventListener("abort", leave, { once: true });
    keys.input.on("data", take).on("end", leave);
    keys.setRawMode(true);
    output.write(`${lead}${last}`);
  });
}

/** Asks a question with the prompt library. */
async function draw<T>(
  { terminal, color, interrupt }: PromptContext,
  prompt: (common: CommonOptions) => Promise<T | typeof CANCEL_SYMBOL>,
): Promise<T> {
  // After ^D no more keys arrive, so the question is aborted.
  const left = new AbortController();
  const leave = () => left.abort();
  const leaveAtEnd = (_: unknown, key: { ctrl?: boolean; name?: string }) => {
    if (key.ctrl && key.name === "d") leave();
  };
  const { output } = terminal;
  const redraw = () => {
    output.write(cursorHidden);
  };
  // The library has letters as shortcuts: "a" would select all choices.
  const { input, close } = openKeys(terminal, redraw, { takesText: false });
  input.once("end", leave).on("keypress", leaveAtEnd);
  interrupt.addEventListener("abort", leave, { once: true });
  const answer = await prompt({
    input,
    output: toPromptOutput(output, color),
    signal: left.signal,
  });
  interrupt.removeEventListener("abort", leave);
  close();
  if (typeof answer === "symbol") throw canceled({ interrupt });
  return answer;
}

const canceled = ({ interrupt }: Pick<PromptContext, "interrupt">) =>
  new InterruptedError("Nothing was changed.", interrupt);

/** Hides the cursor, as the library does during a question (DECTCEM). */
const cursorHidden = "\x1b[?25l";

/** SGR sequences (ECMA-48 §8.3.117). */
const colors = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, "g");

/**
 * Returns an output for the library without colors if unwanted, and with a size: the library ignores
 * --no-color, and wraps after each character on a pseudo-terminal with 0 columns.
 */
function toPromptOutput(output: Terminal["output"], color: boolean): Writable {
  const { columns, rows } = output as Partial<NodeJS.WriteStream>;
  if (color && columns && rows) return output as Writable;
  const canvas = new Writable({
    write: (chunk, _encoding, done) => {
      output.write(color ? chunk : String(chunk).replace(colors, ""), done);
    },
  });
  return Object.assign(canvas, { columns: columns || 80, rows: rows || 24 });
}
