import type { Page } from "playwright-core";
import { expect } from "vitest";
import { type Environment, runShell, useSandbox } from "./spawn.ts";
import { testWith } from "./tools.ts";

/** A test that follows a guide, from its first line to its last. */
export const walk = testWith("curl");

/**
 * Called once in a file, it gives the shell of somebody who follows a guide: with `tokctl` and
 * `curl`, set up for a sandbox on a real socket. `shell` runs lines, with variables, and returns
 * what they print; a line that fails ends them.
 */
export function useShell() {
  const env = useSandbox();
  async function shell(lines: string, variables: Environment = {}): Promise<string> {
    const { code, stdout, stderr } = await runShell(`set -eu\n${lines}`, {
      env: { ...env(), ...variables },
    });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stdout.trim();
  }
  return {
    shell,
    /** The same for a command with `-o json`: what it printed, parsed. */
    json: async (line: string, variables?: Environment) =>
      JSON.parse(await shell(`${line} -o json`, variables)),
    /** What curl gets at an address with a token, and the status: `Hello, World! 200`. */
    query: (url: string, token: string) =>
      shell(`curl -s "$URL" -H "Authorization: Bearer $TOKEN" -w ' %{http_code}'`, {
        URL: url,
        TOKEN: token,
      }),
  };
}

/** The page that a browser gets for an app's address without a token, and what a token does there. */
export async function loginWithToken(tab: Page, url: string, token: string): Promise<void> {
  expect((await tab.goto(url))?.status()).toBe(401);
  await tab.getByText("Login with token").click();
  await tab.getByLabel("Token", { exact: true }).fill(token);
  await tab.getByRole("button", { name: "Connect" }).click();
}
