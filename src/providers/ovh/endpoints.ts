import { join } from "node:path";
import type { Connection } from "../../core/connection.ts";
import type { Credential, OAuthCredential } from "../../core/credential.ts";
import { Secret } from "../../core/secret.ts";
import { ownValue } from "../../core/text.ts";
import type { Host } from "../../host.ts";

/** The path of every base URL: the version of the API. */
export const basePath = "/1.0";

/**
 * Base URLs of OVHcloud's public API, by the names that its tools use (`OVH_ENDPOINT`).
 * @see https://eu.api.ovh.com/console/
 */
export const endpoints: Readonly<Record<string, string>> = {
  "ovh-eu": "https://eu.api.ovh.com/1.0",
  "ovh-ca": "https://ca.api.ovh.com/1.0",
  "ovh-us": "https://api.us.ovhcloud.com/1.0",
};

/** Paths of `ovh.conf` in the order of OVHcloud's tools. */
export const confPaths = ({ HOME }: Host["env"]): readonly string[] => [
  "ovh.conf",
  ...(HOME ? [join(HOME, ".ovh.conf")] : []),
  "/etc/ovh.conf",
];

/** Token endpoints of service accounts, by the origin of the API. */
const tokenUrls: Readonly<Record<string, string>> = {
  "https://eu.api.ovh.com": "https://www.ovh.com/auth/oauth2/token",
  "https://ca.api.ovh.com": "https://ca.ovh.com/auth/oauth2/token",
  "https://api.us.ovhcloud.com": "https://us.ovhcloud.com/auth/oauth2/token",
};

/** The credential of a service account: an OAuth client that acts on its own behalf. */
export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** The token endpoint; required for a base URL that is not one of OVHcloud's own. */
  readonly oauthUrl?: string | undefined;
}

/** Returns the credential of a service account, without an access token; undefined if its token endpoint is unknown. */
export function toServiceAccountCredential(
  url: URL,
  { clientId, clientSecret, oauthUrl }: ServiceAccount,
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
 * Reads the variables of OVHcloud's own tools: `OVH_ENDPOINT` with an access token, a service account,
 * or an application with its consumer key. The credential is valid for that endpoint only.
 */
export function readOvhVariables(
  env: Host["env"],
): Pick<Connection, "url" | "credential"> | undefined {
  const endpoint = ownValue(endpoints, env["OVH_ENDPOINT"] ?? "");
  if (endpoint === undefined) return undefined;
  const url = new URL(endpoint);
  const credential = toOvhCredential(url, {
    applicationKey: env["OVH_APPLICATION_KEY"],
    applicationSecret: env["OVH_APPLICATION_SECRET"],
    consumerKey: env["OVH_CONSUMER_KEY"],
    clientId: env["OVH_CLIENT_ID"],
    clientSecret: env["OVH_CLIENT_SECRET"],
    accessToken: env["OVH_ACCESS_TOKEN"],
  });
  return credential && { url, credential };
}

type OvhKeys = Readonly<
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

/** Converts an access token, a service account or the three keys of an application; undefined if one is missing. */
export function toOvhCredential(url: URL, keys: OvhKeys): Credential | undefined {
  const { applicationKey, applicationSecret, consumerKey, clientId, clientSecret } = keys;
  if (keys.accessToken) return { kind: "token", token: new Secret(keys.accessToken) };
  if (clientId && clientSecret)
    return toServiceAccountCredential(url, { clientId, clientSecret: new Secret(clientSecret) });
  if (!applicationKey || !applicationSecret || !consumerKey) return undefined;
  return {
    kind: "application",
    applicationKey,
    applicationSecret: new Secret(applicationSecret),
    consumerKey: new Secret(consumerKey),
  };
}
