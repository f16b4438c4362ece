import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, onTestFinished } from "vitest";
import { findTool, testWith } from "./tools.ts";

const executable = findTool("chromium");

/** A test that needs a browser. */
export const browserTest = testWith("chromium");

/** Called once in a file, it gives tabs with cookies of their own, in one headless Chromium. */
export function useBrowser(): () => Promise<Page> {
  let browser: Promise<Browser> | undefined;
  afterAll(async () => (await browser)?.close());

  return async () => {
    browser ??= launch();
    const session = await (await browser).newContext();
    onTestFinished(() => session.close());
    return session.newPage();
  };
}

/** The installed Chromium, with a profile folder that goes when it closes, and nothing to say to its makers. */
async function launch(): Promise<Browser> {
  if (executable === undefined)
    throw new Error("There is no Chromium: install it, or name it in CHROMIUM_PATH.");
  return chromium.launch({
    executablePath: executable,
    // Beside what Playwright sets: no update, no sync, no background traffic, a headless one without a sandbox.
    args: ["--disable-gpu", "--disable-quic"],
  });
}
