import type { Note } from "../core/message.ts";
import { CanceledError, type CliError } from "../errors.ts";
import type { Host, OutputStream } from "../host.ts";
import { escapeControls } from "./escape.ts";
import { createStyle } from "./style.ts";
import { isForPrograms, type OutputOptions } from "./view.ts";
import { wrapWords } from "./wrap.ts";

/**
 * Formats an error as text: `error[code]: message`, the failures, then the hint, its further lines indented below it.
 * A canceled question is no error to the user who canceled it.
 */
export async function formatError(
  error: CliError,
  { color }: Pick<OutputOptions, "color">,
  { stderr, env }: Pick<Host, "stderr" | "env">,
): Promise<string> {
  const { code, message, failures, hint, requestId } = error;
  if (error instanceof CanceledError) return `Canceled. ${message}`;
  const style = await createStyle(stderr, env, color);
  const prefix = `error[${code}]:`;
  const indent = " ".repeat("hint: ".length);
  const hints = [hint].flat().map((line) => `${indent}${escapeControls(line)}`);
  const lines = [
    ...fitLines([`${prefix} ${escapeControls(message)}`], stderr),
    ...fitLines(
      failures.map((line) => `  ${escapeControls(line)}`),
      stderr,
    ),
    ...fitLines(hints, stderr).map((line, i) => (i === 0 ? line.replace(indent, "hint: ") : line)),
    ...(requestId === undefined ? [] : [`request id: ${escapeControls(requestId)}`]),
  ];
  return lines.join("\n").replace(prefix, style.error);
}

/** Writes a note to stderr, unless the format or --quiet suppresses it. */
export async function say(
  note: Note,
  { output, quiet, color }: OutputOptions,
  { stdout, stderr, env }: Pick<Host, "stdout" | "stderr" | "env">,
): Promise<void> {
  if (!note.always && (quiet || isForPrograms(output))) return;
  if (note.atTerminal && !stdout.isTTY) return;
  const words = typeof note.text === "function" ? await note.text() : note.text;
  if (words.length === 0) return;
  const { warning } = await createStyle(stderr, env, color);
  const lines = fitLines([words].flat().map(escapeControls), stderr);
  await stderr.write(`${lines.map((line) => line.replace(/^warning:/, warning)).join("\n")}\n`);
}

/**
 * Wraps lines at a terminal's width between words. A command at the end of a line is not broken, so
 * that it can be copied. If it is too long, it gets its own line, which the terminal wraps.
 */
function fitLines(lines: readonly string[], { isTTY, columns }: OutputStream): readonly string[] {
  if (!isTTY || !columns || lines.every(({ length }) => length <= columns)) return lines;
  return lines.flatMap((line) => {
    const { text = line, command } = endsWithCommand.exec(line)?.groups ?? {};
    if (line.length <= columns || text.trim() === "") return [line];
    const indent = /^ */.exec(line)?.[0] ?? "";
    return [
      ...wrapWords(text.trimEnd(), columns),
      ...(command === undefined ? [] : [`${indent}${command}`]),
    ];
  });
}

/** Matches a line that is a command, or that ends with a command after a colon. */
const endsWithCommand = /^(?<text> *|.*: )(?<command>tokctl (?:(?!\. |, ).)*)$/;
