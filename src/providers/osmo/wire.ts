import * as v from "valibot";
import { UsageError } from "../../errors.ts";
import { SecretText, ServerTime } from "../../http/schema.ts";

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
