import { CliError } from "../errors.ts";
import type { RecordingSink } from "./sink.ts";
import { formatRecord, parseRecord } from "./token-record.ts";
import { parseVariableFile, type RecordSyntax, type SetVariable } from "./variable-file.ts";

/** `env-file:PATH#KEY`: a variable in a file such as `.env`. */
export const parse = (argument: string): RecordingSink =>
  parseVariableFile(argument, setDotenvVariable, recordComment);

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

/**
 * The record of a variable: a comment in the line before its first assignment, because not every
 * parser supports a comment after a value.
 */
export const recordComment: RecordSyntax = {
  set(text, key, record) {
    const cleared = text.replace(commentOf(key), "");
    const end = cleared.includes("\r\n") ? "\r\n" : "\n";
    let isFirst = true;
    return cleared.replace(assignment, (whole, _start: string, name: string) => {
      if (name !== key || !isFirst) return whole;
      isFirst = false;
      return `# tokctl ${key} ${formatRecord(record)}${end}${whole}`;
    });
  },
  find(text, key) {
    const isSet = [...text.matchAll(assignment)].some(([, , name]) => name === key);
    const [, line = ""] = commentOf(key).exec(text) ?? [];
    return isSet ? parseRecord(line) : undefined;
  },
};

const commentOf = (key: string) => new RegExp(`^# tokctl ${key} (.*)(?:\r?\n|$)`, "gm");
