import { spawn } from "node:child_process";
import { delimiter } from "node:path";
import process from "node:process";
import open from "open";
import { isWebUrl } from "../core/url.ts";
import { withoutCredentials } from "./environment.ts";

/**
 * Parses the variable `BROWSER`: alternative commands separated by `:` (`;` on Windows). The URL
 * replaces `%s`, or is the last argument. No shell is involved.
 * @returns the words of each command.
 */
export const parseBrowserCommands = (
  variable: string,
  url: string,
): readonly (readonly string[])[] =>
  variable
    .split(delimiter)
    .map(splitWords)
    .filter(({ length }) => length > 0)
    .map((words) =>
      words.some((word) => word.includes("%s"))
        ? words.map((word) => word.replaceAll("%s", () => url))
        : [...words, url],
    );

/** Splits a command into words like a shell. A trailing `&` is ignored: commands always run in the background. */
const splitWords = (text: string): readonly string[] =>
  [
    ...text
      .trim()
      .replace(/&$/, "")
      .matchAll(/"([^"]*)"|'([^']*)'|\S+/g),
  ].map(([word, double, single]) => double ?? single ?? word);

/**
 * Opens a URL in the browser: see `Host.openUrl`.
 * @param browser the variable `BROWSER`; if it is empty, the default browser of the system.
 */
export async function openUrl(url: string, browser = ""): Promise<boolean> {
  // The URL may come from a server, so only http and https are passed to the system.
  if (!isWebUrl(url)) return false;
  for (const [command = "", ...args] of parseBrowserCommands(browser, url))
    if (await starts(command, args)) return true;
  try {
    const started = await open(url);
    // The user also sees the URL on the terminal, so a later failure of the launcher is ignored.
    started.on("error", () => {});
    return true;
  } catch {
    return false;
  }
}

/** Starts a detached program. Resolves to false if it does not exist. */
const starts = (command: string, args: readonly string[]): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      detached: true,
      stdio: "ignore",
      env: withoutCredentials(process.env),
    });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
