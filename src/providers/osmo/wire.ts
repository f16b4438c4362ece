import * as v from "valibot";
import { CliError, UsageError } from "../../errors.ts";
import type { HttpClient } from "../../http/client.ts";
import { SecretText, ServerTime } from "../../http/schema.ts";
import { RolesError } from "./errors.ts";

/** A token. Its name is its ID. Timestamps are in UTC, without an offset. */
export const OsmoTokenBody = v.object({
  user_name: v.string(),
  token_name: v.pipe(v.string(), v.minLength(1)),
  expires_at: v.nullish(ServerTime),
  description: v.nullish(v.string()),
  roles: v.optional(v.array(v.string()), []),
});
export type OsmoTokenBody = v.InferOutput<typeof OsmoTokenBody>;

/** The response to create: the secret as a JSON string. */
export const CreatedBody = SecretText;

/** The response to delete: null. */
export const DeletedBody = v.nullish(v.null());

/** The roles of a token. */
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

/** The response of `GET /api/profile/settings`. */
export const ProfileBody = v.object({
  profile: v.object({ username: v.string(), pool: v.nullish(v.string()) }),
  roles: v.array(v.string()),
  pools: v.optional(v.nullable(v.array(v.string()), []), []),
  token: v.nullish(v.object({ name: v.string(), expires_at: v.nullish(ServerTime) })),
});

/** The JWT for an access token; `expires_at` in seconds since 1970. */
export const JwtBody = v.object({ token: SecretText, expires_at: v.nullish(v.number()) });

/** The rule for token names. */
export const osmoNameRule = {
  pattern: /^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/,
  words:
    "A name consists of letters, digits, _ and -. It begins with a letter and ends with a letter or digit.",
};

/** The format of a token's secret: 43 characters, or 64 from older services. */
export const osmoSecretRule = {
  pattern: /^([\w-]{43}|[\w-]{64})$/,
  words:
    "A token of NVIDIA OSMO has 43 letters, digits, - and _ (64 from an older service). Copy the complete token, without other text.",
};

const userPattern = /^[a-zA-Z0-9]([a-zA-Z0-9_.@-]*[a-zA-Z0-9])?$/;

/**
 * Checks a user name before it becomes part of a URL.
 * @throws UsageError for an invalid name.
 */
export function checkUser(user: string): string {
  if (!userPattern.test(user))
    throw new UsageError(`"${user}" is not a valid user name of NVIDIA OSMO.`, {
      hint: "A user name consists of letters, digits and _ . @ -. It begins and ends with a letter or digit.",
    });
  return user;
}

/** The title of the user field of a sign-in. */
export const userTitle = "user";

/** Awaits a create. If the service rejects its roles, adds the roles of the user to the error's hint. */
export async function withRoleHint<T>(
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
      ? `${user} has no roles. Ask an administrator to assign some.`
      : `${user} has the roles ${names}. Choose from these with -r.`;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return `The roles of ${owner ?? "your user"} could not be read: ${error.message}`;
  }
}
