import { Hono, type MiddlewareHandler } from "hono";
import type { SandboxApi, Surroundings } from "../api.ts";
import type { AuthorizationServer } from "../oauth2/index.ts";
import { administratorsOnly, identify, refuseEscapedSlash } from "./access.ts";
import { answerError, frameworkError } from "./errors.ts";
import { createServiceJwts } from "./jwt.ts";
import { loginRoutes } from "./login.ts";
import { notices } from "./notices.ts";
import { createService, tokenRoutes } from "./tokens.ts";
import { profileRoutes, userRoutes } from "./users.ts";

/** What a service can be told to do otherwise. */
export interface OsmoOptions {
  /** Lets only administrators manage other users and their tokens. */
  readonly strict?: boolean;
  /** Refuses `x-osmo-user` without a credential, as a service does that has a gateway. */
  readonly gateway?: boolean;
  /** The longest life of a token, in days. */
  readonly maxDays?: number | undefined;
  /** Where people sign in; without it there are access tokens and developer mode alone. */
  readonly provider?: AuthorizationServer;
}

/**
 * The access token API of an NVIDIA OSMO service 6.4 behind its gateway, and in developer mode
 * on the same port.
 */
export function createOsmo(
  surroundings: Surroundings,
  { strict = false, gateway = false, maxDays, provider }: OsmoOptions = {},
): SandboxApi {
  const { service, bootstrap } = createService(surroundings, maxDays);
  const exchange = createServiceJwts(surroundings);
  const routes = new Hono();
  routes.onError(answerError);

  routes.use("/api/*", refuseEscapedSlash, identify(service, { exchange, provider }, gateway));
  if (strict) routes.use("/api/auth/user/*", administratorsOnly);
  routes.use("/api/*", notices(service), redirectTrailingSlash);

  routes.route("/", loginRoutes(service, { exchange, provider }));
  routes.route("/", tokenRoutes(service));
  routes.route("/", userRoutes(service));
  routes.route("/", profileRoutes(service));
  refuseTheRest(routes);

  return {
    id: "osmo",
    title: "NVIDIA OSMO",
    paths: "/api",
    routes,
    environment: (url) => ({
      TOKCTL_PROVIDER: "osmo",
      TOKCTL_URL: url,
      TOKCTL_APP_TOKEN: bootstrap,
    }),
  };
}

const redirectTrailingSlash: MiddlewareHandler = async (c, next) => {
  const url = new URL(c.req.url);
  if (!url.pathname.endsWith("/")) return next();
  url.pathname = url.pathname.replace(/\/+$/, "");
  return c.redirect(url.href, 307);
};

/** Tells a wrong method from a wrong path, as the service's framework does. */
function refuseTheRest(routes: Hono): void {
  const served = routes.routes.filter(({ method }) => method !== "ALL");
  for (const path of new Set(served.map((route) => route.path))) {
    routes.all(path, () => {
      throw frameworkError(405, "Method Not Allowed");
    });
  }
  routes.all("/api/*", () => {
    throw frameworkError(404, "Not Found");
  });
}
