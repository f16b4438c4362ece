import { isNotUtf8, withoutBom } from "../core/plain-text.ts";
import { raceAbort } from "../core/race-abort.ts";
import { CliError, InterruptedError, UsageError } from "../errors.ts";
import type { Host, Source } from "../host/host.ts";
import { isMissing } from "./json-file.ts";

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
