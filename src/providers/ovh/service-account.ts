import type { Transport } from "../../core/connection.ts";
import type { OAuthCredential } from "../../core/credential.ts";
import type { Secret } from "../../core/secret.ts";
import { UsageError } from "../../errors.ts";
import { requestTokens, toOAuthCredential } from "../../http/oauth.ts";
import { serviceAccount } from "./endpoints.ts";

/** A service account and where it gets its access tokens. */
export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** The token endpoint of an API that is none of OVHcloud's own. */
  readonly oauthUrl: string | undefined;
}

/** Signs a service account in (RFC 6749 §4.4). @throws OAuthError if it is refused. */
export async function signInServiceAccount(
  transport: Transport,
  url: URL,
  { clientId, clientSecret, oauthUrl }: ServiceAccount,
): Promise<OAuthCredential> {
  const client = serviceAccount(url, { clientId, clientSecret, oauthUrl });
  if (!client)
    throw new UsageError(`It is not known where ${url.href} gives access tokens.`, {
      hint: "Name its token endpoint: --oauth-url URL.",
    });
  const reply = await requestTokens(transport, client, {
    grant_type: client.grant,
    scope: client.scope ?? "",
  });
  return toOAuthCredential(client, reply, transport.now());
}
