import { Hono } from "hono";
import * as v from "valibot";
import type { OsmoEnv } from "./gateway.ts";
import {
  addUser,
  builtInRoles,
  existingUser,
  type OsmoService,
  type OsmoUser,
  roleBodies,
} from "./service.ts";
import { formatNaive, readBody, readInteger, userError } from "./wire.ts";

/** The only pool, available to all users. */
const poolName = "default";

/** Returns the endpoint of the caller's profile. */
export function osmoProfileRoutes(service: OsmoService): Hono<OsmoEnv> {
  const routes = new Hono<OsmoEnv>();

  routes.get("/api/profile/settings", (c) => {
    const { user, roles, headerRoles = roles, tokenName } = c.get("caller");
    const token = service.users.get(user)?.tokens.get(tokenName ?? "");
    return c.json({
      profile: {
        username: user,
        email_notification: false,
        slack_notification: false,
        pool: poolName,
      },
      roles: headerRoles,
      pools: [poolName],
      token: token ? { name: token.name, expires_at: formatNaive(token.expiresAt) } : null,
    });
  });

  return routes;
}

const userIdPattern = /^[a-zA-Z0-9]([a-zA-Z0-9_.@-]*[a-zA-Z0-9])?$/;
const maxUsersPerPage = 1000;

const NewUser = v.object({
  id: v.pipe(
    v.string(),
    v.regex(userIdPattern, `String should match pattern '${userIdPattern.source}'`),
  ),
  roles: v.nullish(v.array(v.string()), []),
});
const NewRole = v.object({ role_name: v.string() });

const userBody = ({ id, createdAt, createdBy }: OsmoUser) => ({
  id,
  created_at: createdAt.toISOString(),
  created_by: createdBy,
});

/** Returns the endpoints of users and their roles. */
export function osmoUserRoutes(service: OsmoService): Hono<OsmoEnv> {
  const routes = new Hono<OsmoEnv>();

  routes.get("/api/auth/user", (c) => {
    const start = Math.max(readInteger(c, "start_index", 1), 1);
    const count = Math.min(Math.max(readInteger(c, "count", 100), 1), maxUsersPerPage);
    const newestFirst = [...service.users.values()].reverse();
    const users = newestFirst.slice(start - 1, start - 1 + count).map(userBody);
    return c.json({
      total_results: newestFirst.length,
      start_index: start,
      items_per_page: users.length,
      users,
    });
  });

  routes.post("/api/auth/user", async (c) => {
    const { id, roles } = await readBody(c, NewUser);
    if (service.users.has(id)) throw userError(`User ${id} already exists`);
    for (const role of roles) requireRole(role);
    return c.json(userBody(addUser(service, id, roles, c.get("caller").user)));
  });

  routes.get("/api/auth/user/:id", (c) => {
    const user = existingUser(service, c.req.param("id"));
    return c.json({ ...userBody(user), roles: roleBodies(user.roles) });
  });

  routes.delete("/api/auth/user/:id", (c) => {
    const { id } = existingUser(service, c.req.param("id"));
    service.users.delete(id);
    return c.json(null);
  });

  routes.get("/api/auth/user/:id/roles", (c) => {
    const { id, roles } = existingUser(service, c.req.param("id"));
    return c.json({ user_id: id, roles: roleBodies(roles) });
  });

  routes.post("/api/auth/user/:id/roles", async (c) => {
    const { role_name } = await readBody(c, NewRole);
    requireRole(role_name);
    const { id, roles } = existingUser(service, c.req.param("id"));
    const assignment = roles.get(role_name) ?? { by: c.get("caller").user, at: service.now() };
    roles.set(role_name, assignment);
    return c.json({
      user_id: id,
      role_name,
      assigned_by: assignment.by,
      assigned_at: assignment.at.toISOString(),
    });
  });

  routes.delete("/api/auth/user/:id/roles/:role", (c) => {
    const { roles, tokens } = existingUser(service, c.req.param("id"));
    const role = c.req.param("role");
    // Removing a role from a user removes it from the user's tokens as well; assigning it again
    // does not restore it.
    for (const holder of [roles, ...[...tokens.values()].map((token) => token.roles)]) {
      holder.delete(role);
    }
    return c.json(null);
  });

  return routes;
}

function requireRole(role: string): void {
  if (!builtInRoles.includes(role)) throw userError(`Role ${role} does not exist`);
}
