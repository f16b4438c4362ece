import { type Command, Option } from "@commander-js/extra-typings";
import { sandboxSwitches } from "../../context.ts";
import { command } from "../command.ts";

/** A command that starts a sandbox: it takes the switches of the emulated APIs. */
export function sandboxCommand(name: string, description: string): Command {
  const built = command(name, description);
  for (const { flag, description } of sandboxSwitches)
    built.addOption(new Option(flag, description));
  return built;
}
