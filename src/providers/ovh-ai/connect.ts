import * as v from "valibot";
import type { Connection } from "../../core/connection.ts";
import { type Identity, toIdentity } from "../../core/identity.ts";
import type { Provider } from "../../core/provider.ts";
import { toSoftExpiry } from "../../core/soft-expiry.ts";
import type { TokenProvider } from "../../core/token-provider.ts";
import { bearer } from "../../http/bearer.ts";
import { createHttpClient } from "../../http/client.ts";
import { AiTokenBody, IssuedAiTokenBody, toAiToken, toAiTokenRequest } from "../ovh/ai-token.ts";
import { createTokenOperations } from "../ovh/token-operations.ts";
import { listPages, pageOf } from "./pages.ts";

/** The response of `GET /v1/me`. */
const MeBody = v.object({
  name: v.nullish(v.string()),
  tenant: v.nullish(v.string()),
  role: v.string(),
  tokenKind: v.string(),
});

const tokenList = { route: "GET /v1/token", page: pageOf(AiTokenBody), noun: "tokens" } as const;

/**
 * Connects to the regional API with an app token, or the access token of an OpenStack user, as Bearer.
 * @see https://gra.ai.cloud.ovh.net/
 */
export function connect(connection: Connection, provider: Provider): TokenProvider {
  const { url, transport } = connection;
  const http = createHttpClient({ baseUrl: url, transport, ...bearer(connection) });
  const region = regionOf(url);
  const toDomain = (body: AiTokenBody) => toAiToken(body, transport.now(), region);

  async function whoami(): Promise<Identity> {
    const {
      name = null,
      tenant,
      role,
      tokenKind,
    } = await http.request("GET /v1/me", MeBody, {
      action: "read the identity of the credential",
    });
    const isAppToken = tokenKind === "app";
    return toIdentity(provider.id, connection, {
      name,
      kind: tokenKind,
      roles: [role],
      project: tenant ?? null,
      ...(isAppToken ? { tokenName: name, ...toSoftExpiry(name ?? "") } : { owner: name }),
    });
  }

  return {
    ...createTokenOperations(http, {
      routes: {
        get: "GET /v1/token/{id}",
        create: "POST /v1/token",
        renew: "POST /v1/token/{id}/renew",
        delete: "DELETE /v1/token/{id}",
      },
      tokenSchema: AiTokenBody,
      issuedSchema: IssuedAiTokenBody,
      toCreateRequest: toAiTokenRequest,
      toToken: toDomain,
      secretOf: ({ status }) => status.value,
    }),
    list: () => listPages(http, tokenList, toDomain),
    tryList: () =>
      http.request(tokenList.route, tokenList.page, {
        action: "list the tokens",
        query: { size: 1 },
      }),
    whoami,
    async tokenInUse() {
      const { tokenName: name } = await whoami();
      return name === null ? undefined : { name, owner: null };
    },
    resources: async () => (await import("./resources.ts")).connectResources(http),
  };
}

/** Returns the region of a host: `gra.ai.cloud.ovh.net`, or the older `gra.training.ai.cloud.ovh.net`. */
const regionOf = ({ hostname }: URL): string | null =>
  /^(?<region>[a-z]+)(\.training)?\.ai\.cloud\.ovh\.net$/
    .exec(hostname)
    ?.groups?.["region"]?.toUpperCase() ??
  (hostname.endsWith(".us-east-va.ai.cloud.ovh.us") ? "US-EAST-VA" : null);
