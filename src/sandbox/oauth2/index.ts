import { type Handler, Hono } from "hono";
import type { Surroundings } from "../api.ts";
import { authorizePages } from "./authorize-pages.ts";
import { authenticateClient, type Client } from "./clients.ts";
import { createCodes } from "./codes.ts";
import { devicePages } from "./device-pages.ts";
import { createDevices } from "./devices.ts";
import { jsonEndpoint } from "./errors.ts";
import { readForm } from "./parameters.ts";
import { tokenEndpoint } from "./token-endpoint.ts";
import { createTokens, type Tokens } from "./tokens.ts";

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
