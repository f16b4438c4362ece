/** What the emulated APIs can be told to do otherwise, each an option of the sandbox's commands. */
export const switches = [
  {
    name: "osmoStrict",
    flag: "--osmo-strict",
    description: "OSMO lets only administrators manage the tokens of others",
  },
] as const;

/** The emulated API that is set up for a command unless another is named. */
export const defaultApi = "ovh-ai";

export type Switches = Readonly<Partial<Record<(typeof switches)[number]["name"], boolean>>>;
