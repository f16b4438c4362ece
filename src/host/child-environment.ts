import type { Host } from "./host.ts";

/** Variables that hold a credential that this program reads, its own and the platforms'. */
const credentials: readonly string[] = [
  "TOKCTL_APP_TOKEN",
  "OVH_ACCESS_TOKEN",
  "OVH_APPLICATION_SECRET",
  "OVH_CLIENT_SECRET",
  "OVH_CONSUMER_KEY",
];

/** The environment for a program that is not part of tokctl: it must not get the credential in use. */
export const withoutCredentials = (env: Host["env"]): NodeJS.ProcessEnv =>
  Object.fromEntries(
    // Windows ignores the case of names.
    Object.entries(env).filter(([name]) => !credentials.includes(name.toUpperCase())),
  );
