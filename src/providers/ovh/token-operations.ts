import * as v from "valibot";
import type { Connection } from "../../core/connection.ts";
import type { Credential } from "../../core/credential.ts";
import { type Identity, toIdentity } from "../../core/identity.ts";
import { lostResponseHints } from "../../core/lost-response-hints.ts";
import { Secret } from "../../core/secret.ts";
import type { IssuedToken, Token, TokenSpec } from "../../core/token.ts";
import type { TokenProvider } from "../../core/token-provider.ts";
import type { HttpClient } from "../../http/client.ts";
import { ifFound } from "../../http/errors/status-errors.ts";
import { type Schema, withId } from "../../http/schema.ts";

/** The token routes of one OVHcloud API, and the conversion of its JSON. */
export interface TokenApi<Body, Issued extends Body & { readonly id: string }> {
  readonly routes: {
    readonly get: `GET /${string}/{id}`;
    readonly create: `POST /${string}`;
    readonly renew: `PUT /${string}/{id}` | `POST /${string}/{id}/renew`;
    readonly delete: `DELETE /${string}/{id}`;
  };
  /** The path parameters of every route in addition to `id`. */
  readonly path?: Readonly<Record<string, string>>;
  readonly tokenSchema: Schema<Body>;
  /** The response to create and renew, the only ones with the secret. */
  readonly issuedSchema: v.GenericSchema<unknown, Issued>;
  /** The JSON body of a renewal; undefined for a request without a body. */
  readonly renewBody?: unknown;
  /**
   * Returns the body of a create, and the schema of its response.
   * @throws UsageError for a token that the API can't create.
   */
  toCreateRequest(spec: TokenSpec): { readonly json: unknown; readonly schema: Schema<Issued> };
  toToken(body: Body): Token;
  secretOf(body: Issued): string;
}

type TokenOperations = Pick<TokenProvider, "create" | "renew" | "delete" | "roles"> &
  Required<Pick<TokenProvider, "get">>;

/** Creates the operations on single tokens, which are the same in all OVHcloud APIs. */
export function createTokenOperations<Body, Issued extends Body & { readonly id: string }>(
  http: HttpClient,
  api: TokenApi<Body, Issued>,
): TokenOperations {
  const { routes, path = {}, tokenSchema, issuedSchema, renewBody, toToken } = api;
  const toIssued = (body: Issued): IssuedToken => ({
    ...toToken(body),
    token: new Secret(api.secretOf(body)),
  });
  return {
    async get(id) {
      const body = await ifFound(
        http.request(routes.get, tokenSchema, {
          action: `read token ${id}`,
          path: { ...path, id },
        }),
      );
      return body && toToken(body);
    },
    async create(spec) {
      const { json, schema } = api.toCreateRequest(spec);
      const body = await http.request(routes.create, schema, {
        action: spec.name === undefined ? "create a token" : `create token "${spec.name}"`,
        // The type of the route has no placeholders, so that it allows no path parameters.
        path: path as never,
        json,
        effect: { kind: "change", hint: lostResponseHints.create(spec.name) },
      });
      return toIssued(body);
    },
    async renew({ id }) {
      const body = await http.request(routes.renew, withId(issuedSchema, id), {
        action: `renew token ${id}`,
        path: { ...path, id },
        json: renewBody,
        effect: { kind: "change", hint: lostResponseHints.renew(id) },
      });
      return toIssued(body);
    },
    async delete({ id }) {
      await http.request(routes.delete, v.any(), {
        action: `delete token ${id}`,
        path: { ...path, id },
        effect: { kind: "repeatable", hint: lostResponseHints.delete },
      });
    },
    // The APIs do not record who assigned a role.
    roles: async ({ roles }) => roles.map((name) => ({ name, assignedBy: null, assignedAt: null })),
  };
}

/** Returns the identity of a credential of OVHcloud's public API, which has no `GET /me` for tokens. */
export const toOvhIdentity = (provider: string, connection: Connection): Identity => {
  const { credential, projectRefs } = connection;
  return toIdentity(provider, connection, {
    name: accountNameOf(credential),
    kind: credential.kind === "token" ? "bearer" : credential.kind,
    project: projectRefs.project ?? null,
  });
};

function accountNameOf(credential: Credential): string | null {
  if (credential.kind === "application") return credential.applicationKey;
  return credential.kind === "oauth" ? credential.clientId : null;
}
