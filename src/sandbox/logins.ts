import { toHex } from "../core/text.ts";
import type { SandboxRuntime } from "./api.ts";
import { createSecret } from "./generate.ts";
import type { RegisteredClient } from "./oauth2/clients.ts";
import { osmoBrowserClient, osmoDeviceClient } from "./osmo/login.ts";
import { developerUser } from "./osmo/service.ts";
import { ovhAiClient } from "./ovh-ai/access.ts";
import type { OvhCredentials } from "./ovh-cloud/account.ts";

/** Accounts to sign in with, by provider ID. Secrets and passwords are random. */
export interface Logins {
  readonly osmo: { readonly user: string; readonly password: string };
  readonly "ovh-ai": {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly user: string;
    readonly password: string;
  };
  /** A service account, and an application with a consumer key that allows every call. */
  readonly "ovh-cloud": ServiceAccount & OvhCredentials;
}

interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The accounts of the OAuth authorization server. */
export type OAuthLogins = Omit<Logins, "ovh-cloud"> & { readonly "ovh-cloud": ServiceAccount };

/** Returns new accounts for one sandbox. */
export function createLogins(randomBytes: SandboxRuntime["randomBytes"]): OAuthLogins {
  const secret = () => createSecret(randomBytes, 24, "base64url");
  return {
    osmo: { user: developerUser, password: secret() },
    "ovh-ai": {
      clientId: ovhAiClient,
      clientSecret: secret(),
      user: "user-sandbox",
      password: secret(),
    },
    "ovh-cloud": {
      clientId: toHex(randomBytes(8)),
      clientSecret: secret(),
    },
  };
}

/** Returns the OAuth clients of the authorization server, each with the users of its API. */
export function createOAuthClients(logins: OAuthLogins): readonly RegisteredClient[] {
  const { osmo, "ovh-ai": ovhAi, "ovh-cloud": ovhCloud } = logins;
  const osmoClient = {
    scopes: ["openid", "offline_access", "profile"],
    users: [{ name: osmo.user, password: osmo.password }],
    tokenLifetimeSeconds: 300,
  };
  return [
    {
      ...osmoClient,
      id: osmoDeviceClient,
      grants: ["urn:ietf:params:oauth:grant-type:device_code", "password", "refresh_token"],
    },
    { ...osmoClient, id: osmoBrowserClient, grants: ["authorization_code", "refresh_token"] },
    {
      id: ovhAi.clientId,
      secret: ovhAi.clientSecret,
      grants: ["password", "refresh_token"],
      scopes: ["offline_access"],
      users: [{ name: ovhAi.user, password: ovhAi.password }],
      tokenLifetimeSeconds: 3600,
    },
    {
      id: ovhCloud.clientId,
      secret: ovhCloud.clientSecret,
      grants: ["client_credentials"],
      scopes: ["all"],
      users: [],
      tokenLifetimeSeconds: 3600,
    },
  ];
}
