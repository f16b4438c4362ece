import { Hono } from "hono";
import { formatNaive } from "./dates.ts";
import type { OsmoEnv } from "./gateway.ts";
import { VERSION } from "./notices.ts";
import type { Service } from "./store.ts";

/** The only pool, which everybody can submit to. */
const POOL = "default";

/** Who the caller is, and what the service says of itself. */
export function profileRoutes(service: Service): Hono<OsmoEnv> {
  const routes = new Hono<OsmoEnv>();

  routes.get("/api/profile/settings", (c) => {
    const { user, roles, toldRoles = roles, tokenName } = c.get("caller");
    const token = service.users.get(user)?.tokens.get(tokenName ?? "");
    return c.json({
      profile: {
        username: user,
        email_notification: false,
        slack_notification: false,
        pool: POOL,
      },
      roles: toldRoles,
      pools: [POOL],
      token: token ? { name: token.name, expires_at: formatNaive(token.expiresAt) } : null,
    });
  });

  routes.get("/api/version", (c) => {
    const [major, minor, revision] = VERSION.split(".");
    return c.json({ major, minor, revision, hash: "" });
  });

  routes.get("/health", (c) => c.json({ status: "OK" }));

  return routes;
}
