import * as v from "valibot";
import { CliError, UsageError } from "../../errors.ts";
import type { HttpClient } from "../../http/client.ts";
import { SecretText, ServerTime } from "../../http/schema.ts";
import { RolesError } from "./errors.ts";

/** A token as the service shows it; its name is its id. Times are naive and mean UTC. */
export const TokenBody = v.object({
  user_name: v.string(),
  token_name: v.pipe(v.string(), v.minLength(1)),
  expires_at: v.nullish(ServerTime),
  description: v.nullish(v.string()),
  roles: v.optional(v.array(v.string()), []),
});
export type TokenBody = v.InferOutput<typeof TokenBody>;

/** The reply to create: the bare secret. */
export const CreatedBody = SecretText;

/** A deletion answers null. */
export const DeletedBody = v.nullish(v.null());

export const RolesBody = v.object({
  roles: v.array(
    v.object({
      role_name: v.string(),
      assigned_by: v.nullish(v.string()),
      assigned_at: v.nullish(ServerTime),
    }),
  ),
});

/** The roles of a user. */
export const UserRolesBody = v.object({ roles: v.array(v.object({ role_name: v.string() })) });

export const ProfileBody = v.object({
  profile: v.object({ username: v.string(), pool: v.nullish(v.string()) }),
  roles: v.array(v.string()),
  pools: v.optional(v.nullable(v.array(v.string()), []), []),
  token: v.nullish(v.object({ name: v.string(), expires_at: v.nullish(ServerTime) })),
});

/** The exchange of an access token; `expires_at` in seconds since 1970. */
export const JwtBody = v.object({ token: SecretText, expires_at: v.nullish(v.number()) });

/** What the service accepts as a token's name. */
export const nameRule = {
  pattern: /^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/,
  words: "A name has letters, digits, _ and -, begins with a letter, and ends with one or a digit.",
};

/** What the secret of a token looks like; 64 characters are those of older services. */
export const secretRule = {
  pattern: /^([\w-]{43}|[\w-]{64})$/,
  words:
    "A token of NVIDIA OSMO has 43 letters, digits, - and _ (64 from an old service). Copy it whole, without other text.",
};

const userPattern = /^[a-zA-Z0-9]([a-zA-Z0-9_.@-]*[a-zA-Z0-9])?$/;

/**
 * Checked before anything is sent, because an address that holds a user's name must not lead
 * anywhere else than to that user's tokens.
 * @throws UsageError for what no user can be called.
 */
export function checkUser(user: string): string {
  if (!userPattern.test(user))
    throw new UsageError(`"${user}" can't be a user of NVIDIA OSMO.`, {
      hint: "A user's name has letters, digits and _ . @ -, and begins and ends with a letter or digit.",
    });
  return user;
}

/** What people call the service. */
export const title = "user";

/**
 * Waits for a create. If the service refuses its roles, the error names those that the user has, as
 * far as the caller can see them.
 */
export async function namingRoles<T>(
  http: HttpClient,
  owner: string | undefined,
  create: Promise<T>,
): Promise<T> {
  try {
    return await create;
  } catch (error) {
    if (!(error instanceof RolesError)) throw error;
    const { code, message, requestId } = error;
    throw new CliError(code, message, { hint: await describeRoles(http, owner), requestId });
  }
}

async function describeRoles(http: HttpClient, owner: string | undefined): Promise<string> {
  try {
    const user =
      owner ?? (await http.request("GET /api/profile/settings", ProfileBody)).profile.username;
    const { roles } = await http.request("GET /api/auth/user/{user}/roles", UserRolesBody, {
      path: { user: checkUser(user) },
    });
    const names = roles.map(({ role_name }) => role_name).join(", ");
    return names === ""
      ? `${user} has no roles. An administrator assigns them.`
      : `${user} has the roles ${names}. Give some of these with -r.`;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return `Which roles ${owner ?? "you"} can give to a token could not be read: ${error.message}`;
  }
}
