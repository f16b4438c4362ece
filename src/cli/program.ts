import { CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { lazy } from "../core/async.ts";
import { CliError } from "../errors.ts";
import type { Host } from "../host.ts";
import { version } from "../version.ts";
import { hasFlag } from "./argv.ts";
import type { Example, Invocation, ListedCommand, ListedGroup, Run } from "./command.ts";
import { createHelpLayout, type ProviderContent } from "./help/layout.ts";
import { helpWidth } from "./help/page.ts";
import { globalOptions, helpOption } from "./options.ts";
import { ProgramCommand, toProgramCommand } from "./program-command.ts";

/** The command line as a tree of commands, each loaded on demand. */
export interface Program {
  readonly root: CommandUnknownOpts;
  readonly invocation: Invocation;
  /** Returns the last command that the parser has reached. */
  readonly reached: () => CommandUnknownOpts;
}

function createProgram(run: Run, help = noHelpContent): Program {
  const examplesOf = (command: CommandUnknownOpts) =>
    command.parent === null ? rootExamples : (toProgramCommand(command).definition?.examples ?? []);
  const invocation: Invocation = {
    ...run,
    open: async (command) => toProgramCommand(command).load(),
    examplesOf,
    usesTarget: (command) => toProgramCommand(command).usesTarget,
  };
  const layout = createHelpLayout({
    examplesOf,
    seeAlsoOf: (command) => toProgramCommand(command).definition?.seeAlso ?? [],
    ...help,
  });
  const root = new ProgramCommand("tokctl", "Manage access tokens of AI platforms");
  let reached: CommandUnknownOpts = root;

  /** Adds commands, which load their options and subcommands when the parser reaches them. */
  function addCommands(parent: ProgramCommand, { entries, standard }: Subcommands): void {
    for (const entry of entries) {
      const added = createCommand(entry, parent.usesTarget);
      parent.addCommand(added, { isDefault: added.name() === standard });
      // Once, also for concurrent callers.
      added.load = lazy(async () => {
        if ("entries" in entry) addCommands(added, entry);
        else {
          added.definition = await entry.load();
          added.definition.define(added, invocation);
        }
        configure(added, run, layout);
      });
    }
    parent.hook("preSubcommand", (_parent, named) => {
      reached = named;
      return invocation.open(named);
    });
  }

  addCommands(root, { entries: run.commandList });
  configure(root, run, layout);
  return { root, invocation, reached: () => reached };
}

type Subcommands = Pick<ListedGroup, "entries" | "standard">;

/** Creates a command with its name and description only. */
function createCommand(entry: ListedCommand, parentUsesTarget: boolean): ProgramCommand {
  const [name, ...aliases] = entry.names;
  const created = new ProgramCommand(name, entry.description);
  created.aliases(aliases);
  if (entry.group !== undefined) created.helpGroup(entry.group);
  created.usesTarget = entry.usesTarget === true || parentUsesTarget;
  return created;
}

const rootExamples: readonly Example[] = [
  {
    line: "tokctl login ovh-ai --region GRA --app-token-file token.txt",
    title: "Sign in to OVHcloud AI",
  },
  {
    line: "tokctl token create ci -r ai_training_read -l group=A",
    title: "Create a token limited to resources with the label group=A",
  },
];

/** Loads every command, for the reference, man pages and completion. */
export async function loadProgram(
  host: Host,
  commandList: readonly ListedCommand[],
): Promise<Program> {
  const { readProviderContent } = await import("./help/content.ts");
  const run = { host, commandList, args: [], exit: () => {}, help: () => {} };
  const program = createProgram(run, readProviderContent(run.args, host));
  await loadAll(program);
  return program;
}

async function loadAll({ root, invocation: { open } }: Program): Promise<void> {
  const load = async (command: CommandUnknownOpts): Promise<void> => {
    await open(command);
    for (const each of command.commands) await load(each);
  };
  await load(root);
}

/**
 * Parses the command line and runs its command.
 * @throws CliError of the command, or with a suggestion for a misspelled word or option.
 */
export async function runProgram(run: Run): Promise<void> {
  const program = createProgram(run, await loadHelpContent(run));
  try {
    await program.root.parseAsync(run.args, { from: "user" });
  } catch (error) {
    const isParsing = error instanceof CommanderError;
    if (isParsing && answers.includes(error.code)) {
      const rest = run.args.filter((word) => !["--help", "-h"].includes(word));
      // `tokctl creat --help`: a group has printed its help, because it has no such command.
      if (error.code === "commander.helpDisplayed" && isGroupWithWord(program.reached()))
        return runProgram({ ...run, args: rest });
      return;
    }
    if (!isParsing && !(error instanceof CliError && (error.unknownWord || error.missingArgs)))
      throw error;
    const { suggestForParseError, suggestForUnknownWord } = await import(
      "./suggestions/suggest-correction.ts"
    );
    await loadAll(program);
    const { examplesOf } = program.invocation;
    const parse = (args: readonly string[]) => parseOnly({ ...run, args });
    const mistake = { args: run.args, command: program.reached(), examplesOf, parse };
    throw await (isParsing
      ? suggestForParseError(error, mistake)
      : suggestForUnknownWord(error, mistake));
  }
}

/** Returns the command of a command line; undefined if it is invalid, the root for help and version. */
async function parseOnly(run: Run): Promise<CommandUnknownOpts | undefined> {
  const program = createProgram({ ...run, exit: () => {}, help: () => {}, onlyParses: true });
  try {
    await program.root.parseAsync(run.args, { from: "user" });
    return program.reached();
  } catch (error) {
    const isAnswer = error instanceof CommanderError && answers.includes(error.code);
    if (isAnswer) return program.root;
    if (error instanceof CommanderError || error instanceof CliError) return undefined;
    throw error;
  }
}

/** Loads the data that only help pages need, if the command line requests one. */
async function loadHelpContent({ args, host }: Run): Promise<ProviderContent> {
  const isHelp = hasFlag(args, "help") || hasFlag(args, "h") || args[0] === "help";
  // The root page has no options of providers.
  if (!isHelp || args.every((word) => word.startsWith("-"))) return noHelpContent;
  const { readProviderContent } = await import("./help/content.ts");
  return readProviderContent(args, host);
}

const noHelpContent: ProviderContent = {
  supportOf: () => undefined,
  provider: () => undefined,
};

/** Whether a command is a group, and the word after its name is none of its commands. */
const isGroupWithWord = ({ commands, args }: CommandUnknownOpts): boolean =>
  commands.length > 0 && args[0] !== undefined && !args[0].startsWith("-");

/** Commander reports help and version as errors. */
const answers = ["commander.help", "commander.helpDisplayed", "commander.version"];

/** Sets how a command exits, prints help and reads the global options. */
function configure(
  command: CommandUnknownOpts,
  { host, help }: Run,
  layout: ReturnType<typeof createHelpLayout>,
): void {
  command.addHelpOption(helpOption()).version(version, "-V, --version", "Show the version");
  for (const option of globalOptions()) command.addOption(option);
  // Some pseudo-terminals report a width of 0.
  const width = () => host.stdout.columns || helpWidth;
  command
    .configureHelp(layout)
    .exitOverride()
    .configureOutput({
      // Commander prints the help of a group as an error; here it is a result.
      writeOut: help,
      writeErr: help,
      outputError: () => {},
      getOutHelpWidth: width,
      getErrHelpWidth: width,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}
