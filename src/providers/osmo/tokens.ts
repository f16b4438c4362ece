import type { Transport } from "../../core/connection.ts";
import { lostResponseHints } from "../../core/lost-response-hints.ts";
import { Secret } from "../../core/secret.ts";
import { type IssuedToken, type Token, toToken } from "../../core/token.ts";
import type { AssignedRole } from "../../core/token-provider.ts";
import { CliError } from "../../errors.ts";
import type { HttpClient } from "../../http/client.ts";
import { listOf } from "../../http/list.ts";
import { CreatedBody, checkUser, DeletedBody, OsmoTokenBody, RolesBody } from "./wire.ts";

/**
 * Routes for the caller's own tokens.
 * @see https://nvidia.github.io/OSMO/
 */
const ownRoutes = {
  list: "GET /api/auth/access_token",
  create: "POST /api/auth/access_token/{name}",
  delete: "DELETE /api/auth/access_token/{name}",
} as const;
/** Routes for the tokens of another user. */
const userRoutes = {
  list: "GET /api/auth/user/{user}/access_token",
  create: "POST /api/auth/user/{user}/access_token/{name}",
  delete: "DELETE /api/auth/user/{user}/access_token/{name}",
} as const;

/** The parameters of a create. */
export interface CreateRequest {
  readonly name: string;
  /** `YYYY-MM-DD` */
  readonly expiresAt: string;
  readonly description: string | undefined;
  /** The roles. For an empty list, the service assigns all roles of the user. */
  readonly roles: readonly string[];
}

/** The token routes of one owner. */
export interface TokenEndpoints {
  list(): Promise<readonly Token[]>;
  /** @returns the secret. */
  create(request: CreateRequest): Promise<string>;
  /** Creates a token and discards its secret, to check whether the service accepts it. */
  tryCreate(request: CreateRequest): Promise<void>;
  delete(name: string): Promise<void>;
  roles(name: string): Promise<readonly AssignedRole[]>;
}

/**
 * Returns the token routes of an owner; undefined is the caller.
 * @throws UsageError for an invalid user name.
 */
export function tokenEndpoints(
  http: HttpClient,
  now: () => Date,
  owner: string | undefined,
): TokenEndpoints {
  const routes = owner === undefined ? ownRoutes : userRoutes;
  const ofOwner = owner === undefined ? "" : ` of user ${owner}`;
  const path = { user: owner === undefined ? "" : checkUser(owner) };
  const named = (name: string) => ({ ...path, name });

  const toWire = ({ name, expiresAt, description, roles }: CreateRequest) => ({
    path: named(name),
    query: { expires_at: expiresAt, description, roles },
  });
  const list = () =>
    http.request(
      routes.list,
      listOf(OsmoTokenBody, (body) => fromWire(body, now())),
      { action: `list the tokens${ofOwner}`, path },
    );
  return {
    list,
    create: (request) =>
      http.request(routes.create, CreatedBody, {
        ...toWire(request),
        action: `create token "${request.name}"${ofOwner}`,
        effect: { kind: "change", hint: lostResponseHints.create(request.name) },
      }),
    async tryCreate(request) {
      await http.request(routes.create, CreatedBody, {
        ...toWire(request),
        action: `create the temporary token "${request.name}"${ofOwner}`,
        // A retry uses another name, and the caller deletes the token.
        effect: { kind: "repeatable" },
      });
    },
    async delete(name) {
      await http.request(routes.delete, DeletedBody, {
        action: `delete token "${name}"${ofOwner}`,
        path: named(name),
        effect: { kind: "repeatable", hint: lostResponseHints.delete },
      });
    },
    async roles(name) {
      // The service returns who assigned a role only to the owner of the token.
      if (owner !== undefined) {
        const token = (await list()).find((each) => each.name === name);
        return (token?.roles ?? []).map((role) => ({
          name: role,
          assignedBy: null,
          assignedAt: null,
        }));
      }
      const { roles } = await http.request("GET /api/auth/access_token/{name}/roles", RolesBody, {
        action: `read the roles of token "${name}"`,
        path: named(name),
      });
      return roles.map(({ role_name, assigned_by, assigned_at }) => ({
        name: role_name,
        assignedBy: assigned_by ?? null,
        assignedAt: assigned_at ?? null,
      }));
    },
  };
}

const fromWire = (body: OsmoTokenBody, now: Date): Token =>
  toToken(
    {
      id: body.token_name,
      name: body.token_name,
      roles: body.roles,
      description: body.description || null,
      owner: body.user_name,
      expiresAt: body.expires_at ?? null,
    },
    now,
  );

/** The dependencies of `createAndReadBack()`. */
export interface CreateContext {
  readonly endpoints: TokenEndpoints;
  readonly owner: string | undefined;
  readonly now: () => Date;
  readonly warn: Transport["warn"];
}

/**
 * Creates a token and reads it back, because the response to create is only the secret. If reading
 * fails, warns and returns the requested values, so that the secret is not lost.
 */
export async function createAndReadBack(
  { endpoints, owner, now, warn }: CreateContext,
  request: CreateRequest,
): Promise<IssuedToken> {
  const { name, expiresAt, description = null, roles } = request;
  const token = new Secret(await endpoints.create(request));
  const requested = toToken(
    {
      id: name,
      name,
      roles,
      description,
      owner: owner ?? null,
      expiresAt: `${expiresAt}T00:00:00Z`,
    },
    now(),
  );
  try {
    const created = (await endpoints.list()).find((each) => each.name === name);
    return { ...(created ?? requested), token };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    warn({
      text: `warning: Token "${name}" was created, but could not be read: ${error.reason}`,
      always: true,
    });
    return { ...requested, token };
  }
}
