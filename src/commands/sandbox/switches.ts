import { type Command, Option } from "@commander-js/extra-typings";
import { sandboxSwitches } from "../../context.ts";

/** Adds the switches of the emulated APIs to a command that starts a sandbox. */
export function addSwitches(command: Command): Command {
  for (const { flag, description } of sandboxSwitches)
    command.addOption(new Option(flag, description));
  return command;
}
