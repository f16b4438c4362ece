import type { LoginRequest, LoginResult } from "../../core/login-method.ts";
import type { Secret } from "../../core/secret.ts";
import { requestTokens, toOAuthCredential } from "../../http/oauth.ts";

/** What an OpenStack user signs in with; the client is one that OVHcloud registered for them. */
export interface PasswordAnswers {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly username: string;
  readonly password: Secret;
}

/** Signs an OpenStack user in (RFC 6749 §4.3). The password is not kept. */
export async function signInByPassword(
  { url, transport }: LoginRequest,
  { clientId, clientSecret, username, password }: PasswordAnswers,
): Promise<LoginResult> {
  if (!url) throw new Error("the address of the API is asked for");
  const tokenUrl = `${url.href.replace(/\/$/, "")}/v1/oauth/token`;
  const client = { tokenUrl, clientId, clientSecret, grant: "refresh_token" } as const;
  const reply = await requestTokens(transport, client, {
    grant_type: "password",
    username,
    password: password.reveal(),
  });
  return { credential: toOAuthCredential(client, reply, transport.now()) };
}
