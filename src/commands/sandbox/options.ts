import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { sandboxSettings } from "../../session/session.ts";

/** Adds to a command that starts a sandbox what can be said of it: its seed, the settings of its APIs. */
export function addSandboxOptions(command: Command) {
  for (const { flag, description } of sandboxSettings) {
    const option = new Option(flag, description);
    command.addOption(flag.endsWith("<duration>") ? option.argParser(days) : option);
  }
  return command.addOption(
    new Option("--seed <path>", "YAML file with the initial apps, jobs and notebooks"),
  );
}

/** Reads `20d`. */
function days(text: string): number {
  if (!/^[1-9]\d{0,3}d$/.test(text))
    throw new InvalidArgumentError("Expected a number of days such as 20d.");
  return Number(text.slice(0, -1));
}
