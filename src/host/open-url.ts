import { spawn } from "node:child_process";
import { delimiter } from "node:path";
import process from "node:process";
import open from "open";
import { isWebUrl } from "../core/url.ts";
import { withoutCredentials } from "./environment.ts";

/**
 * Reads the variable `BROWSER`: commands separated by `:` (`;` on Windows), of which the first that
 * starts is used. The URL takes the place of `%s`, or else it is the last argument. No shell sees it.
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

/** Words as a shell separates them; a `&` at the end says what is done anyway. */
const splitWords = (text: string): readonly string[] =>
  [
    ...text
      .trim()
      .replace(/&$/, "")
      .matchAll(/"([^"]*)"|'([^']*)'|\S+/g),
  ].map(([word, double, single]) => double ?? single ?? word);

/**
 * Shows an address in the person's browser: see `Host.openUrl`.
 * @param browser What the variable `BROWSER` says; without it, the system's browser.
 */
export async function openUrl(url: string, browser = ""): Promise<boolean> {
  // A server may have sent it: no other scheme is handed to the system.
  if (!isWebUrl(url)) return false;
  for (const [command = "", ...args] of parseBrowserCommands(browser, url))
    if (await starts(command, args)) return true;
  try {
    const started = await open(url);
    // A launcher that fails later says so in vain: the address is told as well.
    started.on("error", () => {});
    return true;
  } catch {
    return false;
  }
}

/** Starts a program that outlives this one. Resolves to false if there is none. */
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
