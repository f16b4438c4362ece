import * as v from "valibot";
import type { Connection } from "../../../src/core/connection.ts";
import { toIdentity } from "../../../src/core/identity.ts";
import { lostResponseHints } from "../../../src/core/lost-response-hints.ts";
import type { Provider } from "../../../src/core/provider.ts";
import { Secret } from "../../../src/core/secret.ts";
import { type IssuedToken, type Token, toToken } from "../../../src/core/token.ts";
import type { TokenProvider } from "../../../src/core/token-provider.ts";
import { bearer } from "../../../src/http/bearer.ts";
import { createHttpClient } from "../../../src/http/client.ts";
import { listOf } from "../../../src/http/list.ts";
import { SecretText, ServerTime, withId } from "../../../src/http/schema.ts";

const TokenBody = v.object({
  id: v.string(),
  name: v.string(),
  role: v.string(),
  createdAt: ServerTime,
});

/** The response to create and renew, the only ones with the secret. */
const IssuedTokenBody = v.object({ ...TokenBody.entries, secret: SecretText });

const MeBody = v.object({ token: v.string(), role: v.string() });

/** @see https://acme.example/docs/tokens */
export function connect(connection: Connection, provider: Provider): TokenProvider {
  const { url, transport } = connection;
  const http = createHttpClient({ baseUrl: url, transport, ...bearer(connection) });

  const toDomain = ({ id, name, role, createdAt }: v.InferOutput<typeof TokenBody>): Token =>
    toToken({ id, name, roles: [role], createdAt }, transport.now());
  const toIssued = (body: v.InferOutput<typeof IssuedTokenBody>): IssuedToken => ({
    ...toDomain(body),
    token: new Secret(body.secret),
  });
  const readMe = () =>
    http.request("GET /v1/me", MeBody, { action: "read the identity of the credential" });

  return {
    list: () =>
      http.request("GET /v1/tokens", listOf(TokenBody, toDomain), { action: "list the tokens" }),
    async create({ name = "", roles: [role] }) {
      const body = await http.request("POST /v1/tokens", IssuedTokenBody, {
        action: `create token "${name}"`,
        json: { name, role },
        effect: { kind: "change", hint: lostResponseHints.create(name) },
      });
      return toIssued(body);
    },
    async renew({ id }) {
      const body = await http.request("POST /v1/tokens/{id}/secret", withId(IssuedTokenBody, id), {
        action: `renew token ${id}`,
        path: { id },
        effect: { kind: "change", hint: lostResponseHints.renew(id) },
      });
      return toIssued(body);
    },
    async delete({ id }) {
      await http.request("DELETE /v1/tokens/{id}", v.any(), {
        action: `delete token ${id}`,
        path: { id },
        effect: { kind: "repeatable", hint: lostResponseHints.delete },
      });
    },
    roles: async ({ roles }) => roles.map((name) => ({ name, assignedBy: null, assignedAt: null })),
    async whoami() {
      const { token, role } = await readMe();
      return toIdentity(provider.id, connection, {
        kind: "app",
        name: token,
        tokenName: token,
        roles: [role],
      });
    },
    async tokenInUse() {
      const { token } = await readMe();
      return { name: token, owner: null };
    },
  };
}
