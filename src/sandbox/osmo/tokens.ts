import { type Context, Hono } from "hono";
import type { SandboxRuntime } from "../api.ts";
import { digest } from "../store.ts";
import type { OsmoEnv } from "./access.ts";
import { userError, validationError } from "./errors.ts";
import { addDays, formatDate, formatNaive, parseDate, startOfDay } from "./input.ts";
import {
  addUser,
  createOsmoSecret,
  existingUser,
  type OsmoService,
  roleBodies,
  roleNames,
} from "./store.ts";

const NAME = /^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/;

/** A create as it was asked for. */
export interface CreateTokenRequest {
  readonly owner: string;
  readonly name: string;
  readonly expiresAt: string | undefined;
  readonly description: string;
  /** Undefined asks for all roles the owner has at this moment. */
  readonly roles: readonly string[] | undefined;
  readonly by: string;
}

/**
 * Creates a token and returns its secret. The checks stand in the service's order, because
 * which of several faults a caller hears of depends on it.
 */
export function createOsmoToken(service: OsmoService, request: CreateTokenRequest): string {
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
  if (!NAME.test(name)) throw userError(`Token name ${name} must match regex ${NAME.source}`);
  if (expiresAt <= today) {
    throw userError(`Expiration date must be past the current date (${formatDate(today)})`);
  }

  const user = service.users.get(owner);
  const roles = request.roles ?? [...(user?.roles.keys() ?? [])];
  if (roles.length === 0) {
    throw userError("At least one role must be specified for the access token.");
  }
  // The service counts the rows that match, so a role given twice is one too few.
  const granted = new Set(roles.filter((role) => user?.roles.has(role)));
  if (!user || granted.size < roles.length) {
    throw userError("User does not have all the requested roles. Token creation failed.");
  }
  if (user.tokens.has(name)) throw userError(`Token name ${name} already exists.`);

  const secret = createOsmoSecret(service);
  const at = service.now();
  user.tokens.set(name, {
    name,
    digest: digest(secret),
    expiresAt,
    description: request.description,
    roles: new Map([...granted].map((role) => [role, { by, at }])),
  });
  return secret;
}

const OWN = "/api/auth/access_token";
const OF_A_USER = "/api/auth/user/:user/access_token";

/** The token endpoints: create, list and delete for oneself and for a user, roles for oneself. */
export function osmoTokenRoutes(service: OsmoService): Hono<OsmoEnv> {
  const routes = new Hono<OsmoEnv>();
  const ownerOf = (c: Context<OsmoEnv>) => c.req.param("user") ?? c.get("caller").user;

  for (const base of [OWN, OF_A_USER]) {
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

/** The longest life of a token, in days, unless a service is set up otherwise. */
const defaultMaxDays = 365;

/** The service's own developer user, as whom the bootstrap credential authenticates. */
export const DEVELOPER_USER = "testuser";

/** A fresh service with the users and the one token it starts with, and its bootstrap credential. */
export function createOsmoService(
  runtime: SandboxRuntime,
  maxDays = defaultMaxDays,
): {
  readonly service: OsmoService;
  readonly bootstrap: string;
} {
  const bootstrap = createOsmoSecret(runtime);
  const service: OsmoService = {
    ...runtime,
    users: new Map(),
    maxDays,
    bootstrapDigest: digest(bootstrap),
  };
  addUser(service, DEVELOPER_USER, ["osmo-user", "osmo-admin"], DEVELOPER_USER);
  addUser(service, "service-account@example.com", ["osmo-user"], DEVELOPER_USER);
  addUser(service, "other-user@example.com", ["osmo-user"], DEVELOPER_USER);
  // It may live longer than the service allows by now, as tokens do once the maximum was lowered.
  createOsmoToken(
    { ...service, maxDays: defaultMaxDays },
    {
      owner: "other-user@example.com",
      name: "old-token",
      expiresAt: formatDate(addDays(service.now(), 31)),
      description: "",
      roles: undefined,
      by: DEVELOPER_USER,
    },
  );
  return { service, bootstrap };
}
