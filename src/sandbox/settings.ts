/** Settings of the emulated APIs, each an option of the sandbox commands. */
export const sandboxSettings = [
  {
    name: "osmoStrict",
    flag: "--osmo-strict",
    description: "OSMO: only administrators can manage the tokens of other users",
  },
  {
    name: "osmoGateway",
    flag: "--osmo-gateway",
    description: "OSMO: require sign-in and reject the user header",
  },
  {
    name: "osmoMaxLifetime",
    flag: "--osmo-max-lifetime <duration>",
    description: "OSMO: maximum lifetime of tokens, for example 20d (default: 365d)",
  },
] as const;

/** The API that `sandbox exec` configures by default. */
export const defaultApi = "ovh-ai";

/** Values of the settings. */
export interface SandboxSettings {
  readonly osmoStrict?: boolean | undefined;
  readonly osmoGateway?: boolean | undefined;
  /** Days. */
  readonly osmoMaxLifetime?: number | undefined;
}
