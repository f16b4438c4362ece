import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Define, Example, Invocation } from "../cli/command.ts";
import { descendants, isNamed, pathOf } from "../cli/command-tree.ts";
import { helpTopics } from "../cli/help/layout.ts";
import { formatTopic } from "../cli/help/page.ts";
import { UsageError } from "../errors.ts";

export const examples: readonly Example[] = [
  { line: "tokctl help token create", title: "Show the help of a command" },
  { line: "tokctl help exit-codes", title: "Show a topic" },
];

export const seeAlso = [
  "help options",
  "help environment",
  "help exit-codes",
  "help output",
  "help scopes",
  "help destinations",
  "help providers",
];

export const define: Define = (command, { help, host, open }) =>
  command
    .argument("[command...]", "Command, for example token create, or topic")
    .action(async (words, _options, self) => {
      const page = helpTopics.find(({ name }) => name === words.join("-"));
      if (page) return help(formatTopic(await page.load(), host.stdout.columns || undefined));
      let shown: CommandUnknownOpts = self.parent ?? self;
      for (const word of words) {
        const next = shown.commands.find((each) => isNamed(each, word));
        if (!next) throw await unknown(word, shown, open);
        await open(next);
        shown = next;
      }
      shown.outputHelp();
    });

/** Returns an error that suggests a command below `shown`, or a help topic. */
async function unknown(
  word: string,
  shown: CommandUnknownOpts,
  open: Invocation["open"],
): Promise<UsageError> {
  for (const each of shown.commands) await open(each);
  const path = pathOf(shown);
  const commands = descendants(shown).map((each) => pathOf(each).slice(path.length + 1));
  const names = shown.parent ? [] : helpTopics.map(({ name }) => name);
  return new UsageError(
    shown.parent
      ? `Unknown command "${word}" of ${path}.`
      : `Unknown command or help topic "${word}".`,
    {
      hint: `Run ${path} --help to list the commands.`,
      unknownWord: { word, candidates: [...commands, ...names], manyWords: true },
    },
  );
}
