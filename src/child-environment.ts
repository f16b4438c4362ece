import type { Host } from "./host.ts";

/** Variables that hold a credential that this program reads. */
const credentials: readonly string[] = ["TOKCTL_APP_TOKEN"];

/** The environment for a program that is not part of tokctl: it must not get the credential in use. */
export const withoutCredentials = (env: Host["env"]): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !credentials.includes(name)));
