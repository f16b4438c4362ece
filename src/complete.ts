import { complete } from "./completion/complete.ts";
import type { CommandTree } from "./completion/tree.ts";
import type { ExitCode } from "./errors.ts";
import type { Host } from "./host/host.ts";

/** Every command there is; the build reads it off the program and puts it here. */
declare const commandTree: CommandTree;

/** Answers a shell on TAB, without loading the program. Nothing is thrown. */
export const main = (args: readonly string[], host: Host): Promise<ExitCode> =>
  complete(args.slice(1), host, commandTree);
