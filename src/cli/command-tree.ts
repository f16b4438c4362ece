import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** Returns a command and its parents, the root first. */
export const lineage = (leaf: CommandUnknownOpts): readonly CommandUnknownOpts[] => [
  ...(leaf.parent ? lineage(leaf.parent) : []),
  leaf,
];

/** Returns the full name of a command: `tokctl token create`. */
export const pathOf = (command: CommandUnknownOpts): string =>
  lineage(command)
    .map((each) => each.name())
    .join(" ");

/** Returns all loaded commands below this one, in the order of help. */
export const descendants = (command: CommandUnknownOpts): readonly CommandUnknownOpts[] =>
  command.commands.flatMap((each) => [each, ...descendants(each)]);

/** Whether a word is the name or an alias of the command. */
export const isNamed = (command: CommandUnknownOpts, word: string): boolean =>
  command.name() === word || command.aliases().includes(word);
