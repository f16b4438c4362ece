import { CliError } from "../errors.ts";
import type { SecretSink } from "./sink.ts";
import { parseVariableFile, type SetVariable } from "./variable-file.ts";

/** `env-file:PATH#KEY`: a variable in a file such as `.env`. */
export const parse = (argument: string): SecretSink =>
  parseVariableFile(argument, setDotenvVariable);

/**
 * An assignment as the dotenv libraries parse it: the text before the value, the name, and the
 * value, which in quotes may span several lines. A comment may follow.
 */
const assignment =
  /^([ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*)(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|`[^`]*`|[^\r\n]*?)(?=[ \t]*(?:[ \t]#.*)?$)/gm;

/**
 * Sets a variable. Changes every assignment of it, because dotenv libraries differ on which one
 * they use. Without an assignment, appends one.
 */
export const setDotenvVariable: SetVariable = (text, key, value) => {
  const quoted = quoteValue(value);
  let found = false;
  const changed = text.replace(assignment, (whole, start: string, name: string) => {
    if (name !== key) return whole;
    found = true;
    return start + quoted;
  });
  if (found) return changed;
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  return `${text}${text === "" || text.endsWith("\n") ? "" : end}${key}=${quoted}${end}`;
};

/** Quotes a value only if necessary, because some parsers include the quotes in the value. */
function quoteValue(value: string): string {
  if (/^[\w.,:/@%+=-]*$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  if (!/["\\$`]/.test(value)) return `"${value}"`;
  throw new CliError("partial", "cannot quote the secret in a .env file.", {
    hint: "Write it to a separate file: --to file:PATH",
  });
}
