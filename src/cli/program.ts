import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { type Entry, entries } from "../commands/index.ts";
import { CliError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { version } from "../version.ts";
import type { Example, Invocation, Run } from "./command.ts";
import { formatExamples, formatTopicList, helpLayout, helpWidth } from "./help/page.ts";
import { helpTopics } from "./help/pages.ts";
import { globalOptions, helpOption } from "./options.ts";

/** The command line, as a tree of commands that are loaded when they are named. */
export interface Program {
  readonly root: CommandUnknownOpts;
  readonly invocation: Invocation;
  /** The command that parsing has come to. */
  readonly reached: () => CommandUnknownOpts;
}

function createProgram(run: Run): Program {
  const unopened = new Map<CommandUnknownOpts, () => Promise<void>>();
  const examples = new Map<CommandUnknownOpts, readonly Example[]>();
  async function open(command: CommandUnknownOpts): Promise<void> {
    const load = unopened.get(command);
    unopened.delete(command);
    await load?.();
  }
  const examplesOf = (command: CommandUnknownOpts) => examples.get(command) ?? [];
  const invocation: Invocation = { ...run, open, examplesOf };
  const root = command("tokctl", "Manage access tokens of AI platforms");
  let reached: CommandUnknownOpts = root;

  function add(parent: Command, entries: readonly Entry[], standard?: string): void {
    for (const entry of entries) {
      const [name, ...aliases] = entry.names;
      const built = command(name, entry.description).aliases(aliases);
      parent.addCommand(built, { isDefault: name === standard });
      unopened.set(built, async () => {
        if ("entries" in entry) add(built, entry.entries, entry.standard);
        else {
          const definition = await entry.load();
          definition.define(built, invocation);
          examples.set(built, definition.examples);
          built.addHelpText("after", formatExamples(definition.examples));
        }
        settle(built, run);
      });
    }
    parent.hook("preSubcommand", (_parent, named) => {
      reached = named;
      return open(named);
    });
  }

  add(root, entries);
  root.addHelpText("after", () =>
    formatTopicList(helpTopics, run.host.stdout.columns || helpWidth),
  );
  settle(root, run);
  return { root, invocation, reached: () => reached };
}

/** The command line with every command loaded, for what tells of them and runs none. */
export async function loadProgram(host: Host): Promise<Program> {
  const program = createProgram({ host, args: [], exit: () => {}, help: () => {} });
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
 * Parses the command line and runs what it names.
 * @throws CliError, with the line that was perhaps meant where a word is not known.
 */
export async function runProgram(run: Run): Promise<void> {
  const program = createProgram(run);
  try {
    await program.root.parseAsync(run.args, { from: "user" });
  } catch (error) {
    const isParsing = error instanceof CommanderError;
    if (isParsing && answers.includes(error.code)) return;
    if (!isParsing && !(error instanceof CliError && (error.misspelt || error.lacking)))
      throw error;
    const { suggestForParseError, suggestForUnknownWord } = await import("./suggestions/advise.ts");
    await loadAll(program);
    const { examplesOf } = program.invocation;
    const parse = (args: readonly string[]) => parseOnly({ ...run, args });
    const mistake = { args: run.args, command: program.reached(), examplesOf, parse };
    throw await (isParsing
      ? suggestForParseError(error, mistake)
      : suggestForUnknownWord(error, mistake));
  }
}

/** The command that a line runs; undefined if it can't be parsed. Help and version are the root's. */
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

/** Help and version come as errors, too. */
const answers = ["commander.help", "commander.helpDisplayed", "commander.version"];

const command = (name: string, description: string): Command =>
  new Command(name).description(description).helpCommand(false).enablePositionalOptions();

/** Gives a command our way to end, to print and to read options. */
function settle(command: CommandUnknownOpts, { host, help }: Run): void {
  command.addHelpOption(helpOption()).version(version, "-V, --version", "show the version");
  for (const option of globalOptions()) command.addOption(option);
  // Some pseudo-terminals say that they are 0 wide.
  const width = () => host.stdout.columns || helpWidth;
  command
    .configureHelp(helpLayout)
    .exitOverride()
    .configureOutput({
      // A group without a command prints its help as an error; with us it is an answer.
      writeOut: help,
      writeErr: help,
      outputError: () => {},
      getOutHelpWidth: width,
      getErrHelpWidth: width,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}
