import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import * as v from "valibot";
import type { SandboxApi, SandboxRuntime } from "../api.ts";
import { alternate } from "../generate.ts";
import { parseBody, refuseOtherMethods } from "../http.ts";
import { type OvhAiTokenSpec, tokenSpecEntries, tokenSpecRules } from "../ovh-ai/access.ts";
import { createOvhAiTokens, generateOvhAiTokens } from "../ovh-ai/tokens.ts";
import type { OvhAccount } from "./account.ts";
import { answerOvhError } from "./authentication.ts";

const ai = "/1.0/cloud/project/:project/ai";
const token = `${ai}/token`;

/** The emulated API, and a lookup of its tokens for the regional API. */
export interface OvhCloud extends SandboxApi {
  /**
   * Returns the spec of the token of the secret with this digest. Only the regional API accepts
   * these tokens as credentials.
   */
  specByDigest(digest: string): OvhAiTokenSpec | undefined;
}

/**
 * Emulates the AI tokens of a project in the OVHcloud public API, for all regions.
 * @param generatedTokens number of generated tokens that exist at the start.
 * @see https://docs.ovh.com/gb/en/customer/first-steps-with-ovh-api/
 */
export function createOvhCloud(
  runtime: SandboxRuntime,
  account: OvhAccount,
  generatedTokens = 0,
): OvhCloud {
  const tokens = createOvhAiTokens(
    runtime,
    generateOvhAiTokens(runtime, generatedTokens, "ovh-cloud").map((token, index) => ({
      ...token,
      spec: { ...token.spec, region: alternate(generatedRegions, index) },
    })),
  );

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

/** Regions of the AI products. */
const regions = ["GRA", "BHS"] as const;

/** Regions of generated tokens: two of three are in GRA. */
const generatedRegions = ["GRA", "GRA", "BHS"] as const;

/** Response of `…/ai/capabilities/region`. */
const regionCapabilities = regions.map((id) => {
  const host = `${id.toLowerCase()}.ai.cloud.ovh.net`;
  return {
    id,
    version: "1.0.0",
    cliInstallUrl: `https://cli.${host}/install.sh`,
    documentationUrl: "https://docs.ovh.com/gb/en/publiccloud/ai/",
    registryUrl: `https://registry.${host}`,
  };
});

const Schema = v.strictObject({ ...tokenSpecEntries, region: v.picklist(regions) });
const rules = { ...tokenSpecRules, region: `must be one of ${regions.join(", ")}` };

/** Parses the body of a create request: a token spec with its region. @throws HTTPException 400 */
function parseOvhCloudTokenSpec(body: string): v.InferOutput<typeof Schema> {
  return parseBody(body, Schema, rules);
}
