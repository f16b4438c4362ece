import * as v from "valibot";
import type { Connection } from "../../core/connection.ts";
import type { Provider } from "../../core/provider.ts";
import { type Token, toToken } from "../../core/token.ts";
import type { TokenProvider } from "../../core/token-provider.ts";
import { validateResourcePattern } from "../../core/validation.ts";
import { listOf } from "../../http/list.ts";
import { SecretText, ServerTime } from "../../http/schema.ts";
import { openSignedClient } from "../ovh/signed-client.ts";
import { createTokenOperations, toOvhIdentity } from "../ovh/token-operations.ts";

const ServingTokenBody = v.object({
  id: v.pipe(v.string(), v.minLength(1)),
  createdAt: v.nullish(ServerTime),
  groups: v.array(v.string()),
  resource: v.string(),
});

/** The response to create and regenerate. */
const IssuedServingTokenBody = v.object({ ...ServingTokenBody.entries, token: SecretText });

/**
 * Connects to the token routes of an ML Serving namespace.
 * @see https://serving-doc-mlg.ai.ovh.net/component/tokens.html
 * @see https://eu.api.ovh.com/console/ (section /cloud)
 */
export function connect(connection: Connection, provider: Provider): TokenProvider {
  const { transport, projectRefs } = connection;
  const http = openSignedClient(connection);
  const path = { project: projectRefs.project ?? "", namespace: projectRefs.namespace ?? "" };
  const toDomain = (body: v.InferOutput<typeof ServingTokenBody>): Token => {
    const { id, createdAt = null, groups: roles, resource } = body;
    return toToken({ id, roles, resource, createdAt }, transport.now());
  };
  const list = () =>
    http.request(
      "GET /cloud/project/{project}/ai/serving/{namespace}/token",
      listOf(ServingTokenBody, toDomain),
      { action: `list the tokens of namespace ${path.namespace}`, path },
    );

  return {
    ...createTokenOperations(http, {
      routes: {
        get: "GET /cloud/project/{project}/ai/serving/{namespace}/token/{id}",
        create: "POST /cloud/project/{project}/ai/serving/{namespace}/token",
        renew: "PUT /cloud/project/{project}/ai/serving/{namespace}/token/{id}",
        delete: "DELETE /cloud/project/{project}/ai/serving/{namespace}/token/{id}",
      },
      path,
      renewBody: null,
      tokenSchema: ServingTokenBody,
      issuedSchema: IssuedServingTokenBody,
      toCreateRequest({ roles, resource }) {
        validateResourcePattern(provider, resource);
        return { json: { resource, groups: roles }, schema: IssuedServingTokenBody };
      },
      toToken: toDomain,
      secretOf: ({ token }) => token,
    }),
    list,
    validateSpec: ({ resource }) => validateResourcePattern(provider, resource),
    async whoami() {
      // The API has no route for the identity. If the list succeeds, the credential is valid.
      await list();
      return toOvhIdentity(provider.id, connection);
    },
    // Its tokens are credentials of the models, not of this API.
    tokenInUse: async () => undefined,
  };
}
