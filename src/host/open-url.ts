import { spawn } from "node:child_process";
import process from "node:process";
import open from "open";
import { isWebUrl } from "../core/web-url.ts";
import { parseBrowserCommands } from "./browser-command.ts";
import { withoutCredentials } from "./child-environment.ts";

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
