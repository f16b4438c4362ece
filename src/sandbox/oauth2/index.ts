import { type Handler, Hono } from "hono";
import type { Surroundings } from "../api.ts";
import { authorizePages } from "./authorize.ts";
import {
  authenticateClient,
  type Client,
  type Clients,
  grantTypes,
  requireGrant,
  signIn,
} from "./clients.ts";
import { type Codes, createCodes } from "./codes.ts";
import { createDevices, type Devices, devicePages } from "./devices.ts";
import {
  jsonEndpoint,
  OAuthError,
  type Parameters,
  readForm,
  requestedScope,
  required,
} from "./parameters.ts";
import { createTokens, type Grant, type Tokens } from "./tokens.ts";

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

const BASE = "/auth/oauth2";

/** Absolute addresses, as the sender of a request can reach them. */
export interface Endpoints {
  readonly authorization: string;
  readonly device: string;
  readonly token: string;
}

/** An OAuth 2.0 authorization server (RFC 6749) for every emulated API. */
export interface AuthorizationServer extends Pick<Tokens, "verify" | "readJwt"> {
  readonly routes: Hono;
  /** The token endpoint, for an API that has it at an address of its own. */
  readonly token: Handler;
  /** Where the server is, for the sender of a request to `url`. */
  endpoints(url: string): Endpoints;
}

/** An authorization server with these clients, who bring their users. */
export function createAuthorizationServer(
  surroundings: Surroundings,
  registered: readonly Client[],
): AuthorizationServer {
  const clients = new Map(registered.map((client) => [client.id, client]));
  const codes = createCodes(surroundings);
  const devices = createDevices(surroundings);
  const tokens = createTokens(surroundings);

  const addressOf = (url: string) => new URL(url).origin + BASE;
  const { now } = surroundings;
  const token = tokenEndpoint({ clients, codes, devices, tokens, now }, addressOf);
  const device = jsonEndpoint(async (c) => {
    const parameters = await readForm(c.req);
    const client = authenticateClient(clients, parameters, c.req.header("Authorization"));
    const reply = devices.start(client, parameters);
    const verification_uri = `${addressOf(c.req.url)}/device/approve`;
    const verification_uri_complete = `${verification_uri}?user_code=${reply.user_code}`;
    return { ...reply, verification_uri, verification_uri_complete };
  });

  const routes = new Hono().basePath(BASE);
  routes.post("/token", token);
  routes.post("/device", device);
  routes.on(["GET", "PUT", "PATCH", "DELETE"], ["/token", "/device"], (c) => {
    c.header("Allow", "POST");
    return c.json({ error: "invalid_request", error_description: "the method must be POST" }, 405);
  });
  routes.route("/", devicePages(surroundings, devices));
  routes.route("/", authorizePages(surroundings, clients, codes));

  return {
    routes,
    token,
    verify: tokens.verify,
    readJwt: tokens.readJwt,
    endpoints: (url) => ({
      authorization: `${addressOf(url)}/authorize`,
      device: `${addressOf(url)}/device`,
      token: `${addressOf(url)}/token`,
    }),
  };
}
