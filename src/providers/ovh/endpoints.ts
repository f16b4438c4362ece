import { join } from "node:path";
import type { Connection } from "../../core/connection.ts";
import type { Credential, OAuthCredential } from "../../core/credential.ts";
import { Secret } from "../../core/secret.ts";
import { ownValue } from "../../core/text.ts";
import type { Host } from "../../host/host.ts";

/** The version of the API, which stands in every base URL. */
export const basePath = "/1.0";

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

/** Where service accounts get their access tokens, by the API that takes them. */
const tokenUrls: Readonly<Record<string, string>> = {
  "https://eu.api.ovh.com": "https://www.ovh.com/auth/oauth2/token",
  "https://ca.api.ovh.com": "https://ca.ovh.com/auth/oauth2/token",
  "https://api.us.ovhcloud.com": "https://us.ovhcloud.com/auth/oauth2/token",
};

/** A service account before it signed in; undefined if it is not known where that would be. */
export function serviceAccount(
  url: URL,
  {
    clientId,
    clientSecret,
    oauthUrl,
  }: {
    readonly clientId: string;
    readonly clientSecret: Secret;
    readonly oauthUrl?: string | undefined;
  },
): OAuthCredential | undefined {
  const tokenUrl = oauthUrl ?? ownValue(tokenUrls, url.origin);
  return tokenUrl === undefined
    ? undefined
    : {
        kind: "oauth",
        grant: "client_credentials",
        scope: "all",
        tokenUrl,
        clientId,
        clientSecret,
      };
}

/**
 * What OVHcloud's own tools keep in the environment: `OVH_ENDPOINT` and an access token, a service
 * account, or an application with its consumer key. It belongs to these endpoints and goes nowhere
 * else.
 */
export function fromEnvironment(
  env: Host["env"],
): Pick<Connection, "url" | "credential"> | undefined {
  const address = ownValue(endpoints, env["OVH_ENDPOINT"] ?? "");
  if (address === undefined) return undefined;
  const url = new URL(address);
  const credential = toCredential(url, {
    applicationKey: env["OVH_APPLICATION_KEY"],
    applicationSecret: env["OVH_APPLICATION_SECRET"],
    consumerKey: env["OVH_CONSUMER_KEY"],
    clientId: env["OVH_CLIENT_ID"],
    clientSecret: env["OVH_CLIENT_SECRET"],
    accessToken: env["OVH_ACCESS_TOKEN"],
  });
  return credential && { url, credential };
}

type Keys = Readonly<
  Record<
    | "applicationKey"
    | "applicationSecret"
    | "consumerKey"
    | "clientId"
    | "clientSecret"
    | "accessToken",
    string | undefined
  >
>;

/** An access token, a service account, or the three keys; undefined for less. */
export function toCredential(url: URL, keys: Keys): Credential | undefined {
  const { applicationKey, applicationSecret, consumerKey, clientId, clientSecret } = keys;
  if (keys.accessToken) return { kind: "token", token: new Secret(keys.accessToken) };
  if (clientId && clientSecret)
    return serviceAccount(url, { clientId, clientSecret: new Secret(clientSecret) });
  if (!applicationKey || !applicationSecret || !consumerKey) return undefined;
  return {
    kind: "application",
    applicationKey,
    applicationSecret: new Secret(applicationSecret),
    consumerKey: new Secret(consumerKey),
  };
}
