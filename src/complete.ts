import { resolveCompletionTarget } from "./completion/completion-target.ts";
import { readLine } from "./completion/line.ts";
import { shells } from "./completion/shells.ts";
import { suggest } from "./completion/suggest.ts";
import type { CommandTree } from "./completion/tree.ts";
import type { ExitCode } from "./errors.ts";
import type { Host } from "./host.ts";

/** All commands as plain data; the build inserts it. */
declare const commandTree: CommandTree;

/** Completes a command line for a shell, without loading the program. Never throws. */
export const main = (args: readonly string[], host: Host): Promise<ExitCode> =>
  printCompletions(args.slice(1), host, commandTree);

/**
 * Prints the candidates for a shell on TAB. The arguments are the shell's name, and the command line
 * as its script passes it. Prints no errors: they would garble the line that is being typed.
 */
export async function printCompletions(
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
