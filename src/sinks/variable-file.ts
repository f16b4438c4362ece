import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { systemCodeOf } from "../core/system-errors.ts";
import { UsageError } from "../errors.ts";
import { notRegularFileError, parsePath, stageFile } from "./secret-file.ts";
import type { RecordingSink, SecretSink } from "./sink.ts";
import type { TokenRecord } from "./token-record.ts";
import { parseVariableName } from "./variable-name.ts";

/** Returns the text of a file with a variable set in it. @throws CliError if that is not possible */
export type SetVariable = (text: string, key: string, value: string) => string;

/** How a file records the token of a variable. */
export interface RecordSyntax {
  /** Returns the text with the record of a variable that is set in it. */
  set(text: string, key: string, record: TokenRecord): string;
  /** Returns the record of a variable; undefined if the variable or its record is missing. */
  find(text: string, key: string): TokenRecord | undefined;
}

/** Maps each byte to one character, so that text in any encoding is preserved. */
const encoding = "latin1";
const byteOrderMark = Buffer.from("\ufeff").toString(encoding);

/**
 * Parses `PATH#KEY`: one variable of a file. The file is replaced by a new one with the same owner
 * and permissions.
 */
export function parseVariableFile(argument: string, set: SetVariable): SecretSink;
export function parseVariableFile(
  argument: string,
  set: SetVariable,
  records: RecordSyntax,
): RecordingSink;
export function parseVariableFile(
  argument: string,
  set: SetVariable,
  records?: RecordSyntax,
): SecretSink | RecordingSink {
  const { path, key } = parseVariable(argument);
  /**
   * Returns the text with the variable set to `value`. A byte order mark at the beginning is
   * preserved.
   */
  const setIn = (text: string, value: string, record?: TokenRecord) => {
    const mark = text.startsWith(byteOrderMark) ? byteOrderMark : "";
    const changed = set(text.slice(mark.length), key, value);
    return mark + (record && records ? records.set(changed, key, record) : changed);
  };
  return {
    ...(records && {
      async recordedToken() {
        const { text } = await readVariables(path, constants.O_RDONLY);
        return records.find(text.replace(byteOrderMark, ""), key);
      },
    }),
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
        deliver: (secret, record) =>
          context.withFileLock(path, async () => {
            // Another process may have changed the file since.
            const current = await readVariables(path);
            if (current.stats) staged.copyOwnership(current.stats);
            staged.commit(Buffer.from(setIn(current.text, secret.reveal(), record), encoding));
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
  // Opened for writing too: a read-only file must not be replaced.
  access: number = constants.O_RDWR,
): Promise<{ readonly text: string; readonly stats?: Stats }> {
  // Windows has no O_NOFOLLOW.
  const file = await open(path, access | (constants.O_NOFOLLOW ?? 0)).catch((error) => {
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
