import { createInterface } from "node:readline";
import stringWidth from "fast-string-width";
import type { Choice, TextLines } from "../core/message.ts";
import { CanceledError } from "../errors.ts";
import type { Host, Terminal } from "../host.ts";
import { escapeControls, escapeLines } from "./escape.ts";
import { createStrokeReader, type Key, openKeys } from "./keys.ts";
import type { Style } from "./style.ts";
import { wrapHanging, wrapWords } from "./wrap.ts";

/** The terminal for questions. Every question throws a CanceledError if it is canceled. */
export interface PromptContext extends Pick<Host, "interrupt"> {
  readonly terminal: Terminal;
  readonly style: Style;
  /** The terminal does not support escape sequences (TERM=dumb). */
  readonly isDumb: boolean;
}

/**
 * Asks a yes-or-no question; Enter means no.
 * @throws CanceledError unless the answer is yes.
 */
export async function confirm(asking: PromptContext, question: string): Promise<void> {
  for (;;) {
    const answer = (await readLine(asking, `${question} [y/N]`)).trim();
    if (/^y(es)?$/i.test(answer)) return;
    if (/^(no?)?$/i.test(answer)) throw canceled(asking);
    asking.terminal.output.write("Answer y or n.\n");
  }
}

/** Asks for one of several choices by its number; Enter selects the first. */
export async function choose<T>(
  asking: PromptContext,
  question: string,
  choices: readonly Choice<T>[],
): Promise<T> {
  printChoices(asking, question, choices);
  for (;;) {
    const answer = (await readLine(asking, "Number [1]:")).trim();
    const choice = choices[answer === "" ? 0 : Number(answer) - 1];
    if (choice) return choice.value;
    asking.terminal.output.write(`Enter a number from 1 to ${choices.length}.\n`);
  }
}

/** Asks for at least one of several choices by their numbers. */
export async function chooseSeveral<T>(
  asking: PromptContext,
  question: string,
  choices: readonly Choice<T>[],
): Promise<readonly T[]> {
  printChoices(asking, question, choices);
  for (;;) {
    const words = (await readLine(asking, "Numbers, separated by commas:")).split(/[\s,]+/);
    const numbers = new Set(words.filter(Boolean).map(Number));
    const chosen = [...numbers].flatMap((number) => choices[number - 1] ?? []);
    if (chosen.length > 0 && chosen.length === numbers.size)
      return chosen.map(({ value }) => value);
    asking.terminal.output.write(`Enter numbers from 1 to ${choices.length}.\n`);
  }
}

/** Prints a question and its numbered choices. */
function printChoices(
  { terminal: { output }, style }: PromptContext,
  question: string,
  choices: readonly Choice<unknown>[],
): void {
  const width = widthOf(output);
  const lines = choices.flatMap(({ label }, i) => {
    const number = `  ${`${i + 1}.`.padEnd(`${choices.length}. `.length)}`;
    return wrapHanging(`${number}${escapeControls(label)}`, number.length, width);
  });
  const asked = wrapWords(escapeControls(question), width).map(style.heading);
  output.write([...asked, ...lines, ""].join("\n"));
}

/** Returns the number of columns that a line may have. Some pseudo-terminals have 0 columns. */
const widthOf = (output: Terminal["output"]): number =>
  ((output as Partial<NodeJS.WriteStream>).columns || 80) - 1;

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
  const wrapped = wrapWords(escapeControls(question), widthOf(asking.terminal.output));
  const lines = wrapped.map(asking.style.heading);
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
    const keys = openKeys(terminal, () => reader.prompt(true));
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
    const keys = openKeys(terminal, redraw);
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

const canceled = ({ interrupt }: Pick<PromptContext, "interrupt">) => new CanceledError(interrupt);
