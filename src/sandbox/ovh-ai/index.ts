import { type Handler, Hono, type MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { toHex } from "../../core/text.ts";
import type { SandboxApi, SandboxRuntime } from "../api.ts";
import type { AuthorizationServer } from "../oauth2/index.ts";
import { digest } from "../store.ts";
import {
  authenticateOvhAi,
  type CallerLookup,
  OVH_AI_CLIENT,
  type OvhAiCaller,
  type OvhAiEnv,
} from "./access.ts";
import { createGateway } from "./gateway.ts";
import { ovhAiResourceRoutes, resourceMethods } from "./resources/routes.ts";
import { createOvhAiResources, type ResourceSeed } from "./resources/store.ts";
import { createOvhAiTokens, createTokenValue, ovhAiTokenRoutes } from "./tokens.ts";
import type { OvhAiTokenSpec } from "./wire.ts";

/** The bootstrap credential's holder. It is no token of the project: no list shows it, no id reaches it. */
const operator: OvhAiTokenSpec = { name: "sandbox-operator", role: "ai_training_operator" };

const allowedMethods = {
  "/v1/token": "GET, POST",
  "/v1/token/:id": "GET, DELETE",
  "/v1/token/:id/renew": "POST",
  "/v1/me": "GET",
  "/v1/oauth/token": "POST",
  ...resourceMethods,
};

/** The emulated API, and what stands before the apps, jobs and notebooks that it runs. */
export interface OvhAi extends SandboxApi {
  readonly gateway: MiddlewareHandler;
}

/**
 * The OVHcloud AI API of one project in one region: its access tokens, the apps, jobs and notebooks
 * that they open, and who a credential is. `elsewhere` knows the tokens that were made for this
 * region at another address, by the digests of their values.
 */
export function createOvhAi(
  runtime: SandboxRuntime,
  authorization: AuthorizationServer,
  elsewhere: (digest: string) => OvhAiTokenSpec | undefined,
  seeds: readonly ResourceSeed[],
): OvhAi {
  const { randomBytes } = runtime;
  const bootstrap = createTokenValue(randomBytes);
  const bootstrapDigest = digest(bootstrap);
  const tenant = toHex(randomBytes(16));
  const trustId = toHex(randomBytes(16));
  const tokens = createOvhAiTokens(runtime);
  const resources = createOvhAiResources(runtime, seeds, operator);

  function findByTokenDigest(digest: string): OvhAiCaller | undefined {
    const spec =
      digest === bootstrapDigest
        ? operator
        : (tokens.findByDigest(digest)?.spec ?? elsewhere(digest));
    return spec && { ...spec, tokenKind: "app" };
  }

  function findByUserToken(credential: string): OvhAiCaller | undefined {
    const holder = authorization.verify(credential);
    if (holder?.clientId !== OVH_AI_CLIENT) return undefined;
    return { name: holder.subject, role: "administrator", tokenKind: "oauth" };
  }

  const callers: CallerLookup = {
    findByTokenDigest,
    findByCredential: (credential) =>
      findByTokenDigest(digest(credential)) ?? findByUserToken(credential),
  };

  const routes = new Hono<OvhAiEnv>();
  routes.post("/v1/oauth/token", authorization.token);
  routes.use("/v1/*", authenticateOvhAi(callers));
  routes.get("/v1/me", (c) => {
    const { name, role, tokenKind } = c.get("caller");
    const quotas = { resources: { CPU: 64, GPU: 4 }, storage: 1024 };
    return c.json({ name, tenant, role, tokenKind, trustId, quotas });
  });
  routes.route("/", ovhAiTokenRoutes(tokens));
  routes.route("/", ovhAiResourceRoutes(resources));
  for (const [path, methods] of Object.entries(allowedMethods)) {
    routes.all(path, refuseMethod(methods));
  }
  routes.all("/v1/*", (c) => c.json({ message: "no such path" }, 404));

  return {
    id: "ovh-ai",
    title: "OVHcloud AI",
    paths: "/v1",
    routes: new Hono().route("/", routes),
    gateway: createGateway(runtime, resources, callers),
    environment: (url) => ({
      TOKCTL_PROVIDER: "ovh-ai",
      TOKCTL_URL: url,
      TOKCTL_APP_TOKEN: bootstrap,
    }),
  };
}

/** An answer to the methods of a known path that have no handler. */
function refuseMethod(allowed: string): Handler {
  return (c) => {
    c.header("Allow", allowed);
    throw new HTTPException(405, { message: `the method must be one of ${allowed}` });
  };
}
