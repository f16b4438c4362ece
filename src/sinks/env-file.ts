import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { systemCodeOf } from "../core/system-errors.ts";
import { CliError, UsageError } from "../errors.ts";
import { notRegularFileError, parseVariable } from "./paths.ts";
import type { SecretSink } from "./sink.ts";
import { stageFile } from "./stage-file.ts";

/** Returns the text of a file with a variable set in it. @throws CliError if that is not possible */
export type SetVariable = (text: string, key: string, value: string) => string;

/** Maps each byte to one character, so that text in any encoding is preserved. */
const encoding = "latin1";
const byteOrderMark = Buffer.from("\ufeff").toString(encoding);

/**
 * Parses `PATH#KEY`: one variable of a file. The file is replaced by a new one with the same owner
 * and permissions.
 */
export function parseVariableFile(argument: string, set: SetVariable): SecretSink {
  const { path, key } = parseVariable(argument);
  /**
   * Returns the text with the variable set to `value`. A byte order mark at the beginning is
   * preserved.
   */
  const setIn = (text: string, value: string) => {
    const mark = text.startsWith(byteOrderMark) ? byteOrderMark : "";
    return mark + set(text.slice(mark.length), key, value);
  };
  return {
    target: { path, key },
    async prepare(context) {
      const { text, stats } = await readVariables(path);
      setIn(text, "value");
      const staged = stageFile(path, { size: text.length }, context);
      const discard = async () => staged.discard();
      try {
        if (stats) staged.copyOwnership(stats);
      } catch (error) {
        staged.discard();
        throw error;
      }
      return {
        discard,
        deliver: (secret) =>
          context.withFileLock(path, async () => {
            // Another process may have changed the file since.
            const current = await readVariables(path);
            if (current.stats) staged.copyOwnership(current.stats);
            staged.commit(Buffer.from(setIn(current.text, secret.reveal()), encoding));
          }),
      };
    },
  };
}

/**
 * Reads the text and the owner of the file.
 * @throws UsageError if it is not a text file; ELOOP for a symbolic link.
 */
async function readVariables(
  path: string,
): Promise<{ readonly text: string; readonly stats?: Stats }> {
  // Opened for writing too: a read-only file must not be replaced. Windows has no O_NOFOLLOW.
  const file = await open(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)).catch((error) => {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (!file) return { text: "" };
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw notRegularFileError();
    const text = await file.readFile(encoding);
    if (text.includes("\0"))
      throw new UsageError("it is not UTF-8 text: it is UTF-16 or binary.", {
        hint: "Save it as UTF-8.",
      });
    return { text, stats };
  } finally {
    await file.close();
  }
}

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
