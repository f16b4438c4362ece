import { type Context, Hono } from "hono";
import type { OsmoEnv } from "./gateway.ts";
import { addToken, existingUser, type OsmoService, roleBodies, roleNames } from "./service.ts";
import {
  addDays,
  formatDate,
  formatNaive,
  parseDate,
  startOfDay,
  userError,
  validationError,
} from "./wire.ts";

const ownTokensPath = "/api/auth/access_token";
const userTokensPath = "/api/auth/user/:user/access_token";

/**
 * Returns the token endpoints: create, list and delete tokens of the caller or of another user, and
 * list the roles of a token of the caller.
 * @see https://nvidia.github.io/OSMO/release/6.4/deployment_guide/appendix/authentication/service_accounts.html
 */
export function osmoTokenRoutes(service: OsmoService): Hono<OsmoEnv> {
  const routes = new Hono<OsmoEnv>();
  const ownerOf = (c: Context<OsmoEnv>) => c.req.param("user") ?? c.get("caller").user;

  for (const base of [ownTokensPath, userTokensPath]) {
    routes.post(`${base}/:name`, (c) =>
      c.json(
        createOsmoToken(service, {
          owner: ownerOf(c),
          name: c.req.param("name"),
          expiresAt: c.req.query("expires_at"),
          description: c.req.query("description") ?? "",
          roles: c.req.queries("roles"),
          by: c.get("caller").user,
        }),
      ),
    );

    routes.get(base, (c) => {
      const { id, tokens } = existingUser(service, ownerOf(c));
      const sorted = [...tokens.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      return c.json(
        sorted.map((token) => ({
          user_name: id,
          token_name: token.name,
          expires_at: formatNaive(token.expiresAt),
          description: token.description,
          roles: roleNames(token.roles),
        })),
      );
    });

    routes.delete(`${base}/:name`, (c) => {
      const name = c.req.param("name");
      if (!existingUser(service, ownerOf(c)).tokens.delete(name))
        throw userError(`Access token ${name} does not exist.`);
      return c.json(null);
    });
  }

  routes.get(`${ownTokensPath}/:name/roles`, (c) => {
    const owner = c.get("caller").user;
    const name = c.req.param("name");
    const token = service.users.get(owner)?.tokens.get(name);
    if (!token) throw userError(`Token ${name} not found or does not belong to current user`);
    return c.json({ user_name: owner, token_name: name, roles: roleBodies(token.roles) });
  });

  return routes;
}

const namePattern = /^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/;

/** A request to create a token. */
interface CreateTokenRequest {
  readonly owner: string;
  readonly name: string;
  readonly expiresAt: string | undefined;
  readonly description: string;
  /** If undefined, the token gets all current roles of the owner. */
  readonly roles: readonly string[] | undefined;
  readonly by: string;
}

/**
 * Creates a token and returns its secret. The checks are in the order of the real service, which
 * determines the error if several checks fail.
 * @throws OsmoErrorResponse of the first check that fails.
 */
function createOsmoToken(service: OsmoService, request: CreateTokenRequest): string {
  const { owner, name, by } = request;
  if (request.expiresAt === undefined) {
    const loc = ["query", "expires_at"];
    throw validationError([{ type: "missing", loc, msg: "Field required", input: null }]);
  }
  if (owner.trim() === "") throw userError("User ID must not be empty");

  const expiresAt = parseDate(request.expiresAt);
  const today = startOfDay(service.now());
  if (expiresAt > addDays(today, service.maxDays)) {
    throw userError(
      `Access token expiration date cannot be more than ${service.maxDays}d from now`,
    );
  }
  if (!namePattern.test(name))
    throw userError(`Token name ${name} must match regex ${namePattern.source}`);
  if (expiresAt <= today)
    throw userError(`Expiration date must be past the current date (${formatDate(today)})`);

  const user = service.users.get(owner);
  const roles = request.roles ?? [...(user?.roles.keys() ?? [])];
  if (roles.length === 0)
    throw userError("At least one role must be specified for the access token.");
  // The service compares the number of requested roles with the number of matching rows, so a
  // repeated role fails.
  const granted = new Set(roles.filter((role) => user?.roles.has(role)));
  if (!user || granted.size < roles.length)
    throw userError("User does not have all the requested roles. Token creation failed.");
  if (user.tokens.has(name)) throw userError(`Token name ${name} already exists.`);

  const { description } = request;
  return addToken(service, user, { name, expiresAt, description, roles: granted, by });
}
