import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { formatTargetOptions, type TargetOptions } from "../core/target-options.ts";
import { CliError } from "../errors.ts";
import { isNamed, lineage } from "./command-tree.ts";

/** The commands of the program, each loaded on demand. */
export interface CommandAccess {
  /** Loads the options and the action of a command; before, it has a name and a description only. */
  readonly open: (command: CommandUnknownOpts) => Promise<void>;
  /** Whether a command acts on the target, so that it needs the target's options in a hint. */
  readonly usesTarget: (command: CommandUnknownOpts) => boolean;
}

/**
 * Adds the target's options to the commands in an error's failures and hint, because without them the commands
 * would act on another target.
 * @param target the options of the failed command: `Target.options`.
 * @param failed the failed command.
 * @returns the same error if there is nothing to add.
 */
export async function addTargetToHint(
  error: CliError,
  target: TargetOptions,
  failed: CommandUnknownOpts,
  invocation: CommandAccess,
): Promise<CliError> {
  if (formatTargetOptions(target) === "") return error;
  const root = lineage(failed)[0] ?? failed;
  const lines = [...error.failures, ...[error.hint].flat()];
  const completed: string[] = [];
  for (const line of lines) completed.push(await addTarget(line, target, root, invocation));
  if (completed.every((line, i) => line === lines[i])) return error;
  const { code, message, requestId, unknownWord, missingArgs } = error;
  const failures = completed.slice(0, error.failures.length);
  const hint = completed.slice(failures.length);
  const details = { failures, hint, requestId, unknownWord, missingArgs, cause: error };
  return new CliError(code, message, details);
}

/** The name of a command, and perhaps of its subcommand. */
const commandLine = /\btokctl ([a-z-]+)(?: ([a-z-]+))?(?![\w-])/g;

async function addTarget(
  line: string,
  target: TargetOptions,
  root: CommandUnknownOpts,
  invocation: CommandAccess,
): Promise<string> {
  const { user, profile, provider, url, ...rest } = target;
  const hasFlag = (flag: RegExp) => flag.test(line);
  // A URL given besides a profile replaces the one of the profile.
  const server = hasFlag(/ (-p|--profile|--provider|--url) /)
    ? ""
    : `${formatTargetOptions({ profile })}${formatTargetOptions({ provider, url, ...rest })}`;
  const owner = hasFlag(/ (-u|--user) /) ? "" : formatTargetOptions({ user });
  let result = "";
  let end = 0;
  for (const { index, 1: name = "", 2: subname = "" } of line.matchAll(commandLine)) {
    const command = await findCommand([name, subname], root, invocation);
    if (!command) continue;
    const isSubcommand = command.parent !== root;
    const next = index + `tokctl ${name}${isSubcommand ? ` ${subname}` : ""}`.length;
    const hasOwner = command.options.some(({ long }) => long === "--user");
    result += `${line.slice(end, next)}${hasOwner ? owner : ""}${server}`;
    end = next;
  }
  return `${result}${line.slice(end)}`;
}

/** Returns the command of these names if it acts on the target, with its options loaded. */
async function findCommand(
  names: readonly string[],
  root: CommandUnknownOpts,
  { open, usesTarget }: CommandAccess,
): Promise<CommandUnknownOpts | undefined> {
  let command = root;
  for (const name of names) {
    const found = command.commands.find((each) => isNamed(each, name));
    if (!found) break;
    command = found;
    if (!usesTarget(command)) return undefined;
    await open(command);
  }
  return command === root || command.commands.length > 0 ? undefined : command;
}
