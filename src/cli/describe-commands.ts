import type { Argument, CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { ArgumentNode, CommandNode, CommandTree, OptionNode } from "../completion/tree.ts";
import type { Host } from "../host.ts";
import type { ListedCommand } from "./command.ts";
import { helpTopics } from "./help/layout.ts";
import { ProviderOption, repeatable } from "./options.ts";
import { loadProgram } from "./program.ts";

/** The part of a group's entry that completion needs. */
interface GroupEntry {
  readonly entries: readonly ListedCommand[];
  readonly standard?: string;
}

const verb: GroupEntry = { entries: [] };

function describeCommand(
  command: CommandUnknownOpts,
  { entries, standard }: GroupEntry,
  common: readonly OptionNode[],
): CommandNode {
  const known = new Set(command.parent ? common.map(({ flags }) => flags.at(-1)) : []);
  return {
    names: [command.name(), ...command.aliases()],
    description: command.description(),
    options: optionsOf(command).filter(({ flags }) => !known.has(flags.at(-1))),
    arguments: command.registeredArguments.map(describeArgument),
    commands: command.commands.map((each) => {
      const its = entries.find(({ names }) => names[0] === each.name());
      return describeCommand(each, its && "entries" in its ? its : verb, common);
    }),
    ...(standard !== undefined && { standard }),
  };
}

/** Returns the options in help, which include --help, then the hidden options. */
const optionsOf = (command: CommandUnknownOpts): readonly OptionNode[] => [
  ...command.createHelp().visibleOptions(command).map(describeOption),
  ...command.options.filter(({ hidden }) => hidden).map(describeOption),
];

function describeOption(option: Option): OptionNode {
  const { short, long, flags, description, parseArg, argChoices, hidden } = option;
  const kind = /[<[]([^>\].]+)/.exec(flags)?.[1];
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    name: option.attributeName(),
    description,
    ...(kind !== undefined && { value: { kind, ...(argChoices && { choices: argChoices }) } }),
    // Options with a parser of their own say it in their description.
    repeats: parseArg === repeatable || description.endsWith("(repeatable)"),
    hidden,
    ...(option instanceof ProviderOption && { capability: option.capability }),
  };
}

const describeArgument = (argument: Argument): ArgumentNode => ({
  kind: argument.name(),
  variadic: argument.variadic,
  ...(argument.argChoices && { choices: argument.argChoices }),
});

/** Returns all commands as plain data, which the build adds to the completion bundle. */
export async function describeCommands(
  host: Host,
  commandList: readonly ListedCommand[],
): Promise<CommandTree> {
  const { root } = await loadProgram(host, commandList);
  return {
    ...describeCommand(root, { entries: commandList }, optionsOf(root)),
    pages: helpTopics.map(({ name, description }) => ({ name, description })),
  };
}
