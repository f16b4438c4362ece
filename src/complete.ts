import { printCompletions } from "./completion/print-completions.ts";
import type { CommandTree } from "./completion/tree.ts";
import type { ExitCode } from "./errors.ts";
import type { Host } from "./host.ts";

/** All commands as plain data; the build inserts it. */
declare const commandTree: CommandTree;

/** Completes a command line for a shell, without loading the program. Never throws. */
export const main = (args: readonly string[], host: Host): Promise<ExitCode> =>
  printCompletions(args.slice(1), host, commandTree);
