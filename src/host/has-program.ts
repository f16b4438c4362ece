import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Whether a program exists: see `Host.hasProgram`.
 * @param path the variable PATH; undefined for the system's default, which is not searched.
 */
export function hasProgram(command: string, path: string | undefined, platform: string): boolean {
  // Windows completes names by the extensions in PATHEXT.
  if (platform === "win32") return true;
  if (command.includes("/")) return isExecutable(command);
  // An empty entry in PATH is the current directory.
  return (
    path === undefined ||
    path.split(delimiter).some((directory) => isExecutable(join(directory || ".", command)))
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
