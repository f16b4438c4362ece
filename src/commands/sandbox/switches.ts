import { type Command, Option } from "@commander-js/extra-typings";
import { sandboxSwitches } from "../../context.ts";

/** Adds to a command that starts a sandbox what can be said of it: its seed, the switches of its APIs. */
export function addSwitches(command: Command) {
  for (const { flag, description } of sandboxSwitches)
    command.addOption(new Option(flag, description));
  return command.addOption(
    new Option("--seed <path>", "what it starts with: apps, jobs and notebooks, in YAML"),
  );
}
