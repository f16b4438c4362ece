import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { replaceFile } from "../config/atomic-file.ts";
import { makeDirectory } from "../config/directories.ts";
import { quoteWord } from "../core/quoting.ts";
import { isMissingFile, toFileError } from "../core/system-errors.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Shell } from "./shells.ts";

/** The file that a shell loads its completion script from. */
export interface Installation {
  readonly path: string;
  /** Whether the file has other contents, so that the script is a marked block in it. */
  readonly shared: boolean;
  /** Next steps to activate completion. */
  readonly next: string | readonly string[];
}

export type InstallOutcome = "installed" | "unchanged" | "removed" | "absent";

/** Returns the completion file of a shell. @throws UsageError without a home directory. */
export function findInstallation({ name }: Shell, { env, platform }: Host): Installation {
  const home = env["HOME"] || env["USERPROFILE"];
  if (!home)
    throw new UsageError(`Cannot install completion for ${name}: no home directory is set.`, {
      hint: `Set HOME, or save the script yourself: tokctl completion ${name}`,
    });
  const base = (variable: string, preset: string): string => {
    const folder = env[variable];
    return folder && isAbsolute(folder) ? folder : join(home, preset);
  };
  const data = base("XDG_DATA_HOME", ".local/share");
  const config = base("XDG_CONFIG_HOME", ".config");
  const [own] = (env["BASH_COMPLETION_USER_DIR"] ?? "").split(":");
  const zsh = join(data, "zsh", "site-functions");
  switch (name) {
    case "bash":
      return {
        path: join(own || join(data, "bash-completion"), "completions", "tokctl"),
        shared: false,
        next: "Open a new shell to use completion. It needs the package bash-completion 2.0 or later.",
      };
    case "zsh":
      return {
        path: join(zsh, "_tokctl"),
        shared: false,
        next: [
          "Open a new shell to use completion. ~/.zshrc must contain:",
          `  fpath=(${quoteWord(zsh)} $fpath)`,
          "  autoload -Uz compinit && compinit",
        ],
      };
    case "fish":
      return {
        path: join(config, "fish", "completions", "tokctl.fish"),
        shared: false,
        next: "Open a new shell to use completion.",
      };
    default:
      return {
        path: join(
          ...(platform === "win32" ? [home, "Documents", "PowerShell"] : [config, "powershell"]),
          "Microsoft.PowerShell_profile.ps1",
        ),
        shared: true,
        next: "Open a new session to use completion. $PROFILE must be this file.",
      };
  }
}

/**
 * Installs or updates the script.
 * @throws UsageError if the file can't be written or was not created by tokctl.
 */
export function install({ script }: Shell, { path, shared }: Installation): InstallOutcome {
  const old = read(path);
  const text = shared ? `${withoutBlock(old ?? "")}${begin}\n${script}${end}\n` : script;
  if (old === text) return "unchanged";
  if (!shared) checkWrittenByTokctl(old, path);
  write(path, text, shared);
  return "installed";
}

/** Removes the script and keeps other contents of the file. @throws UsageError like `install`. */
export function uninstall({ path, shared }: Installation): InstallOutcome {
  const old = read(path);
  const text = shared ? withoutBlock(old ?? "") : "";
  if (old === undefined || old === text) return "absent";
  if (!shared) checkWrittenByTokctl(old, path);
  if (text === "") remove(path);
  else write(path, text, shared);
  return "removed";
}

const [begin, end] = ["# >>> tokctl completion >>>", "# <<< tokctl completion <<<"];

const withoutBlock = (text: string): string =>
  text.replace(new RegExp(`^${begin}\\r?\\n.*?^${end}\\r?\\n?`, "ms"), "");

function checkWrittenByTokctl(text: string | undefined, path: string): void {
  if (text !== undefined && !text.includes("Written by: tokctl completion"))
    throw new UsageError(`Cannot replace ${path}: the file was not written by tokctl.`, {
      hint: "Move or delete the file, and run the command again.",
    });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw toFileError(error, path, "read");
  }
}

function remove(path: string): void {
  try {
    rmSync(path);
  } catch (error) {
    throw toFileError(error, path, "remove");
  }
}

/** Replaces a file atomically. Follows a symbolic link to a shared file; replaces any other link. */
function write(path: string, text: string, isShared: boolean): void {
  try {
    // zsh ignores scripts in directories that a group can write to.
    makeDirectory(dirname(path));
    const known = statSync(path, { throwIfNoEntry: false });
    const target = known && isShared ? realpathSync(path) : path;
    const folder = mkdtempSync(join(dirname(target), ".tokctl-"));
    try {
      replaceFile(target, text, {
        temporary: join(folder, "completion"),
        mode: (known?.mode ?? 0o644) & 0o777,
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  } catch (error) {
    throw toFileError(error, path, "write");
  }
}
