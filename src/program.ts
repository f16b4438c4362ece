import type { CommanderError, CommandUnknownOpts } from "@commander-js/extra-typings";
import { type CommandFactory, command, type Invocation } from "./commands/command.ts";
import { helpCommand } from "./commands/help.ts";
import { loginCommand } from "./commands/login.ts";
import { logoutCommand } from "./commands/logout.ts";
import { globalOptions, helpOption } from "./commands/options.ts";
import { importProfilesCommand } from "./commands/profile/import.ts";
import { listProfilesCommand } from "./commands/profile/list.ts";
import { removeProfileCommand } from "./commands/profile/remove.ts";
import { setProfileCommand } from "./commands/profile/set.ts";
import { showProfileCommand } from "./commands/profile/show.ts";
import { useProfileCommand } from "./commands/profile/use.ts";
import { execCommand } from "./commands/sandbox/exec.ts";
import { serveCommand } from "./commands/sandbox/serve.ts";
import { createCommand } from "./commands/token/create.ts";
import { deleteCommand } from "./commands/token/delete.ts";
import { getCommand } from "./commands/token/get.ts";
import { listCommand } from "./commands/token/list.ts";
import { renewCommand } from "./commands/token/renew.ts";
import { rolesCommand } from "./commands/token/roles.ts";
import { whoamiCommand } from "./commands/whoami.ts";
import { UsageError } from "./errors.ts";
import { version } from "./version.ts";

/** Commands under one word; without another word it shows its help, or runs `standard`. */
const group =
  (
    name: string,
    description: string,
    commands: readonly CommandFactory[],
    standard?: CommandFactory,
  ): CommandFactory =>
  (invocation) => {
    const built = command(name, description);
    for (const create of commands)
      built.addCommand(create(invocation), { isDefault: create === standard });
    return built;
  };

/** Every command there is. */
const commands: readonly CommandFactory[] = [
  group("token", "Manage access tokens", [
    createCommand,
    getCommand,
    listCommand,
    renewCommand,
    deleteCommand,
    rolesCommand,
  ]),
  whoamiCommand,
  loginCommand,
  logoutCommand,
  group("profile", "Keep several places side by side", [
    listProfilesCommand,
    useProfileCommand,
    showProfileCommand,
    setProfileCommand,
    removeProfileCommand,
    importProfilesCommand,
  ]),
  group("sandbox", "Emulate the APIs on this machine", [serveCommand, execCommand], serveCommand),
  helpCommand,
];

/** The command line: parsing it runs the command that it names. */
export function createProgram(invocation: Invocation): CommandUnknownOpts {
  const program = command("tokctl", "Manage access tokens of AI platforms");
  for (const create of commands) program.addCommand(create(invocation));
  settle(program, invocation, program.name());
  return program;
}

/** Gives a command and those below it our way to end, to print and to read options. */
function settle(command: CommandUnknownOpts, invocation: Invocation, path: string): void {
  const { host, help } = invocation;
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
  for (const child of command.commands) settle(child, invocation, `${path} ${child.name()}`);
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
