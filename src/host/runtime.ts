import type { Host } from "./host.ts";

/** What runs the program. Nothing of ours runs on Bun but standalone programs, which bring it along. */
export const runtimeOf = ({ version, versions: { bun } }: NodeJS.Process): Host["runtime"] =>
  bun === undefined ? { name: "Node", version } : { name: "Bun", version: bun };

/**
 * The words that start this program over: Node and the file that it runs, or the executable of a
 * standalone program, which is both.
 */
export function selfOf(process: NodeJS.Process): readonly [string, ...string[]] {
  const { execPath, argv } = process;
  return runtimeOf(process).name === "Node" ? [execPath, argv[1] ?? ""] : [execPath];
}
