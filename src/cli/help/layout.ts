import type { Argument, CommandUnknownOpts, Help, Option } from "@commander-js/extra-typings";
import type { Capability } from "../../core/provider.ts";
import type { Example } from "../command.ts";
import { pathOf } from "../command-tree.ts";
import { isGlobalOption, oneOf, ProviderOption } from "../options.ts";
import { formatTerms, type HelpTopicEntry, helpWidth, type Term, titleOf } from "./page.ts";

/** The global options that every help page shows; `tokctl help options` shows all of them. */
const shownGlobalOptions = ["--output", "--profile", "--quiet", "--help"];

/** The root page shows this one, too. */
const versionFlag = "--version";

/** The number of examples on a page, so that it fits a screen. */
const maxExamples = 4;

/** The IDs of the providers that support an option, and of the others. */
export interface ProviderSupport {
  readonly supporting: readonly string[];
  readonly others: readonly string[];
}

/** The parts of a help page that depend on the providers. */
export interface ProviderContent {
  /** Returns which providers support an option; undefined if they are not loaded. */
  readonly supportOf: (capability: Capability) => ProviderSupport | undefined;
  /** Returns the ID of the provider that the command line, the environment or the profile selects. */
  readonly provider: () => string | undefined;
}

/** The parts of a help page that commander does not have. */
export interface HelpContent extends ProviderContent {
  /** Returns the examples of a loaded command. */
  readonly examplesOf: (command: CommandUnknownOpts) => readonly Example[];
  /** Returns related help pages and commands without `tokctl`. */
  readonly seeAlsoOf: (command: CommandUnknownOpts) => readonly string[];
}

/** The topics of `tokctl help TOPIC`. */
export const helpTopics: readonly HelpTopicEntry[] = [
  {
    name: "options",
    description: "All global options",
    load: async () => (await import("./topics.ts")).optionsTopic,
  },
  {
    name: "environment",
    description: "Environment variables",
    load: async () => (await import("./environment.ts")).environmentTopic,
  },
  {
    name: "exit-codes",
    description: "Exit codes and error codes",
    load: async () => (await import("./topics.ts")).exitCodesTopic,
  },
  {
    name: "output",
    description: "Output formats and JSON fields",
    load: async () => (await import("./topics.ts")).outputTopic,
  },
  {
    name: "scopes",
    description: "Roles and scopes of a token",
    load: async () => (await import("./topics.ts")).scopesTopic,
  },
  {
    name: "destinations",
    description: "Destinations of --to",
    load: async () => (await import("./topics.ts")).destinationsTopic,
  },
  {
    name: "providers",
    description: "Providers and their features",
    load: async () => (await import("./topics.ts")).providersTopic,
  },
];

/** Commander's help with the layout of `gh` and `kubectl`. */
export const createHelpLayout = (content: HelpContent) => ({
  commandUsage: (command: CommandUnknownOpts) => `${pathOf(command)} ${usageOf(command)}`.trim(),
  subcommandTerm: (command: CommandUnknownOpts) => command.name(),
  argumentDescription: describeArgument,
  optionDescription: (option: Option) => describeOption(option, content),

  formatHelp(command: CommandUnknownOpts, helper: Help): string {
    const width = helper.helpWidth ?? helpWidth;
    const options = helper.visibleOptions(command);
    const toTerm = (option: Option): Term => ({
      term: helper.optionTerm(option),
      text: helper.optionDescription(option),
    });
    const isRoot = command.parent === null;
    const shared = options.filter(
      ({ long = "" }) => shownGlobalOptions.includes(long) || (isRoot && long === versionFlag),
    );
    const sections: readonly (readonly [heading: string, terms: readonly Term[]])[] = [
      [
        "Arguments",
        helper
          .visibleArguments(command)
          .filter(({ description }) => description !== "")
          .map((argument) => ({
            term: helper.argumentTerm(argument),
            text: helper.argumentDescription(argument),
          })),
      ],
      ...groupCommands(helper.visibleCommands(command)),
      [
        "Options",
        options
          .filter((option) => !isGlobalOption(option) && option.long !== versionFlag)
          .map(toTerm),
      ],
      ["Global options (tokctl help options)", shared.map(toTerm)],
    ];
    const shown = sections.filter(([, terms]) => terms.length > 0);
    const widest = Math.max(...shown.flatMap(([, terms]) => terms.map(({ term }) => term.length)));
    const aliases = command.aliases();
    const seeAlso = content.seeAlsoOf(command);
    return [
      helper.boxWrap(`${command.description()}.`, width),
      [
        `Usage: ${helper.commandUsage(command)}`,
        ...(aliases.length > 0 ? [`Aliases: ${aliases.join(", ")}`] : []),
      ].join("\n"),
      ...shown.map(([heading, terms]) => `${heading}:\n${formatTerms(terms, width, widest)}`),
      ...formatExamples(content.examplesOf(command), content.provider()),
      ...(isRoot
        ? [helper.boxWrap(`Help topics: ${topicNames} (tokctl help <topic>)`, width)]
        : []),
      ...(seeAlso.length > 0
        ? [
            helper.boxWrap(
              `See also: ${seeAlso.map((words) => `tokctl ${words}`).join(", ")}`,
              width,
            ),
          ]
        : []),
    ]
      .join("\n\n")
      .concat("\n");
  },
});

const topicNames = helpTopics.map(({ name }) => name).join(", ");

/** `[name] [options]`: arguments first, unless the options must precede arguments after `--`. */
function usageOf(command: CommandUnknownOpts): string {
  const usage = command.usage();
  const [, rest] = /^\[options\] ((?!.*--).*)$/.exec(usage) ?? [];
  const words = rest ?? usage;
  return (rest === undefined ? words : `${words} [options]`).replace("[command]", "<command>");
}

function groupCommands(
  commands: readonly CommandUnknownOpts[],
): readonly (readonly [string, readonly Term[]])[] {
  const groups = new Map<string, Term[]>();
  for (const command of commands) {
    const heading = command.helpGroup() || "Commands";
    const terms = groups.get(heading) ?? [];
    groups.set(heading, terms);
    const names = [command.name(), ...command.aliases()];
    terms.push({ term: names.join(", "), text: command.description() });
  }
  return [...groups];
}

/** `Shell: bash, zsh, fish or powershell`. A single choice is the name of the argument. */
const describeArgument = ({ description, argChoices = [] }: Argument): string =>
  argChoices.length > 1 ? `${description}: ${oneOf(argChoices)}` : description;

/** `Limit access to resources with this label [ovh-ai, ovh-cloud]` */
function describeOption(option: Option, { supportOf }: HelpContent): string {
  const support = option instanceof ProviderOption ? supportOf(option.capability) : undefined;
  if (!support || support.others.length === 0) return option.description;
  return `${option.description} ${describeSupport(support)}`;
}

/** `[ovh-ai, ovh-cloud]`, or `[not ovh-serving]` if that is shorter. */
function describeSupport({ supporting, others }: ProviderSupport): string {
  const positive = `[${supporting.join(", ")}]`;
  const negative = `[not ${others.join(", ")}]`;
  return negative.length < positive.length ? negative : positive;
}

/** The examples of the selected provider come first. */
function formatExamples(
  examples: readonly Example[],
  selected: string | undefined,
): readonly string[] {
  if (examples.length === 0) return [];
  const isOfSelected = ({ provider }: Example) => provider !== undefined && provider === selected;
  const own = examples.filter(isOfSelected);
  const general = examples.filter((each) => !isOfSelected(each) && !each.provider);
  const others = examples.filter((each) => !isOfSelected(each) && each.provider);
  const chosen = [...own, ...general, ...others].slice(0, maxExamples);
  return [
    ["Examples:", ...chosen.flatMap((each) => [`  # ${titleOf(each)}`, `  $ ${each.line}`])].join(
      "\n",
    ),
  ];
}
