import type { SandboxRuntime } from "../api.ts";
import { alternate, createSecret, digest, generateTokens } from "../generate.ts";
import { addDays, startOfDay, userError } from "./wire.ts";

/** The sender of a request, as the gateway identified it. */
export interface OsmoCaller {
  readonly user: string;
  readonly roles: readonly string[];
  /** The roles in the gateway's header if they differ from `roles`: none in developer mode. */
  readonly headerRoles?: readonly string[];
  /** Name of the access token that was exchanged for the caller's JWT. */
  readonly tokenName: string | null;
}

/** Roles that exist in every OSMO service. */
export const builtInRoles: readonly string[] = [
  "osmo-admin",
  "osmo-user",
  "osmo-backend",
  "osmo-ctrl",
  "osmo-default",
];

/** The user and time of a role assignment. */
export interface RoleAssignment {
  readonly by: string;
  readonly at: Date;
}

/** An access token, stored with the digest of its secret; undefined if no client has the secret. */
export interface OsmoToken {
  readonly name: string;
  readonly digest: string | undefined;
  readonly expiresAt: Date;
  readonly description: string;
  readonly roles: Map<string, RoleAssignment>;
}

/** A user and its tokens, which are deleted with the user. */
export interface OsmoUser {
  readonly id: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly roles: Map<string, RoleAssignment>;
  readonly tokens: Map<string, OsmoToken>;
}

/** State of one emulated service. */
export interface OsmoService extends SandboxRuntime {
  readonly users: Map<string, OsmoUser>;
  /** Maximum lifetime of a token, in days. */
  readonly maxDays: number;
  /** Digest of the bootstrap credential, which is not in the list of tokens and never expires. */
  readonly bootstrapDigest: string;
}

/** User of the service in developer mode, which the bootstrap credential authenticates. */
export const developerUser = "testuser";

const defaultMaxDays = 365;

/**
 * Creates a service with three users and one token, and returns it with its bootstrap credential.
 * @param generatedTokens number of additional tokens of the developer.
 */
export function createOsmoService(
  runtime: SandboxRuntime,
  maxDays = defaultMaxDays,
  generatedTokens = 0,
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
  const developer = addUser(service, developerUser, ["osmo-user", "osmo-admin"], developerUser);
  addGeneratedTokens(service, developer, generatedTokens);
  addUser(service, "service-account@example.com", ["osmo-user"], developerUser);
  const other = addUser(service, "other-user@example.com", ["osmo-user"], developerUser);
  addToken(service, other, {
    name: "old-token",
    expiresAt: startOfDay(addDays(service.now(), 31)),
    description: "",
    roles: other.roles.keys(),
    by: developerUser,
  });
  return { service, bootstrap };
}

/** Roles of generated tokens. */
const generatedRoles = [["osmo-user"], ["osmo-admin", "osmo-user"], ["osmo-admin"]] as const;

/** The earliest expiry of generated tokens, in days before the start. */
const expiredDays = 30;

/** A prime number, so that successive tokens have different expiries and all expiries occur. */
const expiryStep = 37;

function addGeneratedTokens(service: OsmoService, { id: by, tokens }: OsmoUser, count: number) {
  const today = startOfDay(service.now());
  const range = service.maxDays + expiredDays + 1;
  for (const { index, name, createdAt } of generateTokens(service, count, "osmo")) {
    const assignment = { by, at: new Date(createdAt) };
    tokens.set(name, {
      name,
      digest: undefined,
      expiresAt: addDays(today, ((index * expiryStep) % range) - expiredDays),
      description: `Generated token ${index + 1}`,
      roles: new Map(alternate(generatedRoles, index).map((role) => [role, assignment])),
    });
  }
}

/** Returns the user with this ID. @throws OsmoErrorResponse 400 if no user has the ID. */
export function existingUser({ users }: OsmoService, id: string): OsmoUser {
  const user = users.get(id);
  if (!user) throw userError(`User ${id} not found`);
  return user;
}

/** Adds a user with roles that exist. */
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

/** Adds a token with roles that the user has, and returns its secret of 43 base64url characters. */
export function addToken(
  service: OsmoService,
  user: OsmoUser,
  {
    roles,
    by,
    ...token
  }: Pick<OsmoToken, "name" | "expiresAt" | "description"> & {
    readonly roles: Iterable<string>;
    readonly by: string;
  },
): string {
  const secret = createOsmoSecret(service);
  const at = service.now();
  user.tokens.set(token.name, {
    ...token,
    digest: digest(secret),
    roles: new Map([...roles].map((role) => [role, { by, at }])),
  });
  return secret;
}

/** Returns the role names, sorted. */
export const roleNames = (roles: ReadonlyMap<string, RoleAssignment>): string[] =>
  [...roles.keys()].sort();

/** Returns role assignments as responses contain them, sorted by role name. */
export const roleBodies = (roles: ReadonlyMap<string, RoleAssignment>) =>
  [...roles]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([role_name, { by, at }]) => ({
      role_name,
      assigned_by: by,
      assigned_at: at.toISOString(),
    }));

const createOsmoSecret = ({ randomBytes }: Pick<SandboxRuntime, "randomBytes">): string =>
  createSecret(randomBytes, 32, "base64url");
