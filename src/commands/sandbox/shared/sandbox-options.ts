import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { sandboxSettings } from "../../../sandbox/settings.ts";

/** Adds the options of a sandbox to a command: settings of its APIs and seed file. */
export function addSandboxOptions(command: Command) {
  for (const { flag, description } of sandboxSettings) {
    const option = new Option(flag, description);
    command.addOption(flag.endsWith("<duration>") ? option.argParser(parseDays) : option);
  }
  return command.addOption(
    new Option("--seed <path>", "YAML file with the initial apps, jobs and notebooks"),
  );
}

/** Parses a duration such as `20d` and returns the days. */
function parseDays(text: string): number {
  if (!/^[1-9]\d{0,3}d$/.test(text))
    throw new InvalidArgumentError("Expected a number of days such as 20d.");
  return Number(text.slice(0, -1));
}
