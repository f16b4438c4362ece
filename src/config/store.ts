import { mkdirSync } from "node:fs";
import { parse } from "node:path";
import Conf from "conf";
import { type JsonObject, readJsonFile, toFileError } from "./json-file.ts";

/**
 * Changes a file of settings, old or new but never half: conf writes another and renames it. The
 * only file that knows conf, which takes long to load: to be imported only to write.
 * @throws BrokenFileError if what is there can't be read, UsageError if it can't be written.
 */
export function changeJsonFile(path: string, change: (old: JsonObject) => JsonObject): void {
  const next = change(readJsonFile(path) ?? {});
  const { dir, name } = parse(path);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    new Conf<Record<string, unknown>>({
      cwd: dir,
      configName: name,
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
    }).store = next;
  } catch (error) {
    throw toFileError(error, path, "written");
  }
}
