import type { HelpTopicEntry } from "./page.ts";

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
