import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { toHex } from "../../core/text.ts";
import type { SandboxApi, SandboxRuntime } from "../api.ts";
import { refuseOtherMethods } from "../http.ts";
import type { OvhAccount } from "../ovh-cloud/account.ts";
import { answerOvhError } from "../ovh-cloud/errors.ts";
import { createServingTokens, parseServingSpec } from "./tokens.ts";

const token = "/1.0/cloud/project/:project/ai/serving/:namespace/token";

/**
 * Emulates the tokens of one ML Serving namespace in a project.
 * @param generatedTokens Number of generated tokens that exist at the start.
 * @see https://serving-doc-mlg.ai.ovh.net/component/tokens.html
 */
export function createOvhServing(
  runtime: SandboxRuntime,
  account: OvhAccount,
  generatedTokens = 0,
): SandboxApi {
  const namespace = toHex(runtime.randomBytes(12));
  const tokens = createServingTokens(runtime, generatedTokens);

  const routes = new Hono();
  routes.onError(answerOvhError);
  routes.use(`${token}/*`, account.guard, async (c, next) => {
    if (c.req.param("namespace") !== namespace) notFound("namespace");
    await next();
  });

  routes.get(token, (c) => c.json(tokens.list()));
  routes.post(token, async (c) => c.json(tokens.create(parseServingSpec(await c.req.text()))));
  routes.get(`${token}/:id`, (c) => c.json(tokens.get(c.req.param("id")) ?? notFound("token")));
  routes.delete(`${token}/:id`, (c) =>
    tokens.delete(c.req.param("id")) ? c.json(null) : notFound("token"),
  );
  routes.put(`${token}/:id`, async (c) => {
    if (!["", "null"].includes(await c.req.text())) {
      throw new HTTPException(400, { message: "the body must be null: tokens cannot be updated" });
    }
    return c.json(tokens.regenerate(c.req.param("id")) ?? notFound("token"));
  });
  refuseOtherMethods(routes);

  return {
    id: "ovh-serving",
    title: "OVHcloud ML Serving",
    paths: "/1.0/cloud/project/{project}/ai/serving/{namespace}/token",
    routes,
    environment: (url) => ({
      TOKCTL_PROVIDER: "ovh-serving",
      TOKCTL_URL: `${url}/1.0`,
      TOKCTL_PROJECT: account.project,
      TOKCTL_NAMESPACE: namespace,
      TOKCTL_APP_TOKEN: account.credentials.bearerToken,
    }),
  };
}

function notFound(object: "namespace" | "token"): never {
  throw new HTTPException(404, { message: `This ${object} does not exist` });
}
