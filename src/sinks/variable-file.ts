import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { systemCodeOf } from "../core/system-errors.ts";
import { UsageError } from "../errors.ts";
import { notRegularFileError, parsePath, stageFile } from "./secret-file.ts";
import type { SecretSink } from "./sink.ts";
import { parseVariableName } from "./variable-name.ts";

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

/** Parses `PATH#KEY`. @throws UsageError if one is missing, or KEY is not a variable name */
function parseVariable(text: string): { readonly path: string; readonly key: string } {
  const at = text.lastIndexOf("#");
  if (at < 1)
    throw new UsageError("# and the name of the variable are missing after the path.", {
      hint: "For example .env#DEPLOY_TOKEN.",
    });
  const key = parseVariableName(text.slice(at + 1));
  return { path: parsePath(text.slice(0, at)), key };
}
