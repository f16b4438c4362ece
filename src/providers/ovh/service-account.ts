import type { Transport } from "../../core/connection.ts";
import type { OAuthCredential } from "../../core/credential.ts";
import { UsageError } from "../../errors.ts";
import { refreshCredential } from "../../http/oauth.ts";
import { type ServiceAccount, toServiceAccountCredential } from "./endpoints.ts";

/**
 * Signs in a service account: the client credentials grant (RFC 6749 §4.4).
 * @throws OAuthError if it is rejected; UsageError if the token endpoint is unknown.
 * @see https://support.us.ovhcloud.com/hc/en-us/articles/19901571606547-Using-Service-Accounts-to-Connect-to-OVHcloud-APIs
 */
export async function signInServiceAccount(
  transport: Transport,
  url: URL,
  account: ServiceAccount,
): Promise<OAuthCredential> {
  const credential = toServiceAccountCredential(url, account);
  if (!credential)
    throw new UsageError(`The token endpoint of ${url.href} is unknown.`, {
      hint: "Set it with --oauth-url URL.",
    });
  return refreshCredential(transport, credential);
}
