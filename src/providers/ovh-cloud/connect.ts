import { any, array, looseObject } from "valibot";
import { checkRegion } from "../../core/check.ts";
import type { Connection } from "../../core/connection.ts";
import { ifLost, type Provider, type TokenProvider } from "../../core/provider.ts";
import { Secret } from "../../core/secret.ts";
import type { IssuedToken } from "../../core/token.ts";
import { listOf } from "../../http/list.ts";
import { withId } from "../../http/schema.ts";
import { ifFound } from "../../http/status-errors.ts";
import { identify, openSignedClient } from "../ovh/session.ts";
import { createdBody, fromWire, IssuedBody, TokenBody, toSpec } from "../ovh-ai/wire.ts";

const tokens = "/cloud/project/{project}/ai/token";

/** Speaks the AI token endpoints of a project, whose tokens are those of the regional API. */
export function connect(connection: Connection, provider: Provider): TokenProvider {
  const { transport, whereabouts, region } = connection;
  const http = openSignedClient(connection);
  const { project = "" } = whereabouts;
  const issued = (body: IssuedBody): IssuedToken => ({
    ...fromWire(body, transport.now()),
    token: new Secret(body.status.value),
  });

  return {
    async list() {
      const schema = listOf(TokenBody, (body) => fromWire(body, transport.now()));
      const all = await http.request(`GET ${tokens}`, schema, { path: { project } });
      return all.filter((token) => region === undefined || token.region === region);
    },
    async get(id) {
      const body = await ifFound(
        http.request(`GET ${tokens}/{id}`, TokenBody, { path: { project, id } }),
      );
      return body && fromWire(body, transport.now());
    },
    check: (spec) => void checkRegion(provider, region ?? spec.region),
    async create(asked) {
      const spec = toSpec(asked);
      return issued(
        await http.request(`POST ${tokens}`, createdBody(spec), {
          path: { project },
          json: { ...spec, region: checkRegion(provider, region ?? asked.region) },
          ifLost: ifLost.create(spec.name),
        }),
      );
    },
    renew: async ({ id }) =>
      issued(
        await http.request(`POST ${tokens}/{id}/renew`, withId(IssuedBody, id), {
          path: { project, id },
          ifLost: ifLost.renew(id),
        }),
      ),
    async delete({ id }) {
      await http.request(`DELETE ${tokens}/{id}`, any(), {
        path: { project, id },
        ifLost: ifLost.delete,
      });
    },
    roles: async ({ roles }) => roles.map((name) => ({ name, assignedBy: null, assignedAt: null })),
    async whoami() {
      // Any credential may ask for the regions; the API has no question of its own for this.
      await http.request(
        "GET /cloud/project/{project}/ai/capabilities/region",
        array(looseObject({})),
        {
          path: { project },
        },
      );
      return identify(provider.id, connection);
    },
    // These tokens open what runs in a region, not this API.
    tokenInUse: async () => undefined,
  };
}
