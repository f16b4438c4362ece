/** What the emulated APIs can be told to do otherwise, each an option of the sandbox's commands. */
export const switches = [
  {
    name: "osmoStrict",
    flag: "--osmo-strict",
    description: "OSMO lets only administrators manage the tokens of others",
  },
  {
    name: "osmoGateway",
    flag: "--osmo-gateway",
    description: "OSMO requires signing in: it refuses a request that only names its user",
  },
  {
    name: "osmoMaxLifetime",
    flag: "--osmo-max-lifetime <duration>",
    description: "the longest life of OSMO's tokens, such as 20d (default: 365d)",
  },
] as const;

/** The emulated API that is set up for a command unless another is named. */
export const defaultApi = "ovh-ai";

export interface Switches {
  readonly osmoStrict?: boolean | undefined;
  readonly osmoGateway?: boolean | undefined;
  /** In days. */
  readonly osmoMaxLifetime?: number | undefined;
}
