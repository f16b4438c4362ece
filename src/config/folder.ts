import { isAbsolute, join, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

/**
 * Where tokctl keeps what it keeps: `$TOKCTL_CONFIG_DIR`, else `$XDG_CONFIG_HOME/tokctl`, else the
 * platform's own place. Undefined where there is none, for want of a home.
 */
export function findConfigFolder({
  env,
  platform,
}: Pick<Host, "env" | "platform">): string | undefined {
  const { TOKCTL_CONFIG_DIR, XDG_CONFIG_HOME, APPDATA, HOME } = env;
  if (TOKCTL_CONFIG_DIR) return resolve(TOKCTL_CONFIG_DIR);
  // A relative one is to be ignored (XDG Base Directory Specification).
  if (XDG_CONFIG_HOME && isAbsolute(XDG_CONFIG_HOME)) return join(XDG_CONFIG_HOME, "tokctl");
  if (platform === "win32") return APPDATA && join(APPDATA, "tokctl");
  if (!HOME) return undefined;
  return platform === "darwin"
    ? join(HOME, "Library", "Application Support", "tokctl")
    : join(HOME, ".config", "tokctl");
}

/** The same, where something is to be kept. @throws UsageError if there is no such place. */
export function requireConfigFolder(folder: string | undefined): string {
  if (folder === undefined)
    throw new UsageError("There is no place to keep a profile: no home folder is set.", {
      hint: "Set TOKCTL_CONFIG_DIR to a folder of your own.",
    });
  return folder;
}
