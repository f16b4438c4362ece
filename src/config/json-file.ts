import { closeSync, constants, openSync, readFileSync } from "node:fs";
import { isNotUtf8, withoutBom } from "../core/text.ts";
import { BrokenFileError, isMissingFile, toFileError } from "./file-errors.ts";
import { findJsonErrorLine } from "./json-syntax.ts";

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

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
