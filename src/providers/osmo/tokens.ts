import type { Transport } from "../../core/connection.ts";
import { Secret } from "../../core/secret.ts";
import { type IssuedToken, type Token, toToken } from "../../core/token.ts";
import { type AssignedRole, lostResponseHints } from "../../core/token-provider.ts";
import { CliError } from "../../errors.ts";
import type { HttpClient } from "../../http/client.ts";
import { listOf } from "../../http/list.ts";
import { CreatedBody, checkUser, DeletedBody, RolesBody, TokenBody } from "./wire.ts";

/** What issuing needs to know of the world. */
export interface Issuing {
  readonly endpoints: TokenEndpoints;
  readonly owner: string | undefined;
  readonly now: () => Date;
  readonly warn: Transport["warn"];
}

/**
 * Creates a token and reads it back, because the service answers with the secret alone. A failure
 * of the reading must not lose the secret: it is only warned about.
 */
export async function issueToken(
  { endpoints, owner, now, warn }: Issuing,
  request: CreateRequest,
): Promise<IssuedToken> {
  const { name, expiresAt, description = null, roles } = request;
  const token = new Secret(await endpoints.create(request));
  const asAsked = toToken(
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
    return { ...(created ?? asAsked), token };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    warn({
      text: `warning: "${name}" exists, but could not be read back: ${error.message}`,
      always: true,
    });
    return { ...asAsked, token };
  }
}

/** One's own tokens and another user's are at different addresses. */
const own = {
  list: "GET /api/auth/access_token",
  create: "POST /api/auth/access_token/{name}",
  delete: "DELETE /api/auth/access_token/{name}",
} as const;
const ofUser = {
  list: "GET /api/auth/user/{user}/access_token",
  create: "POST /api/auth/user/{user}/access_token/{name}",
  delete: "DELETE /api/auth/user/{user}/access_token/{name}",
} as const;

export interface CreateRequest {
  readonly name: string;
  readonly expiresAt: string;
  readonly description: string | undefined;
  /** None leaves the choice to the service, which takes all of the user's. */
  readonly roles: readonly string[];
}

/** The token endpoints of one owner, by their own words; undefined is whoever calls. */
export interface TokenEndpoints {
  list(): Promise<readonly Token[]>;
  /** @returns the secret. */
  create(request: CreateRequest): Promise<string>;
  /** Creates a token whose secret is not kept, to see whether the service does. */
  tryCreate(request: CreateRequest): Promise<void>;
  delete(name: string): Promise<void>;
  roles(name: string): Promise<readonly AssignedRole[]>;
}

/** @throws UsageError for an owner that no user can be. */
export function tokenEndpoints(
  http: HttpClient,
  now: () => Date,
  owner: string | undefined,
): TokenEndpoints {
  const routes = owner === undefined ? own : ofUser;
  const path = { user: owner === undefined ? "" : checkUser(owner) };
  const named = (name: string) => ({ ...path, name });

  const toWire = ({ name, expiresAt, description, roles }: CreateRequest) => ({
    path: named(name),
    query: { expires_at: expiresAt, description, roles },
  });
  const list = () =>
    http.request(
      routes.list,
      listOf(TokenBody, (body) => fromWire(body, now())),
      { path },
    );
  return {
    list,
    create: (request) =>
      http.request(routes.create, CreatedBody, {
        ...toWire(request),
        ifLost: lostResponseHints.create(request.name),
      }),
    async tryCreate(request) {
      await http.request(routes.create, CreatedBody, toWire(request));
    },
    async delete(name) {
      await http.request(routes.delete, DeletedBody, {
        path: named(name),
        ifLost: lostResponseHints.delete,
      });
    },
    async roles(name) {
      // The service shows who assigned a role only to the token's owner.
      if (owner !== undefined) {
        const token = (await list()).find((each) => each.name === name);
        return (token?.roles ?? []).map((role) => ({
          name: role,
          assignedBy: null,
          assignedAt: null,
        }));
      }
      const { roles } = await http.request("GET /api/auth/access_token/{name}/roles", RolesBody, {
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

const fromWire = (body: TokenBody, now: Date): Token =>
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
