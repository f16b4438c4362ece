import { lstatSync, readdirSync, rmSync, type Stats } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { isMissingFile, toFileError } from "../../config/file-errors.ts";
import { quoteWord } from "../../core/text.ts";
import { UsageError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";

/** A file of the journal. */
export interface EntryFile {
  /** The name of the entry, whoever has claimed it. */
  readonly name: string;
  readonly file: string;
  /** How often it was claimed. */
  readonly generation: number;
}

/** Milliseconds after which a temporary file of an unknown writer is taken to be left over. */
const patience = 60_000;

/**
 * Checks that nobody else can put entries into the journal, by which tokens are revoked.
 * @throws UsageError for a folder that is a link, or that another user owns or can write to.
 */
export function checkJournalFolder(folder: string, platform: string): void {
  // On Windows owner and mode say nothing about who may write.
  if (platform === "win32") return;
  const stats = lookAt(folder);
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
      { hint: `Check what is in it, then run: chmod 700 ${quoteWord(folder)}` },
    );
}

/** What a file or folder is; undefined if there is none. @throws UsageError if it can't be told. */
export function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw toFileError(error, path, "read");
  }
}

/** Lists the entries, the oldest first, each in the file of whoever claimed it last. */
export function entriesIn(folder: string): readonly EntryFile[] {
  const latest = new Map<string, EntryFile>();
  for (const file of filesIn(folder)) {
    const [, name, generation = "0"] = /^(.+?)(?:\+(\d+))?\.json$/.exec(file) ?? [];
    if (name === undefined) continue;
    const found = { name, file, generation: Number(generation) };
    if (found.generation >= (latest.get(name)?.generation ?? 0)) latest.set(name, found);
  }
  return [...latest.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Removes what writers have left that were killed. */
export function removeLeftTemporaries(
  folder: string,
  { isRunning }: Pick<Host, "isRunning">,
): void {
  for (const file of filesIn(folder)) {
    const [, writer] = /\.(?:(\d+)-)?[0-9a-f]+\.tmp$/.exec(file) ?? [];
    if (!file.endsWith(".tmp")) continue;
    const path = join(folder, file);
    const isOver = writer !== undefined && !isRunning({ id: Number(writer) });
    const age = Date.now() - (lookAt(path)?.mtimeMs ?? 0);
    if (isOver || age > patience) removeFile(path);
  }
}

/** Removes a file, if there is one. @throws UsageError */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw toFileError(error, path, "removed");
  }
}

function filesIn(folder: string): readonly string[] {
  try {
    // Reading a pipe would never end, and a link leads to what is none of ours.
    return readdirSync(folder, { withFileTypes: true })
      .filter((file) => file.isFile())
      .map(({ name }) => name);
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw toFileError(error, folder, "read");
  }
}
