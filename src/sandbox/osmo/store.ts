import type { SandboxRuntime } from "../api.ts";
import { createSecret } from "../store.ts";
import { userError } from "./errors.ts";

/** Who sends a request, as the gateway tells the service. */
export interface OsmoCaller {
  readonly user: string;
  readonly roles: readonly string[];
  /** The roles that the service is told of, if not all: none where no gateway tells it. */
  readonly toldRoles?: readonly string[];
  /** The access token behind the caller's JWT, if there is one. */
  readonly tokenName: string | null;
}

/** The roles every OSMO service has. */
export const BUILT_IN_ROLES: readonly string[] = [
  "osmo-admin",
  "osmo-user",
  "osmo-backend",
  "osmo-ctrl",
  "osmo-default",
];

/** That a role was given, by whom and when. */
export interface RoleAssignment {
  readonly by: string;
  readonly at: Date;
}

/** An access token; of its secret only the digest is kept. */
export interface OsmoToken {
  readonly name: string;
  readonly digest: string;
  readonly expiresAt: Date;
  readonly description: string;
  readonly roles: Map<string, RoleAssignment>;
}

/** A user, who owns tokens: with the user they are gone too. */
export interface OsmoUser {
  readonly id: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly roles: Map<string, RoleAssignment>;
  readonly tokens: Map<string, OsmoToken>;
}

/** Everything one emulated service knows. */
export interface OsmoService extends SandboxRuntime {
  readonly users: Map<string, OsmoUser>;
  /** The longest life of a token, in days. */
  readonly maxDays: number;
  /** Of the bootstrap credential, which is no token: no list shows it and it never expires. */
  readonly bootstrapDigest: string;
}

/** A new secret: 43 base64url characters without a prefix. */
export const createOsmoSecret = ({ randomBytes }: Pick<SandboxRuntime, "randomBytes">): string =>
  createSecret(randomBytes, 32, "base64url");

/** The user of that id, or the service's 400. */
export function existingUser({ users }: OsmoService, id: string): OsmoUser {
  const user = users.get(id);
  if (!user) throw userError(`User ${id} not found`);
  return user;
}

/** Adds a user with roles that are known to exist. */
export function addUser(
  service: OsmoService,
  id: string,
  roles: readonly string[],
  by: string,
): OsmoUser {
  const at = service.now();
  const user: OsmoUser = {
    id,
    createdAt: at,
    createdBy: by,
    roles: new Map(roles.map((role) => [role, { by, at }])),
    tokens: new Map(),
  };
  service.users.set(id, user);
  return user;
}

/** The names of roles, sorted. */
export const roleNames = (roles: ReadonlyMap<string, RoleAssignment>): string[] =>
  [...roles.keys()].sort();

/** Role assignments as every reply that shows them writes them, sorted by name. */
export const roleBodies = (roles: ReadonlyMap<string, RoleAssignment>) =>
  [...roles]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([role_name, { by, at }]) => ({
      role_name,
      assigned_by: by,
      assigned_at: at.toISOString(),
    }));
