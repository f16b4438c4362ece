import { raceAbort } from "../core/async.ts";
import { describeSystemError, isMissingFile, systemCodeOf } from "../core/system-errors.ts";
import { isNotUtf8, withoutBom } from "../core/text.ts";
import { CliError, InterruptedError, UsageError } from "../errors.ts";
import type { Host, InputStream } from "../host.ts";

/** The expected content of a source. */
export interface TextLimit {
  /** The kind of content as a noun, for errors: `token`. */
  readonly thing: string;
  /** The maximum size in KiB. */
  readonly kibibytes: number;
}

const tokenLimit: TextLimit = { thing: "token", kibibytes: 64 };

/**
 * Reads UTF-8 text to its end.
 * @param name the file or stream, for errors.
 * @returns the text without a byte order mark.
 * @throws UsageError if it can't be read, is too large or is not UTF-8; InterruptedError if
 * `interrupt` aborts.
 */
export async function readText(
  source: InputStream,
  name: string,
  interrupt: AbortSignal,
  limit: TextLimit = tokenLimit,
): Promise<string> {
  const stopped = () => new InterruptedError(`Interrupted while reading ${name}.`, interrupt);
  try {
    return await raceAbort(readToEnd(source, name, limit), interrupt, stopped);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = systemCodeOf(error) || "no reason given";
    throw new UsageError(`Cannot read ${name}: ${describeSystemError(code)}.`, {
      hint: "Check the path and its permissions.",
      cause: error,
    });
  }
}

/**
 * Reads the text of a file; undefined if it does not exist.
 * @throws what `readText` throws.
 */
export async function readTextIfExists(
  path: string,
  { readFile, interrupt }: Pick<Host, "readFile" | "interrupt">,
): Promise<string | undefined> {
  try {
    return await readText(readFile(path), path, interrupt);
  } catch (error) {
    if (error instanceof UsageError && isMissingFile(error.cause)) return undefined;
    throw error;
  }
}

async function readToEnd(
  source: InputStream,
  name: string,
  { thing, kibibytes }: TextLimit,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > kibibytes * 1024)
      throw new UsageError(`${name} is larger than ${kibibytes} KiB: it is not a ${thing}.`, {
        hint: `Name the file that contains the ${thing}.`,
      });
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (isNotUtf8(text))
    throw new UsageError(`${name} is not UTF-8 text: it is UTF-16 or binary.`, {
      hint: "Save it as UTF-8.",
    });
  return withoutBom(text);
}
