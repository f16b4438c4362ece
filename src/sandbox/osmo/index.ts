import { Hono, type MiddlewareHandler } from "hono";
import type { SandboxApi, SandboxRuntime } from "../api.ts";
import type { AuthorizationServer } from "../oauth2/index.ts";
import { administratorsOnly, identifyCaller, refuseEscapedSlash } from "./access.ts";
import { answerOsmoError, frameworkError } from "./errors.ts";
import { createOsmoJwts } from "./jwt.ts";
import { osmoLoginRoutes } from "./login.ts";
import { clientNotices } from "./notices.ts";
import { createOsmoService, osmoTokenRoutes } from "./tokens.ts";
import { osmoProfileRoutes, osmoUserRoutes } from "./users.ts";

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
  runtime: SandboxRuntime,
  { strict = false, gateway = false, maxDays, provider }: OsmoOptions = {},
): SandboxApi {
  const { service, bootstrap } = createOsmoService(runtime, maxDays);
  const exchange = createOsmoJwts(runtime);
  const routes = new Hono();
  routes.onError(answerOsmoError);

  routes.use(
    "/api/*",
    refuseEscapedSlash,
    identifyCaller(service, { exchange, provider }, gateway),
  );
  if (strict) routes.use("/api/auth/user/*", administratorsOnly);
  routes.use("/api/*", clientNotices(service), redirectTrailingSlash);

  routes.route("/", osmoLoginRoutes(service, { exchange, provider }));
  routes.route("/", osmoTokenRoutes(service));
  routes.route("/", osmoUserRoutes(service));
  routes.route("/", osmoProfileRoutes(service));
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
