import { existsSync } from "node:fs";
import { parse } from "node:path";
import Conf from "conf";
import { type JsonObject, parseJsonObject, readJsonFile, toFileError } from "./json-file.ts";
import { type LockHost, withLock } from "./lock.ts";
import { isUnreplaceable, overwrite } from "./private-file.ts";

/** Milliseconds that reading and writing a small file take at most. */
const lasts = 5000;

/**
 * Changes a file of settings, old or new but never half: conf writes another and renames it, or, where
 * that can't be, the file itself is written. Of two
 * processes one waits for the other, so that neither's change is lost. The only file that knows
 * conf, which takes long to load: to be imported only to write.
 * @throws BrokenFileError if what is there can't be read, UsageError if it can't be written.
 */
export async function changeJsonFile(
  path: string,
  change: (old: JsonObject) => JsonObject,
  host: LockHost,
): Promise<void> {
  const { dir, name } = parse(path);
  try {
    await withLock(`${path}.lock`, host, lasts, async () => {
      const next = change(readJsonFile(path) ?? {});
      try {
        new Conf<Record<string, unknown>>({
          cwd: dir,
          configName: name,
          configFileMode: 0o600,
          accessPropertiesByDotNotation: false,
          // conf reads the file as well, and JSON.parse refuses a byte order mark.
          deserialize: (text) => ({ ...parseJsonObject(text, path) }),
        }).store = next;
      } catch (error) {
        if (!isUnreplaceable(error) || !existsSync(path)) throw error;
        overwrite(path, JSON.stringify(next, undefined, "\t"));
      }
    });
  } catch (error) {
    throw toFileError(error, path, "written");
  }
}
