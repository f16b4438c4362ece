import { existsSync, mkdirSync, mkdtempSync, rmdirSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { describeSystemError, systemCodeOf } from "../core/system-errors.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

type DirectoryHost = Pick<Host, "env" | "platform">;

/** A kind of directory, and its path on each platform. */
interface DirectoryKind {
  /** The environment variable of tokctl that names the directory. */
  readonly variable: string;
  /** The XDG variable, and its default relative to the home directory. */
  readonly xdg: readonly [variable: string, defaultPath: string];
  /** Relative to the home directory. */
  readonly darwin: string;
  /** The Windows variable, and the path relative to it. */
  readonly win32: readonly [variable: string, path: string];
}

/**
 * Returns the directory for profiles and credentials: `$TOKCTL_CONFIG_DIR`, else
 * `$XDG_CONFIG_HOME/tokctl`, else the platform's default. Undefined without a home directory.
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export const findConfigDirectory = (host: DirectoryHost): string | undefined =>
  findDirectory(host, {
    variable: "TOKCTL_CONFIG_DIR",
    xdg: ["XDG_CONFIG_HOME", ".config"],
    darwin: "Library/Application Support",
    win32: ["APPDATA", "tokctl"],
  });

/** Returns the directory for data that can be deleted: `$TOKCTL_CACHE_DIR`, `$XDG_CACHE_HOME/tokctl`, … */
export const findCacheDirectory = (host: DirectoryHost): string | undefined =>
  findDirectory(host, {
    variable: "TOKCTL_CACHE_DIR",
    xdg: ["XDG_CACHE_HOME", ".cache"],
    darwin: "Library/Caches",
    win32: ["LOCALAPPDATA", "tokctl/cache"],
  });

/** Returns the directory for the journal and locks: `$TOKCTL_STATE_DIR`, `$XDG_STATE_HOME/tokctl`, … */
export const findStateDirectory = (host: DirectoryHost): string | undefined =>
  findDirectory(host, {
    variable: "TOKCTL_STATE_DIR",
    xdg: ["XDG_STATE_HOME", ".local/state"],
    darwin: "Library/Application Support",
    win32: ["LOCALAPPDATA", "tokctl/state"],
  });

function findDirectory({ env, platform }: DirectoryHost, kind: DirectoryKind): string | undefined {
  const chosen = env[kind.variable];
  if (chosen) return resolve(chosen);
  const [variable, defaultPath] = kind.xdg;
  const base = env[variable];
  // The XDG specification requires ignoring a relative path.
  if (base && isAbsolute(base)) return join(base, "tokctl");
  if (platform === "win32") {
    const [folder, path] = kind.win32;
    return joinBelow(env[folder], path);
  }
  return joinBelow(env["HOME"], platform === "darwin" ? kind.darwin : defaultPath, "tokctl");
}

/** Returns undefined without a base, because an empty base would mean the current directory. */
const joinBelow = (base: string | undefined, ...names: readonly string[]): string | undefined =>
  base ? join(base, ...names) : undefined;

/** Returns the configuration directory. @throws UsageError if it is undefined */
export function requireConfigDirectory(directory: string | undefined): string {
  if (directory === undefined)
    throw new UsageError("No configuration directory: the home directory is not set.", {
      hint: "Set TOKCTL_CONFIG_DIR to a directory of your own.",
    });
  return directory;
}

/**
 * Checks that the configuration directory is writable by creating and removing a directory in its
 * nearest existing parent: permissions do not show a read-only file system.
 * @throws UsageError if it is not writable.
 */
export function checkWritable(directory: string): void {
  const existing = nearestExisting(directory);
  try {
    rmdirSync(mkdtempSync(join(existing, ".tokctl-check-")));
  } catch (error) {
    throw new UsageError(
      `${existing} is not writable: ${describeSystemError(systemCodeOf(error))}.`,
      {
        hint: `Profiles are stored in ${directory}. Check its permissions, or set TOKCTL_CONFIG_DIR to a directory of your own.`,
        cause: error,
      },
    );
  }
}

function nearestExisting(path: string): string {
  const parent = dirname(path);
  return parent === path || existsSync(path) ? path : nearestExisting(parent);
}

/**
 * Creates a directory and its missing parents with mode 0700. Node's `recursive` option never
 * returns below /proc.
 * @throws the file system's error
 */
export function makeDirectory(path: string): void {
  const missingParent = makeOne(path);
  if (!missingParent) return;
  makeDirectory(dirname(path));
  const stillMissing = makeOne(path);
  if (stillMissing) throw stillMissing;
}

/** Creates one directory. @returns the error if the parent does not exist. */
function makeOne(path: string): unknown {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return error;
    // Another process may have created it.
    if (systemCodeOf(error) !== "EEXIST") throw error;
  }
  return undefined;
}
