import { digest } from "../store.ts";
import { OAuthErrorResponse, type OAuthParameters } from "./parameters.ts";

/** The ways to tokens: RFC 6749 §4 and §6, RFC 8628 §3.4. */
export const grantTypes = [
  "authorization_code",
  "client_credentials",
  "password",
  "refresh_token",
  "urn:ietf:params:oauth:grant-type:device_code",
] as const;

export type GrantType = (typeof grantTypes)[number];

/** Someone who can sign in. */
export interface OAuthUser {
  readonly name: string;
  readonly password: string;
}

/** A registered client (RFC 6749 §2). */
export interface RegisteredClient {
  readonly id: string;
  /** Absent from a public client. */
  readonly secret?: string;
  readonly grants: readonly GrantType[];
  /** All it may ask for, which is also what it gets without asking. */
  readonly scopes: readonly string[];
  /** Who may sign in through it. */
  readonly users: readonly OAuthUser[];
  /** For how many seconds its access tokens and ID tokens live. */
  readonly tokenLifetime: number;
}

export type RegisteredClients = ReadonlyMap<string, RegisteredClient>;

/**
 * The client that sends a request, as RFC 6749 §2.3.1 lets it say so: by HTTP Basic, or by
 * parameters; a public one names itself (§3.2.1).
 */
export function authenticateClient(
  clients: RegisteredClients,
  parameters: OAuthParameters,
  authorization: string | undefined,
): RegisteredClient {
  const { id, secret } = credentialsOf(parameters, authorization);
  const client = clients.get(id ?? "");
  if (!client || !equal(client.secret, secret)) {
    throw new OAuthErrorResponse("invalid_client", "the client is unknown or its secret is wrong");
  }
  return client;
}

/** Refuses a client that may not use a grant (RFC 6749 §5.2). */
export function requireGrant({ grants }: RegisteredClient, type: GrantType): void {
  if (!grants.includes(type)) {
    throw new OAuthErrorResponse("unauthorized_client", "this client may not use this grant");
  }
}

/** The user of that name, if the password is theirs and they may sign in through this client. */
export function findUser(
  { users }: RegisteredClient,
  name: string,
  password: string,
): OAuthUser | undefined {
  const user = users.find((each) => each.name === name);
  return equal(user?.password, password) ? user : undefined;
}

interface Credentials {
  readonly id: string | undefined;
  readonly secret: string | undefined;
}

function credentialsOf(
  parameters: OAuthParameters,
  authorization: string | undefined,
): Credentials {
  const body = { id: parameters.get("client_id"), secret: parameters.get("client_secret") };
  if (authorization === undefined) return body;
  const basic = parseBasic(authorization);
  if (body.secret !== undefined || (body.id !== undefined && body.id !== basic.id)) {
    throw new OAuthErrorResponse("invalid_request", "the client authenticates in two ways");
  }
  return basic;
}

/** Id and secret are form-encoded before they are joined, which plain Basic does not know. */
function parseBasic(header: string): Credentials {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header)?.[1] ?? "";
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  const decode = (text = "") => new URLSearchParams(`v=${text.replaceAll("&", "%26")}`).get("v");
  return { id: decode(id) ?? undefined, secret: decode(secret) || undefined };
}

const equal = (expected: string | undefined, given: string | undefined): boolean =>
  expected === undefined || given === undefined
    ? expected === given
    : digest(expected) === digest(given);
