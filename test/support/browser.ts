import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, onTestFinished } from "vitest";
import { findTool, testWith } from "./tools.ts";

const executable = findTool("chromium");

/** A test that needs a browser. */
export const browserTest = testWith("chromium");

/**
 * Starts one headless Chromium for a test file. Returns a function that opens a tab with separate
 * cookies.
 */
export function useBrowser(): () => Promise<Page> {
  let browser: Promise<Browser> | undefined;
  afterAll(async () => (await browser)?.close());

  return async () => {
    browser ??= launch();
    const session = await (await browser).newContext();
    onTestFinished(() => session.close());
    session.setDefaultTimeout(120_000);
    return session.newPage();
  };
}

/**
 * Starts the installed Chromium with a temporary profile folder and without background requests.
 */
async function launch(): Promise<Browser> {
  if (executable === undefined)
    throw new Error("There is no Chromium: install it, or name it in CHROMIUM_PATH.");
  return chromium.launch({
    executablePath: executable,
    // Added to Playwright's defaults, which disable updates, sync, background requests and the
    // sandbox.
    args: ["--disable-gpu", "--disable-quic"],
  });
}
