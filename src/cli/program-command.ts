import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandEffect, Definition } from "./command.ts";

/** A command of the program: the root, a group, or a command with an action. */
export class ProgramCommand extends Command {
  /** The exports of the command's file, once it is loaded; undefined for a group. */
  definition: Definition | undefined;
  /** Whether the command acts on the target. */
  usesTarget = false;
  /** Loads the options and the action, or the subcommands of a group. */
  load: () => Promise<void> = async () => {};

  constructor(name: string, description: string) {
    super(name);
    this.description(description).helpCommand(false).enablePositionalOptions();
  }
}

/** Returns a command of the program with its own type. @throws TypeError for another one */
export function toProgramCommand(command: CommandUnknownOpts): ProgramCommand {
  if (command instanceof ProgramCommand) return command;
  throw new TypeError(`${command.name()} is not a command of the program`);
}

/** Returns what a loaded command does. A suggestion has the effect of the typed command. */
export const effectOf = (command: CommandUnknownOpts): CommandEffect =>
  toProgramCommand(command).definition?.effect ?? "read";

/** Whether a loaded command deletes, renews or stops something. */
export const isDestructive = (command: CommandUnknownOpts): boolean =>
  ["stop", "renew", "delete"].includes(effectOf(command));
