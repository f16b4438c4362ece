import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** A command and those above it, the root first. */
export const lineage = (leaf: CommandUnknownOpts): readonly CommandUnknownOpts[] => [
  ...(leaf.parent ? lineage(leaf.parent) : []),
  leaf,
];

/** `tokctl token create` */
export const pathOf = (command: CommandUnknownOpts): string =>
  lineage(command)
    .map((each) => each.name())
    .join(" ");

/** Every command below this one that is loaded, in the order of help. */
export const descendants = (command: CommandUnknownOpts): readonly CommandUnknownOpts[] =>
  command.commands.flatMap((each) => [each, ...descendants(each)]);

export const isNamed = (command: CommandUnknownOpts, word: string): boolean =>
  command.name() === word || command.aliases().includes(word);
