import type { AuthorizationServer } from "../oauth2/index.ts";

/** The public clients by which people log in to the service. */
export const DEVICE_CLIENT = "osmo-device";
export const BROWSER_CLIENT = "osmo-browser";

const AUDIENCES = [DEVICE_CLIENT, BROWSER_CLIENT];

/** What a service says of its logins. Without an identity provider it is in developer mode. */
export function loginInfo(provider: AuthorizationServer | undefined, url: string) {
  const endpoints = provider?.endpoints(url);
  return {
    device_endpoint: endpoints?.device ?? null,
    device_client_id: endpoints ? DEVICE_CLIENT : null,
    browser_endpoint: endpoints?.authorization ?? null,
    browser_client_id: endpoints ? BROWSER_CLIENT : null,
    token_endpoint: endpoints?.token ?? null,
    logout_endpoint: null,
  };
}

/** Whether a JWT of the identity provider was issued for this service. */
export const isForUs = ({ aud }: { readonly aud: string }): boolean => AUDIENCES.includes(aud);
