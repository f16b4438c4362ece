import { mkdirSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { codeOf } from "./json-file.ts";

type Surroundings = Pick<Host, "env" | "platform">;

/** A kind of folder, and where each platform has it. */
interface Kind {
  /** The variable of ours that names it, whatever the platform. */
  readonly ours: string;
  /** The variable of the XDG Base Directory Specification, and what it stands for below a home. */
  readonly xdg: readonly [variable: string, preset: string];
  readonly darwin: string;
  readonly win32: readonly [variable: string, name: string];
}

/**
 * Where tokctl keeps what it keeps: `$TOKCTL_CONFIG_DIR`, else `$XDG_CONFIG_HOME/tokctl`, else the
 * platform's own place. Undefined where there is none, for want of a home.
 */
export const findConfigDirectory = (surroundings: Surroundings): string | undefined =>
  findFolder(surroundings, {
    ours: "TOKCTL_CONFIG_DIR",
    xdg: ["XDG_CONFIG_HOME", ".config"],
    darwin: "Library/Application Support",
    win32: ["APPDATA", "tokctl"],
  });

/** Where it keeps what it can do without: `$TOKCTL_CACHE_DIR`, `$XDG_CACHE_HOME/tokctl`, … */
export const findCacheDirectory = (surroundings: Surroundings): string | undefined =>
  findFolder(surroundings, {
    ours: "TOKCTL_CACHE_DIR",
    xdg: ["XDG_CACHE_HOME", ".cache"],
    darwin: "Library/Caches",
    win32: ["LOCALAPPDATA", "tokctl/cache"],
  });

/** Where it keeps what must outlive a run that was cut off: `$TOKCTL_STATE_DIR`, `$XDG_STATE_HOME/tokctl`, … */
export const findStateDirectory = (surroundings: Surroundings): string | undefined =>
  findFolder(surroundings, {
    ours: "TOKCTL_STATE_DIR",
    xdg: ["XDG_STATE_HOME", ".local/state"],
    darwin: "Library/Application Support",
    win32: ["LOCALAPPDATA", "tokctl/state"],
  });

function findFolder({ env, platform }: Surroundings, kind: Kind): string | undefined {
  const chosen = env[kind.ours];
  if (chosen) return resolve(chosen);
  const [variable, preset] = kind.xdg;
  const base = env[variable];
  // A relative one is to be ignored.
  if (base && isAbsolute(base)) return join(base, "tokctl");
  if (platform === "win32") {
    const [folder, name] = kind.win32;
    return below(env[folder], name);
  }
  return below(env["HOME"], platform === "darwin" ? kind.darwin : preset, "tokctl");
}

/** Undefined where there is no such place: an empty one would be the folder we are run in. */
const below = (place: string | undefined, ...names: readonly string[]): string | undefined =>
  place ? join(place, ...names) : undefined;

/** The folder for settings, where something is to be kept. @throws UsageError if there is no such place. */
export function requireConfigDirectory(folder: string | undefined): string {
  if (folder === undefined)
    throw new UsageError("There is no place to keep a profile: no home folder is set.", {
      hint: "Set TOKCTL_CONFIG_DIR to a folder of your own.",
    });
  return folder;
}

/**
 * Makes a folder, and those above it, for nobody else. Node's own recursive way never ends below
 * /proc, where nothing can be made. @throws the file system's own error.
 */
export function makeDirectory(path: string): void {
  const missing = make(path);
  if (!missing) return;
  makeDirectory(dirname(path));
  const stillMissing = make(path);
  if (stillMissing) throw stillMissing;
}

/** @returns the error of a folder that there is no folder for. */
function make(path: string): unknown {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have been quicker.
    if (codeOf(error) === "ENOENT") return error;
    if (codeOf(error) !== "EEXIST") throw error;
  }
  return undefined;
}
