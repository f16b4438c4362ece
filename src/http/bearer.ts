import type { Connection } from "../core/connection.ts";
import {
  type Credential,
  type OAuthCredential,
  requireTokenCredential,
} from "../core/credential.ts";
import type { OAuthOptions } from "./oauth.ts";
import type { SendOptions } from "./send-request.ts";

export interface BearerOptions extends OAuthOptions {
  /** An access token is refreshed this many milliseconds before it expires (default: 10 000). */
  readonly margin?: number;
}

/**
 * Returns the request options that send a credential as Bearer (RFC 6750 §2.1): a token unchanged, an
 * OAuth access token with refresh.
 * @throws UsageError for a credential of another kind, when the first request is sent.
 */
export function bearer(
  connection: Pick<Connection, "credential" | "transport" | "replaceCredential">,
  options: BearerOptions = {},
): Pick<SendOptions, "headers" | "reauthorize"> {
  const { credential } = connection;
  return credential.kind === "oauth"
    ? refreshedBearer(connection, credential, options)
    : { headers: () => authorizationHeader(requireTokenCredential(credential).reveal()) };
}

const authorizationHeader = (token: string | undefined) => ({ authorization: `Bearer ${token}` });

/**
 * Refreshes the access token before it expires, and once after a 401. If another process has
 * refreshed it in the meantime, its token is used.
 */
function refreshedBearer(
  { transport, replaceCredential }: Pick<Connection, "transport" | "replaceCredential">,
  credential: OAuthCredential,
  options: BearerOptions,
): Required<Pick<SendOptions, "headers" | "reauthorize">> {
  const { margin = 10_000 } = options;
  let current = credential;
  let isRejected = false;
  let refresh: Promise<OAuthCredential> | undefined;

  const isUsable = ({ accessToken, expiresAt }: OAuthCredential) =>
    accessToken !== undefined &&
    (expiresAt === undefined || Date.parse(expiresAt) - margin > transport.now().getTime());

  async function replace(stored: Credential): Promise<OAuthCredential> {
    const isReplaced =
      stored.kind === "oauth" && !hasSameToken(stored, current) && isUsable(stored);
    if (isReplaced) return stored;
    const { refreshCredential } = await import("./oauth.ts");
    // ^C must not lose the new refresh token, because the server may accept the old one only once.
    const uninterrupted = { ...transport, interrupt: new AbortController().signal };
    return refreshCredential(uninterrupted, stored.kind === "oauth" ? stored : current, options);
  }

  async function refreshCurrent(): Promise<OAuthCredential> {
    const replaced = await replaceCredential(replace);
    return replaced.kind === "oauth" ? replaced : current;
  }

  return {
    async headers() {
      if (isRejected || !isUsable(current)) {
        refresh ??= refreshCurrent().finally(() => {
          refresh = undefined;
        });
        current = await refresh;
        isRejected = false;
      }
      return authorizationHeader(current.accessToken?.reveal());
    },
    reauthorize() {
      isRejected = true;
    },
  };
}

const hasSameToken = (a: OAuthCredential, b: OAuthCredential): boolean =>
  a.accessToken?.reveal() === b.accessToken?.reveal();
