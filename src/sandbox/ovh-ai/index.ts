import { type Handler, Hono, type MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { toHex } from "../../core/text.ts";
import type { SandboxApi, Surroundings } from "../api.ts";
import type { AuthorizationServer } from "../oauth2/index.ts";
import { digest } from "../store.ts";
import {
  type AuthenticatedEnv,
  authenticate,
  type Caller,
  type Callers,
  OAUTH_CLIENT,
} from "./access.ts";
import { createGateway } from "./gateway.ts";
import { createResourceRoutes, resourceMethods } from "./resources/routes.ts";
import { createResources, type Seed } from "./resources/store.ts";
import { createTokenRoutes, createTokens, createValue } from "./tokens.ts";
import type { TokenSpec } from "./wire.ts";

/** The bootstrap credential's holder. It is no token of the project: no list shows it, no id reaches it. */
const operator: TokenSpec = { name: "sandbox-operator", role: "ai_training_operator" };

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
  surroundings: Surroundings,
  authorization: AuthorizationServer,
  elsewhere: (digest: string) => TokenSpec | undefined,
  seeds: readonly Seed[],
): OvhAi {
  const { randomBytes } = surroundings;
  const bootstrap = createValue(randomBytes);
  const bootstrapDigest = digest(bootstrap);
  const tenant = toHex(randomBytes(16));
  const trustId = toHex(randomBytes(16));
  const tokens = createTokens(surroundings);
  const resources = createResources(surroundings, seeds, operator);

  function withTokenDigest(digest: string): Caller | undefined {
    const spec =
      digest === bootstrapDigest
        ? operator
        : (tokens.withDigest(digest)?.spec ?? elsewhere(digest));
    return spec && { ...spec, tokenKind: "app" };
  }

  function withUserToken(credential: string): Caller | undefined {
    const holder = authorization.verify(credential);
    if (holder?.clientId !== OAUTH_CLIENT) return undefined;
    return { name: holder.subject, role: "administrator", tokenKind: "oauth" };
  }

  const callers: Callers = {
    withTokenDigest,
    withCredential: (credential) =>
      withTokenDigest(digest(credential)) ?? withUserToken(credential),
  };

  const routes = new Hono<AuthenticatedEnv>();
  routes.post("/v1/oauth/token", authorization.token);
  routes.use("/v1/*", authenticate(callers));
  routes.get("/v1/me", (c) => {
    const { name, role, tokenKind } = c.get("caller");
    const quotas = { resources: { CPU: 64, GPU: 4 }, storage: 1024 };
    return c.json({ name, tenant, role, tokenKind, trustId, quotas });
  });
  routes.route("/", createTokenRoutes(tokens));
  routes.route("/", createResourceRoutes(resources));
  for (const [path, methods] of Object.entries(allowedMethods)) {
    routes.all(path, refuseMethod(methods));
  }
  routes.all("/v1/*", (c) => c.json({ message: "no such path" }, 404));

  return {
    id: "ovh-ai",
    title: "OVHcloud AI",
    paths: "/v1",
    routes: new Hono().route("/", routes),
    gateway: createGateway(surroundings, resources, callers),
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
