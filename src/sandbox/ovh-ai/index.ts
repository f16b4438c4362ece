import { Hono, type MiddlewareHandler } from "hono";
import { toHex } from "../../core/text.ts";
import type { SandboxApi, SandboxRuntime } from "../api.ts";
import { digest } from "../generate.ts";
import { refuseOtherMethods } from "../http.ts";
import type { AuthorizationServer } from "../oauth2/index.ts";
import {
  authenticateOvhAi,
  type CallerLookup,
  type OvhAiCaller,
  type OvhAiEnv,
  type OvhAiTokenSpec,
  ovhAiClient,
} from "./access.ts";
import { createGateway } from "./gateway.ts";
import { createOvhAiResources, type ResourceSeed } from "./resources/resources.ts";
import { ovhAiResourceRoutes } from "./resources/routes.ts";
import {
  createOvhAiTokens,
  createTokenValue,
  generateOvhAiTokens,
  ovhAiTokenRoutes,
} from "./tokens.ts";

/** Identity of the bootstrap credential, which is not in the list of tokens and has no ID. */
const operator: OvhAiTokenSpec = { name: "sandbox-operator", role: "ai_training_operator" };

/** The emulated API, and the gateway in front of its apps, jobs and notebooks. */
export interface OvhAi extends SandboxApi {
  readonly gateway: MiddlewareHandler;
}

/**
 * Emulates the regional OVHcloud AI API of one project in one region: tokens, resources and the
 * identity of a credential.
 * @param findCloudToken returns the token of this region that the public API created, by the digest
 * of its secret.
 * @param generatedTokens number of generated tokens that exist at the start.
 * @see https://help.ovhcloud.com/csm/en-public-cloud-ai-deploy-tokens?id=kb_article_view&sysparm_article=KB0047990
 */
export function createOvhAi(
  runtime: SandboxRuntime,
  authorization: AuthorizationServer,
  findCloudToken: (digest: string) => OvhAiTokenSpec | undefined,
  seeds: readonly ResourceSeed[],
  generatedTokens = 0,
): OvhAi {
  const { randomBytes } = runtime;
  const bootstrap = createTokenValue(randomBytes);
  const bootstrapDigest = digest(bootstrap);
  const tenant = toHex(randomBytes(16));
  const trustId = toHex(randomBytes(16));
  const tokens = createOvhAiTokens(
    runtime,
    generateOvhAiTokens(runtime, generatedTokens, "ovh-ai"),
  );
  const resources = createOvhAiResources(runtime, seeds, operator);

  function findByTokenDigest(digest: string): OvhAiCaller | undefined {
    const spec =
      digest === bootstrapDigest
        ? operator
        : (tokens.findByDigest(digest)?.spec ?? findCloudToken(digest));
    return spec && { ...spec, tokenKind: "app" };
  }

  function findByUserToken(credential: string): OvhAiCaller | undefined {
    const holder = authorization.verify(credential);
    if (holder?.clientId !== ovhAiClient) return undefined;
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
  refuseOtherMethods(routes);
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
