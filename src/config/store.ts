import { mkdirSync, rmSync } from "node:fs";
import { parse } from "node:path";
import Conf from "conf";
import type { Host } from "../host.ts";
import { codeOf, type JsonObject, readJsonFile, toFileError } from "./json-file.ts";

/** How often, and after how many milliseconds, a file is asked for that another process changes. */
const patience = { attempts: 250, pause: 20 };

/**
 * Changes a file of settings, old or new but never half: conf writes another and renames it. Of two
 * processes one waits for the other, so that neither's change is lost. The only file that knows
 * conf, which takes long to load: to be imported only to write.
 * @throws BrokenFileError if what is there can't be read, UsageError if it can't be written.
 */
export async function changeJsonFile(
  path: string,
  change: (old: JsonObject) => JsonObject,
  { sleep }: Pick<Host, "sleep">,
): Promise<void> {
  const { dir, name } = parse(path);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const release = await lock(`${path}.lock`, sleep);
    try {
      const next = change(readJsonFile(path) ?? {});
      new Conf<Record<string, unknown>>({
        cwd: dir,
        configName: name,
        configFileMode: 0o600,
        accessPropertiesByDotNotation: false,
      }).store = next;
    } finally {
      release();
    }
  } catch (error) {
    throw toFileError(error, path, "written");
  }
}

/** A folder can be made only once. Who holds it longer than our patience lasts was killed. */
async function lock(path: string, sleep: Host["sleep"]): Promise<() => void> {
  const release = () => rmSync(path, { recursive: true, force: true });
  for (let attempt = 0; ; attempt++)
    try {
      mkdirSync(path);
      return release;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
      if (attempt === patience.attempts) return release;
      await sleep(patience.pause);
    }
}
