import { describeProgram } from "./commands/describe.ts";
import type { CommandTree } from "./completion/tree.ts";
import type { Host } from "./host.ts";
import { loadProgram } from "./program.ts";

/** The whole command line as plain data: what the build hands to completion. */
export const describe = async (host: Host): Promise<CommandTree> =>
  describeProgram((await loadProgram(host)).root);
