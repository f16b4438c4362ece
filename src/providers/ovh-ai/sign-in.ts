import type { LoginRequest, LoginResult } from "../../core/login-method.ts";
import type { Secret } from "../../core/secret.ts";
import { withoutTrailingSlash } from "../../core/url.ts";
import { requestTokens, toOAuthCredential } from "../../http/oauth.ts";

/** An OpenStack user, and the user's OAuth client. */
export interface OpenStackLogin {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly username: string;
  readonly password: Secret;
}

/**
 * Signs in an OpenStack user (RFC 6749 §4.3) at `/v1/oauth/token`. The password is not stored.
 * @see https://gra.ai.cloud.ovh.net/
 */
export async function signInOpenStackUser(
  { url, transport }: LoginRequest,
  { clientId, clientSecret, username, password }: OpenStackLogin,
): Promise<LoginResult> {
  if (!url) throw new Error("the base URL is required");
  const tokenUrl = `${withoutTrailingSlash(url)}/v1/oauth/token`;
  const client = { tokenUrl, clientId, clientSecret, grant: "refresh_token" } as const;
  const response = await requestTokens(transport, client, {
    grant_type: "password",
    username,
    password: password.reveal(),
  });
  return { credential: toOAuthCredential(client, response, transport.now()) };
}
