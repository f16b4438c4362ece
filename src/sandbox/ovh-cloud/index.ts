import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { SandboxApi, SandboxRuntime } from "../api.ts";
import { createOvhAiTokens } from "../ovh-ai/tokens.ts";
import type { OvhAiTokenSpec } from "../ovh-ai/wire.ts";
import type { OvhAccount } from "./account.ts";
import { answerOvhError, refuseOtherMethods } from "./errors.ts";
import { parseOvhCloudTokenSpec, regionCapabilities } from "./validation.ts";

const ai = "/1.0/cloud/project/:project/ai";
const token = `${ai}/token`;

/** The emulated API, and what its tokens are good for. */
export interface OvhCloud extends SandboxApi {
  /** Whose credential the value with this digest is: no call of this API takes it, those of its region do. */
  specByDigest(digest: string): OvhAiTokenSpec | undefined;
}

/** The AI tokens of an account's project, all regions together. */
export function createOvhCloud(runtime: SandboxRuntime, account: OvhAccount): OvhCloud {
  const tokens = createOvhAiTokens(runtime);

  const routes = new Hono();
  routes.onError(answerOvhError);
  routes.use(`${token}/*`, account.guard);
  routes.use(`${ai}/capabilities/*`, account.guard);

  routes.get(`${ai}/capabilities/region`, (c) => c.json(regionCapabilities));
  routes.get(token, (c) => c.json(tokens.list()));
  routes.post(token, async (c) =>
    c.json(tokens.create(parseOvhCloudTokenSpec(await c.req.text()))),
  );
  routes.get(`${token}/:id`, (c) => c.json(tokens.get(c.req.param("id")) ?? unknownToken()));
  routes.delete(`${token}/:id`, (c) =>
    tokens.delete(c.req.param("id")) ? c.json(null) : unknownToken(),
  );
  routes.post(`${token}/:id/renew`, (c) =>
    c.json(tokens.renew(c.req.param("id")) ?? unknownToken()),
  );
  refuseOtherMethods(routes);

  return {
    id: "ovh-cloud",
    title: "OVHcloud public API",
    paths: "/1.0/cloud/project/{project}/ai/token",
    routes,
    environment: (url) => ({
      TOKCTL_PROVIDER: "ovh-cloud",
      TOKCTL_URL: `${url}/1.0`,
      TOKCTL_PROJECT: account.project,
      TOKCTL_APP_TOKEN: account.credentials.bearerToken,
    }),
    specByDigest: (digest) => tokens.findByDigest(digest)?.spec,
  };
}

function unknownToken(): never {
  throw new HTTPException(404, { message: "This token does not exist" });
}
