import { type Handler, Hono } from "hono";
import type { SandboxRuntime } from "../api.ts";
import { authorizePages } from "./authorize.ts";
import {
  authenticateClient,
  findUser,
  grantTypes,
  type RegisteredClient,
  type RegisteredClients,
  requireGrant,
} from "./clients.ts";
import { type AuthorizationCodes, createAuthorizationCodes } from "./codes.ts";
import { createDeviceAuthorizations, type DeviceAuthorizations, devicePages } from "./devices.ts";
import {
  OAuthErrorResponse,
  type OAuthParameters,
  oauthEndpoint,
  readForm,
  requestedScope,
  requiredParameter,
} from "./parameters.ts";
import { createOAuthTokens, type Grant, type OAuthTokens } from "./tokens.ts";

/** What the token endpoint gives tokens for. */
export interface Redeemables {
  readonly clients: RegisteredClients;
  readonly codes: AuthorizationCodes;
  readonly devices: DeviceAuthorizations;
  readonly tokens: OAuthTokens;
  readonly now: () => Date;
}

/** The token endpoint of RFC 6749 §3.2 with the grants of §4, §6 and RFC 8628 §3.4. */
export function tokenEndpoint(
  { clients, codes, devices, tokens, now }: Redeemables,
  issuerOf: (url: string) => string,
): Handler {
  const signedIn = (client: RegisteredClient, parameters: OAuthParameters): Grant => {
    const [name, password] = [
      requiredParameter(parameters, "username"),
      requiredParameter(parameters, "password"),
    ];
    const scope = requestedScope(parameters, client.scopes);
    const user = findUser(client, name, password);
    if (!user)
      throw new OAuthErrorResponse("invalid_grant", "the user name or the password is wrong");
    return { client, subject: user.name, scope, signedInAt: now().getTime() };
  };

  return oauthEndpoint(async (c) => {
    const parameters = await readForm(c.req);
    const client = authenticateClient(clients, parameters, c.req.header("Authorization"));
    const issuer = issuerOf(c.req.url);
    const asked = requiredParameter(parameters, "grant_type");
    const type = grantTypes.find((each) => each === asked);
    if (!type) throw new OAuthErrorResponse("unsupported_grant_type", "no such grant_type");
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
export interface AuthorizationServer extends Pick<OAuthTokens, "verify" | "readJwt"> {
  readonly routes: Hono;
  /** The token endpoint, for an API that has it at an address of its own. */
  readonly token: Handler;
  /** Where the server is, for the sender of a request to `url`. */
  endpoints(url: string): Endpoints;
}

/** An authorization server with these clients, who bring their users. */
export function createAuthorizationServer(
  runtime: SandboxRuntime,
  registered: readonly RegisteredClient[],
): AuthorizationServer {
  const clients = new Map(registered.map((client) => [client.id, client]));
  const codes = createAuthorizationCodes(runtime);
  const devices = createDeviceAuthorizations(runtime);
  const tokens = createOAuthTokens(runtime);

  const addressOf = (url: string) => new URL(url).origin + BASE;
  const { now } = runtime;
  const token = tokenEndpoint({ clients, codes, devices, tokens, now }, addressOf);
  const device = oauthEndpoint(async (c) => {
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
  routes.route("/", devicePages(runtime, devices));
  routes.route("/", authorizePages(runtime, clients, codes));

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
