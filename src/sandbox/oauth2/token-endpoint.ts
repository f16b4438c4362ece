import type { Handler } from "hono";
import {
  authenticateClient,
  type Client,
  type Clients,
  grantTypes,
  requireGrant,
  signIn,
} from "./clients.ts";
import type { Codes } from "./codes.ts";
import type { Devices } from "./devices.ts";
import { jsonEndpoint, OAuthError } from "./errors.ts";
import { type Parameters, readForm, requestedScope, required } from "./parameters.ts";
import type { Grant, Tokens } from "./tokens.ts";

/** What the token endpoint gives tokens for. */
export interface Redeemables {
  readonly clients: Clients;
  readonly codes: Codes;
  readonly devices: Devices;
  readonly tokens: Tokens;
  readonly now: () => Date;
}

/** The token endpoint of RFC 6749 §3.2 with the grants of §4, §6 and RFC 8628 §3.4. */
export function tokenEndpoint(
  { clients, codes, devices, tokens, now }: Redeemables,
  issuerOf: (url: string) => string,
): Handler {
  const signedIn = (client: Client, parameters: Parameters): Grant => {
    const [name, password] = [required(parameters, "username"), required(parameters, "password")];
    const scope = requestedScope(parameters, client.scopes);
    const user = signIn(client, name, password);
    if (!user) throw new OAuthError("invalid_grant", "the user name or the password is wrong");
    return { client, subject: user.name, scope, signedInAt: now().getTime() };
  };

  return jsonEndpoint(async (c) => {
    const parameters = await readForm(c.req);
    const client = authenticateClient(clients, parameters, c.req.header("Authorization"));
    const issuer = issuerOf(c.req.url);
    const asked = required(parameters, "grant_type");
    const type = grantTypes.find((each) => each === asked);
    if (!type) throw new OAuthError("unsupported_grant_type", "no such grant_type");
    requireGrant(client, type);
    switch (type) {
      case "authorization_code":
        return tokens.issue(codes.redeem(client, parameters), issuer);
      case "client_credentials": {
        const scope = requestedScope(parameters, client.scopes);
        return tokens.issue({ client, subject: client.id, scope }, issuer);
      }
      case "password":
        return tokens.issue(signedIn(client, parameters), issuer);
      case "refresh_token":
        return tokens.refresh(client, parameters, issuer);
      case "urn:ietf:params:oauth:grant-type:device_code":
        return tokens.issue(devices.redeem(client, parameters), issuer);
    }
  });
}
