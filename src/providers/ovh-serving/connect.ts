import * as v from "valibot";
import { any } from "valibot";
import { checkResource } from "../../core/check.ts";
import type { Connection } from "../../core/connection.ts";
import { ifLost, type Provider, type TokenProvider } from "../../core/provider.ts";
import { Secret } from "../../core/secret.ts";
import { type IssuedToken, type Token, toToken } from "../../core/token.ts";
import { listOf } from "../../http/list.ts";
import { SecretText, ServerTime, withId } from "../../http/schema.ts";
import { ifFound } from "../../http/status-errors.ts";
import { identify, openSignedClient } from "../ovh/session.ts";

const common = {
  id: v.pipe(v.string(), v.minLength(1)),
  createdAt: v.nullish(ServerTime),
  groups: v.array(v.string()),
  resource: v.string(),
};

export const TokenBody = v.object(common);
export type TokenBody = v.InferOutput<typeof TokenBody>;

/** The reply to create and regenerate, the only ones that hold the value. */
export const IssuedBody = v.object({ ...common, token: SecretText });
export type IssuedBody = v.InferOutput<typeof IssuedBody>;

const tokens = "/cloud/project/{project}/ai/serving/{namespace}/token";

/** Speaks the token endpoints of an ML Serving namespace. */
export function connect(connection: Connection, provider: Provider): TokenProvider {
  const { transport, whereabouts } = connection;
  const http = openSignedClient(connection);
  const { project = "", namespace = "" } = whereabouts;
  const path = { project, namespace };
  const fromWire = ({ id, createdAt, groups, resource }: TokenBody): Token =>
    toToken({ id, roles: groups, resource, createdAt: createdAt ?? null }, transport.now());
  const issued = (body: IssuedBody): IssuedToken => ({
    ...fromWire(body),
    token: new Secret(body.token),
  });
  const list = () => http.request(`GET ${tokens}`, listOf(TokenBody, fromWire), { path });

  return {
    list,
    get: async (id) => {
      const found = http.request(`GET ${tokens}/{id}`, TokenBody, { path: { ...path, id } });
      const body = await ifFound(found);
      return body && fromWire(body);
    },
    check: ({ resource }) => checkResource(provider, resource),
    async create({ roles, resource }) {
      checkResource(provider, resource);
      const body = await http.request(`POST ${tokens}`, IssuedBody, {
        path,
        json: { resource, groups: roles },
        ifLost: ifLost.create(undefined),
      });
      return issued(body);
    },
    renew: async ({ id }) =>
      issued(
        await http.request(`PUT ${tokens}/{id}`, withId(IssuedBody, id), {
          path: { ...path, id },
          json: null,
          ifLost: ifLost.renew(id),
        }),
      ),
    async delete({ id }) {
      await http.request(`DELETE ${tokens}/{id}`, any(), {
        path: { ...path, id },
        ifLost: ifLost.delete,
      });
    },
    roles: async ({ roles }) => roles.map((name) => ({ name, assignedBy: null, assignedAt: null })),
    async whoami() {
      // The API has no question of its own for this: being let in is the answer.
      await list();
      return identify(provider.id, connection);
    },
    // These tokens open models, not this API.
    tokenInUse: async () => undefined,
  };
}
