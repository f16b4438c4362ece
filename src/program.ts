import { Command, type CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Invocation, Run } from "./commands/command.ts";
import { type Entry, entries } from "./commands/index.ts";
import { globalOptions, helpOption } from "./commands/options.ts";
import { UsageError } from "./errors.ts";
import { version } from "./version.ts";

/** The command line: parsing it loads the command that it names, and runs it. */
export function createProgram(run: Run): CommandUnknownOpts {
  const unopened = new Map<CommandUnknownOpts, () => Promise<void>>();
  async function open(command: CommandUnknownOpts): Promise<void> {
    const load = unopened.get(command);
    unopened.delete(command);
    await load?.();
  }
  const invocation: Invocation = { ...run, open };

  function add(parent: Command, entries: readonly Entry[], path: string, standard?: string): void {
    for (const entry of entries) {
      const [name, ...aliases] = entry.names;
      const built = command(name, entry.description).aliases(aliases);
      parent.addCommand(built, { isDefault: name === standard });
      const itsPath = `${path} ${name}`;
      unopened.set(built, async () => {
        if ("entries" in entry) add(built, entry.entries, itsPath, entry.standard);
        else (await entry.load()).define(built, invocation);
        settle(built, run, itsPath);
      });
    }
    parent.hook("preSubcommand", (_parent, named) => open(named));
  }

  const program = command("tokctl", "Manage access tokens of AI platforms");
  add(program, entries, program.name());
  settle(program, run, program.name());
  return program;
}

const command = (name: string, description: string): Command =>
  new Command(name).description(description).helpCommand(false).enablePositionalOptions();

/** Gives a command our way to end, to print and to read options. */
function settle(command: CommandUnknownOpts, { host, help }: Run, path: string): void {
  command.addHelpOption(helpOption()).version(version, "-V, --version", "show the version");
  for (const option of globalOptions()) command.addOption(option);
  const width = () => host.stdout.columns ?? 80;
  command
    .exitOverride((error) => refuse(error, path))
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
const answers = ["commander.help", "commander.helpDisplayed", "commander.version"];

/**
 * Words commander's errors as ours. Help and version come this way too, and pass as they are.
 * What is glued to an unknown or to a short option may be the secret of a mistyped one
 * (`-token=…` is read as `-t oken=…`): it is not shown.
 */
function refuse(error: CommanderError, path: string): never {
  if (answers.includes(error.code)) throw error;
  const [sentence = "", suggestion] = error.message.replace(/^error: /, "").split("\n(");
  const said = sentence
    .replace(/^unknown option '(-{1,2}[\w-]*).*$/s, "unknown option '$1'")
    .replace(/^(option '-[^-].*' argument) '.*' is invalid/s, "$1 is invalid");
  throw new UsageError(
    `${said.charAt(0).toUpperCase()}${said.slice(1)}${said.endsWith(".") ? "" : "."}`,
    {
      hint: [suggestion?.replace(/\)$/, ""), `See ${path} --help.`].filter(Boolean).join(" "),
    },
  );
}
