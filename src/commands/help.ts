import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../errors.ts";
import type { Define } from "./command.ts";

export const define: Define = (command, { open }) =>
  command
    .argument("[command...]", "its words, such as token create")
    .action(async (words, _options, self) => {
      let shown: CommandUnknownOpts = self.parent ?? self;
      for (const word of words) {
        const next = shown.commands.find((each) => [each.name(), ...each.aliases()].includes(word));
        if (!next)
          throw new UsageError(`There is no command "${words.join(" ")}".`, {
            hint: `See tokctl ${words.slice(0, words.indexOf(word)).concat("--help").join(" ")}.`,
          });
        await open(next);
        shown = next;
      }
      shown.outputHelp();
    });
