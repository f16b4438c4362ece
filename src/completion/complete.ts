import type { ExitCode } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { resolveCompletionTarget } from "./completion-target.ts";
import { readLine } from "./line.ts";
import { shells } from "./shells/index.ts";
import { suggest } from "./suggest.ts";
import type { CommandTree } from "./tree.ts";

/**
 * Answers a shell on TAB: `args` are its name and what its script passes of the line. Whatever goes
 * wrong, nothing is said: a message in the middle of a line helps nobody.
 */
export async function complete(
  [name = "", ...args]: readonly string[],
  host: Host,
  root: CommandTree,
): Promise<ExitCode> {
  try {
    const shell = shells.find((each) => each.name === name);
    if (!shell) return 0;
    const words = shell.read(args);
    const line = readLine(root, words);
    const target = resolveCompletionTarget(line, host);
    const answer = await suggest({ root, line, target, now: host.now() });
    await host.stdout.write(shell.print(answer, args));
    await target.refresh();
  } catch {}
  return 0;
}
