import { statSync } from "node:fs";
import { userInfo } from "node:os";
import { readText, type TextLimit } from "../config/read-text.ts";
import { attempt } from "../core/attempt.ts";
import { quoteWord } from "../core/quoting.ts";
import { UsageError } from "../errors.ts";
import type { Host, InputStream } from "../host.ts";
import { secretOptions } from "../providers/index.ts";

/**
 * Reads the text on stdin for an argument `-`.
 * @param options the global options. They may read the credential from stdin.
 * @throws UsageError if stdin is a terminal, contains the credential, is too large or is not UTF-8;
 * InterruptedError after a signal.
 */
export async function readStdin(
  { appTokenFile }: { readonly appTokenFile?: string | undefined },
  { stdin, interrupt }: Pick<Host, "stdin" | "interrupt">,
  limit: TextLimit,
): Promise<string> {
  if (appTokenFile === "-")
    throw new UsageError(`Cannot read both the credential and the ${limit.thing} from stdin.`, {
      hint: "Pass the path of a file to --app-token-file.",
    });
  if (stdin.isTTY)
    throw new UsageError(`Cannot read the ${limit.thing} from stdin: it is a terminal.`, {
      hint: "Pipe IDs or names into the command, for example from: tokctl token list -q",
    });
  return readText(stdin, "stdin", interrupt, limit);
}

/** The parts of the host that reading a secret from a file or stdin uses. */
export type FileHost = Pick<Host, "stdin" | "readFile" | "interrupt">;

/**
 * Reads a secret from the file of an option; `-` is stdin.
 * @returns the text, and the name of the file for errors.
 */
export async function readSecretFile(
  file: string,
  flag: string,
  { stdin, readFile, interrupt }: FileHost,
): Promise<[text: string, name: string]> {
  if (file === "-") return [await readSecretFromStdin(stdin, flag, interrupt), "stdin"];
  const name = `${file} (${flag})`;
  return [await readText(readFile(file), name, interrupt), name];
}

function readSecretFromStdin(
  stdin: InputStream,
  flag: string,
  interrupt: AbortSignal,
): Promise<string> {
  if (stdin.isTTY)
    throw new UsageError(
      `Cannot read the secret from a terminal: ${flag} - reads standard input and would display it.`,
      {
        hint: "Pipe the secret into the command, or pass the path of a file.",
      },
    );
  return readText(stdin, "stdin", interrupt);
}

/**
 * Checks the permissions of the secret files in options.
 * @param options the options of the command line, by name in camel case.
 * @returns a warning for each file that other users can read or write.
 */
export function findExposedFiles(options: object, host: Pick<Host, "platform">): readonly string[] {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const paths = secretOptions.map(
    (name) => given[name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())],
  );
  return [...new Set(paths)].flatMap((path) =>
    typeof path === "string" ? (findExposure(path, host) ?? []) : [],
  );
}

/**
 * Returns a warning if other users can read or write a file. Does not check stdin, pipes, and files
 * of another user, which containers and CI systems mount.
 */
function findExposure(path: string, { platform }: Pick<Host, "platform">): string | undefined {
  // On Windows the mode does not include the permissions of other users.
  if (path === "-" || platform === "win32") return undefined;
  // A file that can't be read is reported by the code that reads it.
  const stats = attempt(() => statSync(path));
  if (!stats?.isFile() || (stats.mode & 0o077) === 0) return undefined;
  if (attempt(() => userInfo().uid) !== stats.uid) return undefined;
  const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
  const what = (stats.mode & 0o022) === 0 ? "read" : "read or replaced";
  return `${path} can be ${what} by other users (mode ${mode}). Run: chmod 600 ${quoteWord(path)}`;
}
