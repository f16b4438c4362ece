import { statSync } from "node:fs";
import { userInfo } from "node:os";
import { quoteWord } from "../core/quoting.ts";
import { attempt } from "../errors.ts";
import type { Host } from "../host.ts";
import { secretOptions } from "../providers/index.ts";

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
