import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, onTestFinished, test } from "vitest";

const executable = findChromium();

/** Where no test may be left out: a missing browser fails there. */
const { CI } = process.env;

if (executable === undefined && !CI)
  process.stderr.write("Tests in a browser are skipped: there is no chromium on the PATH.\n");

/** A test that needs a browser. */
export const browserTest = test.skipIf(executable === undefined && !CI);

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

function findChromium(): string | undefined {
  const { CHROMIUM_PATH, PATH = "" } = process.env;
  if (CHROMIUM_PATH) return CHROMIUM_PATH;
  return PATH.split(delimiter)
    .map((folder) => join(folder, "chromium"))
    .find((path) => existsSync(path));
}
