import { lstatSync, readdirSync, rmSync, type Stats } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { quoteWord } from "../core/quoting.ts";
import { isMissingFile, toFileError } from "../core/system-errors.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

/** The file name of an entry and its parts. */
export interface EntryFileName {
  /** The name of the entry, which stays the same when the entry is claimed. */
  readonly name: string;
  readonly file: string;
  /** The number of times that the entry was claimed. */
  readonly generation: number;
}

/** Milliseconds after which a temporary file counts as abandoned. */
const temporaryFileTimeout = 60_000;

/**
 * Checks that no other user can write journal entries, because recovery revokes tokens based on
 * them.
 * @throws UsageError for a directory that is a link, or that another user owns or can write to.
 */
export function checkJournalFolder(folder: string, platform: string): void {
  // Windows has no POSIX owner and mode.
  if (platform === "win32") return;
  const stats = fileStats(folder);
  if (!stats) return;
  if (!stats.isDirectory())
    throw new UsageError(`${folder} is not a directory.`, {
      hint: "Remove it, or set TOKCTL_STATE_DIR to a directory of your own.",
    });
  const user = process.getuid?.();
  if (user !== undefined && stats.uid !== user)
    throw new UsageError(`${folder} belongs to another user (uid ${stats.uid}).`, {
      hint: "Set TOKCTL_STATE_DIR to a directory of your own.",
    });
  if ((stats.mode & 0o022) !== 0)
    throw new UsageError(
      `Other users can write to ${folder} (mode ${(stats.mode & 0o777).toString(8).padStart(4, "0")}).`,
      { hint: `Check its contents, then run: chmod 700 ${quoteWord(folder)}` },
    );
}

/** Returns the stats of a file or directory, or of a link itself; undefined if none exists. @throws UsageError */
export function fileStats(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw toFileError(error, path, "read");
  }
}

/** Lists the entries, the oldest first, each with the file of its latest claim. @throws UsageError */
export function listEntryFiles(folder: string): readonly EntryFileName[] {
  const latest = new Map<string, EntryFileName>();
  for (const file of filesIn(folder)) {
    const [, name, generation = "0"] = /^(.+?)(?:\+(\d+))?\.json$/.exec(file) ?? [];
    if (name === undefined) continue;
    const found = { name, file, generation: Number(generation) };
    if (found.generation >= (latest.get(name)?.generation ?? 0)) latest.set(name, found);
  }
  return [...latest.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Removes temporary files of processes that have ended. @throws UsageError */
export function removeAbandonedTemporaryFiles(
  folder: string,
  { isRunning }: Pick<Host, "isRunning">,
): void {
  for (const file of filesIn(folder)) {
    const [, writer] = /\.(?:(\d+)-)?[0-9a-f]+\.tmp$/.exec(file) ?? [];
    if (!file.endsWith(".tmp")) continue;
    const path = join(folder, file);
    const hasEnded = writer !== undefined && !isRunning({ id: Number(writer) });
    const ageMs = Date.now() - (fileStats(path)?.mtimeMs ?? 0);
    if (hasEnded || ageMs > temporaryFileTimeout) removeFile(path);
  }
}

/** Removes a file if it exists. @throws UsageError */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw toFileError(error, path, "remove");
  }
}

function filesIn(folder: string): readonly string[] {
  try {
    // Reading a pipe would block, and a link can point to a file of another program.
    return readdirSync(folder, { withFileTypes: true })
      .filter((file) => file.isFile())
      .map(({ name }) => name);
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw toFileError(error, folder, "read");
  }
}
