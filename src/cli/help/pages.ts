import type { HelpTopicEntry } from "./page.ts";

/** Pages that are about no command, as `tokctl help` lists them. */
export const helpTopics: readonly HelpTopicEntry[] = [
  {
    name: "exit-codes",
    description: "what a run ends with, and why",
    load: async () => (await import("./topics.ts")).exitCodesPage,
  },
  {
    name: "environment",
    description: "the variables that are heeded",
    load: async () => (await import("./topics.ts")).environmentPage,
  },
  {
    name: "output",
    description: "the formats, and what they hold",
    load: async () => (await import("./topics.ts")).outputPage,
  },
  {
    name: "scopes",
    description: "what a token may do, and to what",
    load: async () => (await import("./topics.ts")).scopesPage,
  },
  {
    name: "places",
    description: "where --to sends a secret",
    load: async () => (await import("./topics.ts")).placesPage,
  },
];
