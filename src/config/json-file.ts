import { closeSync, constants, openSync, readFileSync } from "node:fs";
import { parse } from "node:path";
import { isMissingFile, toFileError } from "../core/system-errors.ts";
import { isNotUtf8, withoutBom } from "../core/text.ts";
import { UsageError } from "../errors.ts";
import { canOverwrite, overwriteFile } from "./atomic-file.ts";
import type { LockHost } from "./lock.ts";

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The error for a file of tokctl with invalid content. It contains only the path and the position,
 * because the content may be a secret.
 */
export class BrokenFileError extends UsageError {
  override name = "BrokenFileError";
  readonly path: string;
  readonly problem: string;
  /** @param profile the profile that the file belongs to, if it belongs to one. */
  constructor(path: string, problem: string, profile?: string) {
    const login = `tokctl login${profile === undefined ? "" : ` -p ${profile}`}`;
    super(`${path} is not valid: ${problem}.`, {
      hint: `Fix the file, or rename it and create a new one: ${login}`,
    });
    this.path = path;
    this.problem = problem;
  }
}

/** Runs a read of a profile's file. @throws BrokenFileError whose hint names the profile */
export function repairWithProfile<T>(profile: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof BrokenFileError
      ? new BrokenFileError(error.path, error.problem, profile)
      : error;
  }
}

/**
 * With this flag, opening a pipe without a writer does not block; the pipe reads as empty. Windows
 * has no such flag.
 */
const nonBlocking = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Reads a file with a JSON object; undefined if it does not exist.
 * @throws BrokenFileError for other content; UsageError if the file can't be read.
 */
export function readJsonFile(path: string): JsonObject | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, nonBlocking);
    return parseJsonObject(readFileSync(file, "utf8"), path);
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw toFileError(error, path, "read");
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * Parses the text of a file with a JSON object (RFC 8259).
 * @throws BrokenFileError with the line of a syntax error, never with its text.
 */
export function parseJsonObject(text: string, path: string): JsonObject {
  if (isNotUtf8(text)) throw new BrokenFileError(path, "it is UTF-16 or binary, not UTF-8 text");
  const value = parseJson(withoutBom(text), path);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new BrokenFileError(path, "it is not a JSON object");
  return value as JsonObject;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of JSON.parse quotes the text, which may be a secret.
    throw new BrokenFileError(path, `line ${findJsonErrorLine(text)} is not valid JSON`);
  }
}

/**
 * Changes a settings file, or creates it: conf writes a new file and renames it. A file that can't
 * be replaced, such as a bind mount, is overwritten. A lock prevents lost updates by concurrent
 * processes. conf loads slowly, so only a write imports it.
 * @throws BrokenFileError for invalid content; UsageError if the file can't be written.
 */
export async function changeJsonFile(
  path: string,
  change: (old: JsonObject) => JsonObject,
  host: LockHost,
): Promise<void> {
  const { dir, name } = parse(path);
  try {
    const { smallFileLockMs, withLock } = await import("./lock.ts");
    const { default: Conf } = await import("conf");
    await withLock(`${path}.lock`, host, smallFileLockMs, async () => {
      const next = change(readJsonFile(path) ?? {});
      try {
        new Conf<Record<string, unknown>>({
          cwd: dir,
          configName: name,
          configFileMode: 0o600,
          accessPropertiesByDotNotation: false,
          // conf reads the file as well, and JSON.parse rejects a byte order mark.
          deserialize: (text) => ({ ...parseJsonObject(text, path) }),
        }).store = next;
      } catch (error) {
        if (!canOverwrite(error, path)) throw error;
        overwriteFile(path, JSON.stringify(next, undefined, "\t"), 0o600);
      }
    });
  } catch (error) {
    throw toFileError(error, path, "write");
  }
}

const space = /[ \t\r\n]*/y;
const string = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*"/iuy;
const literal = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null/iy;

/**
 * Returns the line, from 1, of the first syntax error in a text that is not JSON. JSON.parse does
 * not give the position of every error, and js-yaml accepts commas, comments and quotes that JSON
 * doesn't.
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-2
 */
export function findJsonErrorLine(text: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found !== undefined;
  };
  const takeMark = (character: string): boolean => {
    take(space);
    const isNext = text[at] === character;
    if (isNext) at++;
    return isNext;
  };
  const takeValue = (): boolean => {
    if (takeMark("{")) return takeMark("}") || (takeItems(takeMember) && takeMark("}"));
    if (takeMark("[")) return takeMark("]") || (takeItems(takeValue) && takeMark("]"));
    return take(string) || take(literal);
  };
  const takeMember = (): boolean => take(space) && take(string) && takeMark(":") && takeValue();
  const takeItems = (takeItem: () => boolean): boolean => {
    while (takeItem()) if (!takeMark(",")) return true;
    return false;
  };
  takeValue();
  take(space);
  return text.slice(0, at).split("\n").length;
}
