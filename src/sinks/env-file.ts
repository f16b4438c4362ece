import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { CliError, UsageError } from "../errors.ts";
import { noFileError, parseVariable } from "./paths.ts";
import { prepareReplacement } from "./replacement.ts";
import type { SecretSink } from "./sink.ts";

/** The text of a file with a variable set in it. @throws CliError if it can't be. */
export type SetVariable = (text: string, key: string, value: string) => string;

/** Bytes of any encoding pass through this one as they are. */
const encoding = "latin1";
const byteOrderMark = Buffer.from("\ufeff").toString(encoding);

/** `PATH#KEY`: one variable in a file of many, which is replaced whole and keeps owner and mode. */
export function variableFile(argument: string, set: SetVariable): SecretSink {
  const { path, key } = parseVariable(argument);
  /** A byte order mark stays where it is, and is no part of the first name. */
  const setIn = (text: string, value: string) => {
    const mark = text.startsWith(byteOrderMark) ? byteOrderMark : "";
    return mark + set(text.slice(mark.length), key, value);
  };
  return {
    target: { path, key },
    async prepare(context) {
      const { text, stats } = await read(path);
      setIn(text, "value");
      const { copyOwnership, fill, discard } = await prepareReplacement(
        path,
        { exists: stats !== undefined, size: text.length },
        context,
      );
      try {
        if (stats) await copyOwnership(stats);
      } catch (error) {
        await discard();
        throw error;
      }
      return {
        discard,
        deliver: (secret) =>
          context.alone(path, async () => {
            // It may have changed since: by another process, or while there was a question.
            const current = await read(path);
            if (current.stats) await copyOwnership(current.stats);
            await fill(Buffer.from(setIn(current.text, secret.reveal()), encoding));
          }),
      };
    },
  };
}

/** @throws UsageError for what is no file of text, ELOOP for a symbolic link. */
async function read(path: string): Promise<{ readonly text: string; readonly stats?: Stats }> {
  // For writing too: what may not be written is not to be replaced. Windows has no O_NOFOLLOW.
  const file = await open(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    },
  );
  if (!file) return { text: "" };
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw noFileError();
    const text = await file.readFile(encoding);
    if (text.includes("\0"))
      throw new UsageError("it holds something else than lines of text.", {
        hint: "A file in UTF-16 has to be saved as UTF-8 first.",
      });
    return { text, stats };
  } finally {
    await file.close();
  }
}

/** `env-file:PATH#KEY`: a variable in a file such as `.env`. */
export const parse = (argument: string): SecretSink => variableFile(argument, setVariable);

/**
 * An assignment as the dotenv libraries read it: what stands before the value, the name, and the
 * value, which in quotes may go over several lines. A comment may follow.
 */
const assignment =
  /^([ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*)(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|`[^`]*`|[^\r\n]*?)(?=[ \t]*(?:[ \t]#.*)?$)/gm;

/** Sets it wherever it is set already, for readers differ on which of them counts; else at the end. */
export const setVariable: SetVariable = (text, key, value) => {
  const quoted = quote(value);
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

/** As all readers understand it: some take quotes for a part of the value, so there are none if none are needed. */
function quote(value: string): string {
  if (/^[\w.,:/@%+=-]*$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  if (!/["\\$`]/.test(value)) return `"${value}"`;
  throw new CliError("partial", "no kind of quotes can hold the secret.", {
    hint: "Send it to a file of its own: file:PATH.",
  });
}
