import type { Host } from "./host.ts";

/** Environment variables that contain a credential, of tokctl and of the platforms' own tools. */
const credentialVariables: readonly string[] = [
  "TOKCTL_APP_TOKEN",
  "OVH_ACCESS_TOKEN",
  "OVH_APPLICATION_SECRET",
  "OVH_CLIENT_SECRET",
  "OVH_CONSUMER_KEY",
];

/** Returns the environment for another program, which must not get the credential in use. */
export const withoutCredentials = (env: Host["env"]): NodeJS.ProcessEnv =>
  Object.fromEntries(
    // Windows ignores the case of names.
    Object.entries(env).filter(([name]) => !credentialVariables.includes(name.toUpperCase())),
  );

/** Returns whether the program runs in a CI system, which has no user to answer prompts. */
export const isCi = ({ CI }: Host["env"]): boolean => !!CI && CI !== "0" && CI !== "false";
