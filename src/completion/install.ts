import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { replaceFile } from "../config/atomic-file.ts";
import { makeDirectory } from "../config/directories.ts";
import { isMissingFile, toFileError } from "../config/file-errors.ts";
import { quoteWord } from "../core/text.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Shell } from "./shells/shell.ts";

/** Where a shell looks for what completes a program. */
export interface Installation {
  readonly path: string;
  /** The file is the person's, and ours is a part of it only. */
  readonly shared: boolean;
  /** What the person has to do besides. */
  readonly next: string | readonly string[];
}

export type InstallOutcome = "installed" | "unchanged" | "removed" | "absent";

/** Where the script of a shell belongs. @throws UsageError if there is no home folder. */
export function findInstallation({ name }: Shell, { env, platform }: Host): Installation {
  const home = env["HOME"] || env["USERPROFILE"];
  if (!home)
    throw new UsageError("There is no place to install to: no home folder is set.", {
      hint: `Put what tokctl completion ${name} prints where ${name} looks for it.`,
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
        next: "A new shell has it, if the package bash-completion is installed (2.0 or later).",
      };
    case "zsh":
      return {
        path: join(zsh, "_tokctl"),
        shared: false,
        next: [
          "A new shell has it, if ~/.zshrc names the folder before it starts completion:",
          `  fpath=(${quoteWord(zsh)} $fpath)`,
          "  autoload -Uz compinit && compinit",
        ],
      };
    case "fish":
      return {
        path: join(config, "fish", "completions", "tokctl.fish"),
        shared: false,
        next: "A new shell has it.",
      };
    default:
      return {
        path: join(
          ...(platform === "win32" ? [home, "Documents", "PowerShell"] : [config, "powershell"]),
          "Microsoft.PowerShell_profile.ps1",
        ),
        shared: true,
        next: "A new session has it, if that is the file that $PROFILE names.",
      };
  }
}

/** Puts the script there, in the place of an older one. @throws UsageError */
export function install({ script }: Shell, { path, shared }: Installation): InstallOutcome {
  const old = read(path);
  const text = shared ? `${withoutBlock(old ?? "")}${begin}\n${script}${end}\n` : script;
  if (old === text) return "unchanged";
  if (!shared) checkOurs(old, path);
  write(path, text, shared);
  return "installed";
}

/** Takes it away, and leaves what else is there. @throws UsageError */
export function uninstall({ path, shared }: Installation): InstallOutcome {
  const old = read(path);
  const text = shared ? withoutBlock(old ?? "") : "";
  if (old === undefined || old === text) return "absent";
  if (!shared) checkOurs(old, path);
  if (text === "") remove(path);
  else write(path, text, shared);
  return "removed";
}

const [begin, end] = ["# >>> tokctl completion >>>", "# <<< tokctl completion <<<"];

const withoutBlock = (text: string): string =>
  text.replace(new RegExp(`^${begin}\\r?\\n.*?^${end}\\r?\\n?`, "ms"), "");

function checkOurs(text: string | undefined, path: string): void {
  if (text !== undefined && !text.includes("Written by: tokctl completion"))
    throw new UsageError(`${path} was not written by tokctl, and stays as it is.`, {
      hint: "Move it out of the way first.",
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
    throw toFileError(error, path, "removed");
  }
}

/**
 * Replaces a file at once. A person's own file may be a link, and what it leads to is replaced; a
 * link in the place of a file of ours is replaced itself.
 */
function write(path: string, text: string, isShared: boolean): void {
  try {
    // zsh takes no script from a folder that a group may write.
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
    throw toFileError(error, path, "written");
  }
}
