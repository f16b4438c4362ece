import { Hono, type MiddlewareHandler } from "hono";
import type { SandboxApi, SandboxRuntime } from "../api.ts";
import { refuseOtherMethods } from "../http.ts";
import type { AuthorizationServer } from "../oauth2/index.ts";
import {
  administratorsOnly,
  clientNotices,
  identifyCaller,
  refuseEscapedSlash,
  serviceVersion,
} from "./gateway.ts";
import { createOsmoJwts, osmoLoginRoutes } from "./login.ts";
import { createOsmoService } from "./service.ts";
import { osmoTokenRoutes } from "./tokens.ts";
import { osmoProfileRoutes, osmoUserRoutes } from "./users.ts";
import { answerOsmoError, frameworkError } from "./wire.ts";

/** Settings of the emulated service. */
export interface OsmoOptions {
  /** Whether only administrators can manage other users and their tokens. */
  readonly strict?: boolean;
  /** Whether `x-osmo-user` without a credential is rejected, as by a service behind a gateway. */
  readonly gateway?: boolean;
  /** Maximum lifetime of a token, in days (default: 365). */
  readonly maxDays?: number | undefined;
  /** Number of generated tokens that exist at the start (default: 0). */
  readonly generatedTokens?: number | undefined;
  /**
   * Identity provider that users sign in with. Without it, only access tokens and developer mode
   * work.
   */
  readonly provider?: AuthorizationServer;
}

/**
 * Emulates the access token API of NVIDIA OSMO 6.4, behind its gateway and in developer mode on one
 * port.
 * @see https://nvidia.github.io/OSMO/release/6.4/deployment_guide/appendix/authentication/authentication_flow.html
 */
export function createOsmo(
  runtime: SandboxRuntime,
  { strict = false, gateway = false, maxDays, generatedTokens = 0, provider }: OsmoOptions = {},
): SandboxApi {
  const { service, bootstrap } = createOsmoService(runtime, maxDays, generatedTokens);
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

  routes.get("/api/version", (c) => {
    const [major, minor, revision] = serviceVersion.split(".");
    return c.json({ major, minor, revision, hash: "" });
  });
  routes.get("/health", (c) => c.json({ status: "OK" }));

  refuseOtherMethods(routes, () => () => {
    throw frameworkError(405, "Method Not Allowed");
  });
  routes.all("/api/*", () => {
    throw frameworkError(404, "Not Found");
  });

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
