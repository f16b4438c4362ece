import { digest } from "../generate.ts";
import { OAuthErrorResponse, type OAuthParameters } from "./parameters.ts";

/**
 * The supported grant types.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.4
 */
export const grantTypes = [
  "authorization_code",
  "client_credentials",
  "password",
  "refresh_token",
  "urn:ietf:params:oauth:grant-type:device_code",
] as const;

type GrantType = (typeof grantTypes)[number];

/** A user who can sign in. */
export interface OAuthUser {
  readonly name: string;
  readonly password: string;
}

/**
 * A registered client.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2
 */
export interface RegisteredClient {
  readonly id: string;
  /** Undefined for a public client. */
  readonly secret?: string;
  readonly grants: readonly GrantType[];
  /** All allowed scopes, which are also the default. */
  readonly scopes: readonly string[];
  /** Users who can sign in with this client. */
  readonly users: readonly OAuthUser[];
  /** Lifetime of access tokens and ID tokens, in seconds. */
  readonly tokenLifetimeSeconds: number;
}

/** Registered clients by ID. */
export type RegisteredClients = ReadonlyMap<string, RegisteredClient>;

/**
 * Returns the client that sent a request. A confidential client authenticates by HTTP Basic or by
 * parameters; a public client sends only `client_id`.
 * @throws OAuthErrorResponse invalid_client, or invalid_request if the client uses both methods
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export function authenticateClient(
  clients: RegisteredClients,
  parameters: OAuthParameters,
  authorization: string | undefined,
): RegisteredClient {
  const { id, secret } = credentialsOf(parameters, authorization);
  const client = clients.get(id ?? "");
  if (!client || !equal(client.secret, secret))
    throw new OAuthErrorResponse("invalid_client", "the client is unknown or its secret is wrong");
  return client;
}

/** Checks that a client can use a grant type. @throws OAuthErrorResponse unauthorized_client */
export function requireGrant({ grants }: RegisteredClient, type: GrantType): void {
  if (!grants.includes(type))
    throw new OAuthErrorResponse("unauthorized_client", "this client cannot use this grant type");
}

/** Returns the user with this name and password, if the user can sign in with this client. */
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
    throw new OAuthErrorResponse(
      "invalid_request",
      "the client uses more than one authentication method",
    );
  }
  return basic;
}

/** Parses HTTP Basic credentials. Unlike in plain Basic, ID and secret are form-encoded. */
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
