import { array, looseObject } from "valibot";
import type { Connection } from "../../core/connection.ts";
import type { Provider } from "../../core/provider.ts";
import type { TokenProvider } from "../../core/token-provider.ts";
import { requireRegion } from "../../core/validation.ts";
import { listOf } from "../../http/list.ts";
import { AiTokenBody, IssuedAiTokenBody, toAiToken, toAiTokenRequest } from "../ovh/ai-token.ts";
import { openSignedClient } from "../ovh/signed-client.ts";
import { createTokenOperations, toOvhIdentity } from "../ovh/token-operations.ts";

/**
 * Connects to the AI token routes of a Public Cloud project. Its tokens are those of the regional APIs.
 * @see https://eu.api.ovh.com/console/ (section /cloud, /cloud/project/{serviceName}/ai/token)
 */
export function connect(connection: Connection, provider: Provider): TokenProvider {
  const { transport, projectRefs, region } = connection;
  const http = openSignedClient(connection);
  const path = { project: projectRefs.project ?? "" };
  const toDomain = (body: AiTokenBody) => toAiToken(body, transport.now());

  return {
    ...createTokenOperations(http, {
      routes: {
        get: "GET /cloud/project/{project}/ai/token/{id}",
        create: "POST /cloud/project/{project}/ai/token",
        renew: "POST /cloud/project/{project}/ai/token/{id}/renew",
        delete: "DELETE /cloud/project/{project}/ai/token/{id}",
      },
      path,
      tokenSchema: AiTokenBody,
      issuedSchema: IssuedAiTokenBody,
      toCreateRequest(spec) {
        const { json, schema } = toAiTokenRequest(spec);
        return {
          json: { ...json, region: requireRegion(provider, region ?? spec.region) },
          schema,
        };
      },
      toToken: toDomain,
      secretOf: ({ status }) => status.value,
    }),
    async list() {
      const tokens = await http.request(
        "GET /cloud/project/{project}/ai/token",
        listOf(AiTokenBody, toDomain),
        { action: `list the tokens of project ${path.project}`, path },
      );
      return tokens.filter((token) => region === undefined || token.region === region);
    },
    validateSpec: (spec) => void requireRegion(provider, region ?? spec.region),
    async whoami() {
      // The API has no route for the identity. Every credential may list the regions.
      await http.request(
        "GET /cloud/project/{project}/ai/capabilities/region",
        array(looseObject({})),
        { action: `access project ${path.project}`, path },
      );
      return toOvhIdentity(provider.id, connection);
    },
    // Its tokens are credentials of the regional APIs, not of this one.
    tokenInUse: async () => undefined,
  };
}
