import { spawn } from "node:child_process";
import { once } from "node:events";
import { withoutCredentials } from "./environment.ts";

/** Exit codes of a shell for a program that it can't find or start. */
const notStarted = [126, 127];

/**
 * Shows a text in a pager: see `Host.page`.
 * @returns false if the pager can't be started; then nothing was shown.
 */
export async function runPager(
  process: NodeJS.Process,
  command: string,
  text: Iterable<string>,
): Promise<boolean> {
  const pager = spawn(command, {
    shell: true,
    stdio: ["pipe", "inherit", "inherit"],
    // As git and gh do: less exits if the text fits, shows colors, and keeps the screen.
    env: { LESS: "FRX", LV: "-c", ...withoutCredentials(process.env) },
  });
  const exited = once(pager, "exit") as Promise<[code: number | null]>;
  // The pager handles ^C, which the terminal sends to both processes.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  try {
    // A user who quits the pager has read enough: the rest is not written.
    pager.stdin.on("error", () => {});
    for (const piece of text) {
      if (!pager.stdin.writable) break;
      if (!pager.stdin.write(piece)) await Promise.race([once(pager.stdin, "drain"), exited]);
    }
    pager.stdin.end();
    const [code] = await exited;
    return !notStarted.includes(code ?? 0);
  } catch {
    return false;
  } finally {
    process.off("SIGINT", ignore);
  }
}
