import { type Handler, Hono } from "hono";
import type { SandboxRuntime } from "../api.ts";
import { type AuthorizationCodes, authorizePages, createAuthorizationCodes } from "./authorize.ts";
import {
  authenticateClient,
  findUser,
  grantTypes,
  type RegisteredClient,
  type RegisteredClients,
  requireGrant,
} from "./clients.ts";
import {
  createDeviceAuthorizations,
  type DeviceAuthorizations,
  devicePages,
} from "./device-code.ts";
import {
  OAuthErrorResponse,
  type OAuthParameters,
  oauthEndpoint,
  readForm,
  requestedScope,
  requiredParameter,
} from "./parameters.ts";
import { createOAuthTokens, type Grant, type OAuthTokens } from "./tokens.ts";

const basePath = "/auth/oauth2";

/** Absolute URLs that the client of a request can reach. */
interface OAuthEndpoints {
  readonly authorization: string;
  readonly device: string;
  readonly token: string;
}

/**
 * An OAuth 2.0 authorization server, shared by the emulated APIs.
 * @see https://www.rfc-editor.org/rfc/rfc6749
 */
export interface AuthorizationServer extends Pick<OAuthTokens, "verify" | "readJwt"> {
  readonly routes: Hono;
  /** Token endpoint, which an API can add under another path. */
  readonly token: Handler;
  /** Returns the endpoints for the client of a request to `url`. */
  endpoints(url: string): OAuthEndpoints;
}

/** Returns an authorization server with these clients and their users. */
export function createAuthorizationServer(
  runtime: SandboxRuntime,
  registered: readonly RegisteredClient[],
): AuthorizationServer {
  const clients = new Map(registered.map((client) => [client.id, client]));
  const codes = createAuthorizationCodes(runtime);
  const devices = createDeviceAuthorizations(runtime);
  const tokens = createOAuthTokens(runtime);

  const baseUrl = (url: string) => new URL(url).origin + basePath;
  const { now } = runtime;
  const token = tokenEndpoint({ clients, codes, devices, tokens, now }, baseUrl);
  const device = oauthEndpoint(async (c) => {
    const parameters = await readForm(c.req);
    const client = authenticateClient(clients, parameters, c.req.header("Authorization"));
    const reply = devices.start(client, parameters);
    const verification_uri = `${baseUrl(c.req.url)}/device/approve`;
    const verification_uri_complete = `${verification_uri}?user_code=${reply.user_code}`;
    return { ...reply, verification_uri, verification_uri_complete };
  });

  const routes = new Hono().basePath(basePath);
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
      authorization: `${baseUrl(url)}/authorize`,
      device: `${baseUrl(url)}/device`,
      token: `${baseUrl(url)}/token`,
    }),
  };
}

/** State that the token endpoint reads. */
interface TokenEndpointState {
  readonly clients: RegisteredClients;
  readonly codes: AuthorizationCodes;
  readonly devices: DeviceAuthorizations;
  readonly tokens: OAuthTokens;
  readonly now: () => Date;
}

/**
 * Returns the token endpoint with all grant types.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.2
 */
function tokenEndpoint(
  { clients, codes, devices, tokens, now }: TokenEndpointState,
  issuerOf: (url: string) => string,
): Handler {
  const passwordGrant = (client: RegisteredClient, parameters: OAuthParameters): Grant => {
    const [name, password] = [
      requiredParameter(parameters, "username"),
      requiredParameter(parameters, "password"),
    ];
    const scope = requestedScope(parameters, client.scopes);
    const user = findUser(client, name, password);
    if (!user)
      throw new OAuthErrorResponse("invalid_grant", "the user name or password is incorrect");
    return { client, subject: user.name, scope, signedInAt: now().getTime() };
  };

  return oauthEndpoint(async (c) => {
    const parameters = await readForm(c.req);
    const client = authenticateClient(clients, parameters, c.req.header("Authorization"));
    const issuer = issuerOf(c.req.url);
    const requested = requiredParameter(parameters, "grant_type");
    const type = grantTypes.find((each) => each === requested);
    if (!type)
      throw new OAuthErrorResponse("unsupported_grant_type", "the grant_type is not supported");
    requireGrant(client, type);
    switch (type) {
      case "authorization_code":
        return tokens.issue(codes.redeem(client, parameters), issuer);
      case "client_credentials": {
        const scope = requestedScope(parameters, client.scopes);
        return tokens.issue({ client, subject: client.id, scope }, issuer);
      }
      case "password":
        return tokens.issue(passwordGrant(client, parameters), issuer);
      case "refresh_token":
        return tokens.refresh(client, parameters, issuer);
      case "urn:ietf:params:oauth:grant-type:device_code":
        return tokens.issue(devices.redeem(client, parameters), issuer);
    }
  });
}
