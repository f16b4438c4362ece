import type { Connection } from "../core/connection.ts";
import { type Credential, requireToken } from "../core/credential.ts";
import type { HttpOptions } from "./client.ts";
import { type OAuthOptions, renewedBearer } from "./oauth.ts";

/**
 * Sends the credential as Bearer (RFC 6750 §2.1): a ready token as it is, one of an authorization
 * server as long as it lasts, and then the next.
 * @throws UsageError for a credential of another kind.
 */
export function bearer(
  connection: Pick<Connection, "credential" | "transport" | "replaceCredential">,
  options?: OAuthOptions,
): Pick<HttpOptions, "headers" | "reauthorize"> {
  const { credential } = connection;
  return credential.kind === "oauth"
    ? renewedBearer(connection, credential, options)
    : { headers: () => staticBearer(credential) };
}

const staticBearer = (credential: Credential) => ({
  authorization: `Bearer ${requireToken(credential).reveal()}`,
});
