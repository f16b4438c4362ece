import { type Client, type Clients, requireGrant } from "./clients.ts";
import { OAuthError } from "./errors.ts";
import { parseParameters, requestedScope, required } from "./parameters.ts";

/** Where the answer to an authorization request goes, whatever it is. */
export interface ReturnAddress {
  readonly client: Client;
  readonly redirectUri: string;
  readonly state: string | null;
}

/** An authorization request that can be granted (RFC 6749 §4.1.1, RFC 7636 §4.3). */
export interface AuthorizationRequest extends ReturnAddress {
  readonly scope: readonly string[];
  readonly challenge: string;
  readonly nonce: string | undefined;
}

/**
 * Who asks, and where the browser may be sent back to. As long as that is not certain the user
 * hears what is wrong, not the client (RFC 6749 §4.1.2.1).
 */
export function parseReturnAddress(
  query: URLSearchParams,
  clients: Clients,
): ReturnAddress | string {
  const [clientId, ...otherIds] = query.getAll("client_id");
  const client = clients.get(clientId ?? "");
  if (!client || otherIds.length > 0) return "The application that sent you here is not known.";
  const [redirectUri = "", ...otherUris] = query.getAll("redirect_uri");
  if (!isLoopbackRedirect(redirectUri) || otherUris.length > 0) {
    return "The application that sent you here wants the answer sent to a place it may not go.";
  }
  return { client, redirectUri, state: query.get("state") };
}

/** Reads the rest of the request; what it refuses is the client's to hear. */
export function parseAuthorizationRequest(
  query: URLSearchParams,
  address: ReturnAddress,
): AuthorizationRequest {
  const parameters = parseParameters(query);
  if (required(parameters, "response_type") !== "code") {
    throw new OAuthError("unsupported_response_type", "response_type must be code");
  }
  requireGrant(address.client, "authorization_code");
  const challenge = required(parameters, "code_challenge");
  if (parameters.get("code_challenge_method") !== "S256") {
    throw new OAuthError("invalid_request", "code_challenge_method must be S256");
  }
  if (!/^[\w-]{43}$/.test(challenge)) {
    throw new OAuthError("invalid_request", "code_challenge is not a SHA-256 in base64url");
  }
  const scope = requestedScope(parameters, address.client.scopes);
  return { ...address, scope, challenge, nonce: parameters.get("nonce") };
}

/** The redirect back to the client, with the state it sent. */
export function answerTo(
  { redirectUri, state }: ReturnAddress,
  answer: Readonly<Record<string, string>>,
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.append(name, value);
  if (state !== null) url.searchParams.append("state", state);
  return url.href;
}

/** A native app's listener: any port, any path, on this machine (RFC 8252 §7.3 and §8.3). */
function isLoopbackRedirect(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  const isHere = protocol === "http:" && ["localhost", "127.0.0.1"].includes(hostname);
  return isHere && username === "" && password === "" && hash === "" && !text.includes("#");
}
