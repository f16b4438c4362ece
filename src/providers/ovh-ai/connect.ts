import { any } from "valibot";
import type { Connection } from "../../core/connection.ts";
import { type Identity, ifLost, type Provider, type TokenProvider } from "../../core/provider.ts";
import { Secret } from "../../core/secret.ts";
import type { IssuedToken } from "../../core/token.ts";
import { createHttpClient } from "../../http/client.ts";
import { bearer } from "../../http/oauth.ts";
import { withId } from "../../http/schema.ts";
import { ifFound } from "../../http/status-errors.ts";
import { listPages } from "./pages.ts";
import { createdBody, fromWire, IssuedBody, MeBody, pageOf, TokenBody, toSpec } from "./wire.ts";

const tokenList = { route: "GET /v1/token", page: pageOf(TokenBody), things: "tokens" } as const;

/** Speaks the token endpoints of the regional API with an application token as Bearer. */
export function connect(connection: Connection, provider: Provider): TokenProvider {
  const { url, transport } = connection;
  const http = createHttpClient({ baseUrl: url, transport, ...bearer(connection) });
  const region = regionOf(url);
  const toDomain = (body: TokenBody) => fromWire(body, transport.now(), region);
  const issued = (body: IssuedBody): IssuedToken => ({
    ...toDomain(body),
    token: new Secret(body.status.value),
  });
  const whoami = async (): Promise<Identity> => {
    const me = await http.request("GET /v1/me", MeBody);
    return {
      provider: provider.id,
      url: url.href.replace(/\/$/, ""),
      name: me.name ?? null,
      kind: me.tokenKind,
      roles: [me.role],
      project: me.tenant ?? null,
      owner: me.tokenKind === "app" ? null : (me.name ?? null),
      pools: [],
      defaultPool: null,
      tokenName: me.tokenKind === "app" ? (me.name ?? null) : null,
      expiresAt: null,
    };
  };
  return {
    list: () => listPages(http, tokenList, toDomain),
    tryList: () => http.request(tokenList.route, tokenList.page, { query: { size: 1 } }),
    async get(id) {
      const body = await ifFound(http.request("GET /v1/token/{id}", TokenBody, { path: { id } }));
      return body && toDomain(body);
    },
    async create(asked) {
      const spec = toSpec(asked);
      return issued(
        await http.request("POST /v1/token", createdBody(spec), {
          json: spec,
          ifLost: ifLost.create(spec.name),
        }),
      );
    },
    renew: async ({ id }) =>
      issued(
        await http.request("POST /v1/token/{id}/renew", withId(IssuedBody, id), {
          path: { id },
          ifLost: ifLost.renew(id),
        }),
      ),
    async delete({ id }) {
      await http.request("DELETE /v1/token/{id}", any(), { path: { id }, ifLost: ifLost.delete });
    },
    roles: async ({ roles }) => roles.map((name) => ({ name, assignedBy: null, assignedAt: null })),
    whoami,
    async tokenInUse() {
      const { tokenName: name } = await whoami();
      return name === null ? undefined : { name, owner: null };
    },
    resources: async () => (await import("./resources.ts")).connectResources(http),
  };
}

/** The host is the region: `gra.ai.cloud.ovh.net`, or its older name with `.training`. */
const regionOf = ({ hostname }: URL): string | null =>
  /^(?<city>[a-z]+)(\.training)?\.ai\.cloud\.ovh\.net$/
    .exec(hostname)
    ?.groups?.["city"]?.toUpperCase() ??
  (hostname.endsWith(".us-east-va.ai.cloud.ovh.us") ? "US-EAST-VA" : null);
