import type { Page } from "playwright-core";
import { expect } from "vitest";
import { type Environment, runShell, useSandbox } from "./spawn.ts";
import { testWith } from "./tools.ts";

/** A test that runs all commands of a guide. */
export const walk = testWith("curl");

/**
 * Creates a shell for a test file with `tokctl` and `curl`, configured for a sandbox on a real
 * socket. `shell` runs commands with variables and returns their output; it stops at the first
 * command that fails.
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
    /** Runs a command with `-o json` and returns the parsed output. */
    json: async (line: string, variables?: Environment) =>
      JSON.parse(await shell(`${line} -o json`, variables)),
    /** Returns the body and status of a request with a token: `Hello, World! 200`. */
    query: (url: string, token: string) =>
      shell(`curl -s "$URL" -H "Authorization: Bearer $TOKEN" -w ' %{http_code}'`, {
        URL: url,
        TOKEN: token,
      }),
  };
}

/** Opens an app in a browser without a token, and logs in with a token on the login page. */
export async function loginWithToken(tab: Page, url: string, token: string): Promise<void> {
  expect((await tab.goto(url))?.status()).toBe(401);
  await tab.getByText("Login with token").click();
  await tab.getByLabel("Token", { exact: true }).fill(token);
  await tab.getByRole("button", { name: "Connect" }).click();
}
