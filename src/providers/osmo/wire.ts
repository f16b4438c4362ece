import * as v from "valibot";
import { SecretText, Time } from "../../http/schemas.ts";

/** A token as the service shows it; its name is its id. Times are naive and mean UTC. */
export const TokenBody = v.object({
  user_name: v.string(),
  token_name: v.pipe(v.string(), v.minLength(1)),
  expires_at: v.nullish(Time),
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
      assigned_at: v.nullish(Time),
    }),
  ),
});

/** The roles of a user. */
export const UserRolesBody = v.object({ roles: v.array(v.object({ role_name: v.string() })) });

export const ProfileBody = v.object({
  profile: v.object({ username: v.string(), pool: v.nullish(v.string()) }),
  roles: v.array(v.string()),
  pools: v.optional(v.nullable(v.array(v.string()), []), []),
  token: v.nullish(v.object({ name: v.string(), expires_at: v.nullish(Time) })),
});

/** The exchange of an access token; `expires_at` in seconds since 1970. */
export const JwtBody = v.object({ token: SecretText, expires_at: v.nullish(v.number()) });
