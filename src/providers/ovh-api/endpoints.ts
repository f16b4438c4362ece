import { join } from "node:path";
import type { Connection, Credential } from "../../core/provider.ts";
import { Secret } from "../../core/secret.ts";
import type { Host } from "../../host.ts";

/** OVHcloud's own endpoints, by the names that its tools use. */
export const endpoints: Readonly<Record<string, string>> = {
  "ovh-eu": "https://eu.api.ovh.com/1.0",
  "ovh-ca": "https://ca.api.ovh.com/1.0",
  "ovh-us": "https://api.us.ovhcloud.com/1.0",
};

/** Where OVHcloud's tools look for their settings, the first one first. */
export const confPaths = ({ HOME }: Host["env"]): readonly string[] => [
  "ovh.conf",
  ...(HOME ? [join(HOME, ".ovh.conf")] : []),
  "/etc/ovh.conf",
];

/**
 * What OVHcloud's own tools keep in the environment: `OVH_ENDPOINT` and either an application with
 * its consumer key or an access token. It belongs to these endpoints and goes nowhere else.
 */
export function fromEnvironment(
  env: Host["env"],
): Pick<Connection, "url" | "credential"> | undefined {
  const address = endpoints[env["OVH_ENDPOINT"] ?? ""];
  if (address === undefined) return undefined;
  const url = new URL(address);
  const {
    OVH_APPLICATION_KEY: applicationKey,
    OVH_APPLICATION_SECRET: applicationSecret,
    OVH_CONSUMER_KEY: consumerKey,
    OVH_ACCESS_TOKEN: accessToken,
  } = env;
  const credential = toCredential({
    applicationKey,
    applicationSecret,
    consumerKey,
    accessToken,
  });
  return credential && { url, credential };
}

type Keys = Readonly<
  Record<"applicationKey" | "applicationSecret" | "consumerKey" | "accessToken", string | undefined>
>;

/** An access token, or the three keys; undefined for less. */
export function toCredential(keys: Keys): Credential | undefined {
  const { applicationKey, applicationSecret, consumerKey, accessToken } = keys;
  if (accessToken) return { kind: "token", token: new Secret(accessToken) };
  if (!applicationKey || !applicationSecret || !consumerKey) return undefined;
  return {
    kind: "application",
    applicationKey,
    applicationSecret: new Secret(applicationSecret),
    consumerKey: new Secret(consumerKey),
  };
}
