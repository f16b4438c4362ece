import { closeSync, constants, openSync, readFileSync } from "node:fs";
import { raceAbort } from "../core/async.ts";
import { isNotUtf8, withoutBom } from "../core/text.ts";
import { CliError, InterruptedError, UsageError } from "../errors.ts";
import type { Host, Source } from "../host/host.ts";

/** What a source should hold, and how large that can be. */
export interface Limit {
  readonly thing: string;
  readonly kibibytes: number;
}

/** No token is longer; a file or stream that is holds something else. */
const token: Limit = { thing: "token", kibibytes: 64 };

/**
 * Reads a source to its end, unless that takes longer than somebody cares to wait.
 * @throws UsageError naming the source, if it can't be read or is larger.
 */
export async function readText(
  source: Source,
  name: string,
  interrupt: AbortSignal,
  limit: Limit = token,
): Promise<string> {
  const stopped = () => new InterruptedError(`Stopped while reading ${name}.`, interrupt);
  try {
    return await raceAbort(readToEnd(source, name, limit), interrupt, stopped);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
    throw new UsageError(`${name} can't be read (${code}).`, {
      hint: "Check the path and its permissions.",
      cause: error,
    });
  }
}

/** The text of a file that need not be there. @throws UsageError if it is, and can't be read. */
export async function readTextIfThere(
  path: string,
  { readFile, interrupt }: Pick<Host, "readFile" | "interrupt">,
): Promise<string | undefined> {
  try {
    return await readText(readFile(path), path, interrupt);
  } catch (error) {
    if (error instanceof UsageError && isMissing(error.cause)) return undefined;
    throw error;
  }
}

async function readToEnd(
  source: Source,
  name: string,
  { thing, kibibytes }: Limit,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > kibibytes * 1024)
      throw new UsageError(`${name} holds more than ${kibibytes} KiB: that is no ${thing}.`, {
        hint: `Name the file that holds the ${thing}.`,
      });
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (isNotUtf8(text))
    throw new UsageError(`${name} is not UTF-8 text: it is UTF-16, or not text at all.`, {
      hint: "Save it as UTF-8.",
    });
  return withoutBom(text);
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** A file of ours that holds something else. Its text may hold a secret: only its place is named. */
export class BrokenFileError extends UsageError {
  override name = "BrokenFileError";
  readonly path: string;
  constructor(path: string, reason: string) {
    super(`${path} is broken: ${reason}.`, {
      hint: "Mend it, or log in once more with tokctl login, which moves it aside.",
    });
    this.path = path;
  }
}

/** A pipe that nobody writes to is read as empty. There is no such flag on Windows. */
const unblocked = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * The object in a JSON file, without loading what writes it; undefined if there is no such file.
 * @throws BrokenFileError for anything else than an object; UsageError if it can't be read.
 */
export function readJsonFile(path: string): JsonObject | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, unblocked);
    return parseJsonObject(readFileSync(file, "utf8"), path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw toFileError(error, path, "read");
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** @throws BrokenFileError naming the line, unless the text is a JSON object. */
export function parseJsonObject(text: string, path: string): JsonObject {
  if (isNotUtf8(text))
    throw new BrokenFileError(path, "it is UTF-16, or not text at all; save it as UTF-8");
  const value = parse(withoutBom(text), path);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new BrokenFileError(path, "it holds no JSON object");
  return value as JsonObject;
}

/** JSON.parse quotes the text that it fails on, so its own error goes no further. */
function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BrokenFileError(path, `line ${lineOf(text, endOfJson(text))} is not JSON`);
  }
}

const lineOf = (text: string, position: number): number =>
  text.slice(0, position).split("\n").length;

const space = /[ \t\r\n]*/y;
const string = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*"/iuy;
const literal = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null/iy;

/** How far the text is JSON (RFC 8259); JSON.parse does not say it for every mistake. */
function endOfJson(text: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found !== undefined;
  };
  const mark = (character: string): boolean => {
    take(space);
    const there = text[at] === character;
    if (there) at++;
    return there;
  };
  const value = (): boolean => {
    if (mark("{")) return mark("}") || (members(() => key() && mark(":") && value()) && mark("}"));
    if (mark("[")) return mark("]") || (members(value) && mark("]"));
    return take(string) || take(literal);
  };
  const key = (): boolean => take(space) && take(string);
  const members = (member: () => boolean): boolean => {
    while (member()) if (!mark(",")) return true;
    return false;
  };
  value();
  take(space);
  return at;
}

export const isMissing = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes(codeOf(error));

/** What a failed access to a file is to the person; an error that is none stays as it is. */
export const toFileError = (
  error: unknown,
  path: string,
  verb: "read" | "written" | "removed",
): unknown =>
  codeOf(error) === "" || error instanceof CliError
    ? error
    : new UsageError(`${path} can't be ${verb} (${codeOf(error)}).`, {
        hint: isFull(error)
          ? "Free some space on that disk, or raise your quota or file size limit."
          : "Check its permissions and those of its folder.",
        cause: error,
      });

const isFull = (error: unknown): boolean => ["ENOSPC", "EDQUOT", "EFBIG"].includes(codeOf(error));

export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";
