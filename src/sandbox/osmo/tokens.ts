import { type Context, Hono } from "hono";
import { formatNaive } from "./dates.ts";
import { userError } from "./errors.ts";
import type { OsmoEnv } from "./gateway.ts";
import { issueToken } from "./issue.ts";
import { existingUser, roleBodies, roleNames, type Service } from "./store.ts";

const OWN = "/api/auth/access_token";
const OF_A_USER = "/api/auth/user/:user/access_token";

/** The token endpoints: create, list and delete for oneself and for a user, roles for oneself. */
export function tokenRoutes(service: Service): Hono<OsmoEnv> {
  const routes = new Hono<OsmoEnv>();
  const ownerOf = (c: Context<OsmoEnv>) => c.req.param("user") ?? c.get("caller").user;

  for (const base of [OWN, OF_A_USER]) {
    routes.post(`${base}/:name`, (c) =>
      c.json(
        issueToken(service, {
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
      if (!existingUser(service, ownerOf(c)).tokens.delete(name)) {
        throw userError(`Access token ${name} does not exist.`);
      }
      return c.json(null);
    });
  }

  routes.get(`${OWN}/:name/roles`, (c) => {
    const owner = c.get("caller").user;
    const name = c.req.param("name");
    const token = service.users.get(owner)?.tokens.get(name);
    if (!token) throw userError(`Token ${name} not found or does not belong to current user`);
    return c.json({ user_name: owner, token_name: name, roles: roleBodies(token.roles) });
  });

  return routes;
}
