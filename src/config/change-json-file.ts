import { parse } from "node:path";
import Conf from "conf";
import { canOverwrite, overwriteFile } from "./atomic-file.ts";
import { toFileError } from "./file-errors.ts";
import { type JsonObject, parseJsonObject, readJsonFile } from "./json-file.ts";
import { type LockHost, smallFileLockMs, withLock } from "./lock.ts";

/**
 * Changes a settings file, or creates it: conf writes a new file and renames it. A file that can't
 * be replaced, such as a bind mount, is overwritten. A lock prevents lost updates by concurrent
 * processes. conf loads slowly: only this file imports it, and only writers import this file.
 * @throws BrokenFileError for invalid content; UsageError if the file can't be written.
 */
export async function changeJsonFile(
  path: string,
  change: (old: JsonObject) => JsonObject,
  host: LockHost,
): Promise<void> {
  const { dir, name } = parse(path);
  try {
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
