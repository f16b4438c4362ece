import { statSync } from "node:fs";
import { userInfo } from "node:os";
import { attempt } from "../core/attempt.ts";
import { quoteWord } from "../core/text.ts";
import type { Host } from "../host/host.ts";

/**
 * Returns what is wrong with a file of a secret that other users can read or write; undefined for
 * `-`, for a pipe, and for the file of another user, as a container or CI system mounts one.
 */
function findExposure(path: string, { platform }: Pick<Host, "platform">): string | undefined {
  // On Windows the mode says nothing about who may read.
  if (path === "-" || platform === "win32") return undefined;
  const found = attempt(() => {
    const stats = statSync(path);
    return { isExposed: stats.isFile() && (stats.mode & 0o077) !== 0, stats };
  });
  if (!found?.isExposed || attempt(() => userInfo().uid) !== found.stats.uid) return undefined;
  const mode = (found.stats.mode & 0o777).toString(8).padStart(4, "0");
  const what = (found.stats.mode & 0o022) === 0 ? "read" : "read or replaced";
  return `${path} can be ${what} by other users (mode ${mode}). Run: chmod 600 ${quoteWord(path)}`;
}

/** The same for each of the options, without their dashes, that names a file. */
export function findExposures(
  options: object,
  names: readonly string[],
  host: Pick<Host, "platform">,
): readonly string[] {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const paths = names.map(
    (name) => given[name.replaceAll(/-(.)/g, (_, c: string) => c.toUpperCase())],
  );
  return [...new Set(paths)].flatMap((path) =>
    typeof path === "string" ? (findExposure(path, host) ?? []) : [],
  );
}
