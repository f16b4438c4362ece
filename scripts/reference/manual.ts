import type { CommandUnknownOpts, Help, Option } from "@commander-js/extra-typings";
import type { Example } from "../../src/cli/command.ts";
import { descendants, pathOf } from "../../src/cli/command-tree.ts";
import { helpTopics } from "../../src/cli/help/layout.ts";
import type { HelpTopic, Term } from "../../src/cli/help/page.ts";
import { loadProgram } from "../../src/cli/program.ts";
import { commandList } from "../../src/commands/index.ts";
import { createNodeHost } from "../../src/host/node-host.ts";

/** The content of the help page of a command. */
export interface CommandEntry {
  /** `tokctl token create` */
  readonly path: string;
  /** The full command lines of its aliases. */
  readonly aliases: readonly string[];
  readonly description: string;
  readonly usage: string;
  readonly arguments: readonly Term[];
  /** Its options without the global ones. */
  readonly options: readonly Term[];
  readonly examples: readonly Example[];
  /** The commands right below it. */
  readonly commands: readonly Term[];
}

/** The source of the man pages and of docs/reference. */
export interface Manual {
  readonly root: CommandEntry;
  readonly globalOptions: readonly Term[];
  /** Every command, in the order of help. */
  readonly commands: readonly CommandEntry[];
  /** The topics of `tokctl help TOPIC`. */
  readonly topics: readonly { readonly name: string; readonly topic: HelpTopic }[];
}

export async function readManual(): Promise<Manual> {
  const { root, invocation } = await loadProgram(createNodeHost(process), commandList);
  const helper = root.createHelp();
  const toEntry = (command: CommandUnknownOpts): CommandEntry => ({
    path: pathOf(command),
    aliases: command.aliases().map((alias) => pathOf(command).replace(/\S+$/, alias)),
    description: command.description(),
    usage: helper.commandUsage(command),
    arguments: helper.visibleArguments(command).map((argument) => ({
      term: helper.argumentTerm(argument),
      text: helper.argumentDescription(argument),
    })),
    options: helper
      .visibleOptions(command)
      .filter((option) => !isGlobal(option))
      .map((option) => toTerm(option, helper)),
    examples: invocation.examplesOf(command),
    commands: helper.visibleCommands(command).map((each) => ({
      term: each.name(),
      text: each.description(),
    })),
  });
  return {
    root: toEntry(root),
    globalOptions: helper
      .visibleOptions(root)
      .filter(isGlobal)
      .map((option) => toTerm(option, helper)),
    commands: descendants(root).map(toEntry),
    topics: await Promise.all(
      helpTopics.map(async ({ name, load }) => ({ name, topic: await load() })),
    ),
  };
}

/** The version option has no group. */
const isGlobal = ({ helpGroupHeading, long }: Option): boolean =>
  helpGroupHeading !== undefined || long === "--version";

const toTerm = (option: Option, helper: Help): Term => ({
  term: helper.optionTerm(option),
  text: helper.optionDescription(option),
});
