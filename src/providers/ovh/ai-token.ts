import * as v from "valibot";
import { toSoftExpiry } from "../../core/soft-expiry.ts";
import { formatSelector, type Token, type TokenSpec, toToken } from "../../core/token.ts";
import { SecretText, ServerTime } from "../../http/schema.ts";

const aiTokenFields = {
  id: v.pipe(v.string(), v.minLength(1)),
  createdAt: ServerTime,
  updatedAt: ServerTime,
  spec: v.object({
    name: v.string(),
    role: v.string(),
    /** The label selector. Absent or empty for an unscoped token. */
    labelSelector: v.nullish(v.string()),
    /**
     * The region. Only in the public API, where tokens of one project can have different regions.
     */
    region: v.nullish(v.string()),
  }),
};

const version = v.pipe(v.number(), v.safeInteger());

/** An OVHcloud AI token without its secret, in the regional and in the public API. */
export const AiTokenBody = v.object({ ...aiTokenFields, status: v.object({ version }) });
export type AiTokenBody = v.InferOutput<typeof AiTokenBody>;

/** The response to create and renew. */
export const IssuedAiTokenBody = v.object({
  ...aiTokenFields,
  status: v.object({ version, value: SecretText }),
});
export type IssuedAiTokenBody = v.InferOutput<typeof IssuedAiTokenBody>;

/** Returns the body of a create, and the schema of a response with the requested role and selector. */
export function toAiTokenRequest({ name = "", roles: [role], selector }: TokenSpec) {
  const labelSelector = selector && formatSelector(selector);
  return {
    json: { name, role, ...(labelSelector !== undefined && { labelSelector }) },
    // The secret of a token with another role or selector would give access to other resources.
    schema: v.pipe(
      IssuedAiTokenBody,
      v.forward(
        v.check(({ spec }) => spec.role === role, "another role"),
        ["spec", "role"],
      ),
      v.forward(
        v.check(
          ({ spec }) => (spec.labelSelector ?? "") === (labelSelector ?? ""),
          "another scope",
        ),
        ["spec", "labelSelector"],
      ),
    ),
  };
}

/** Converts a token. @param region the region of the host, for a token without one. */
export const toAiToken = (
  { id, createdAt, updatedAt, spec, status }: AiTokenBody,
  now: Date,
  region: string | null = null,
): Token =>
  toToken(
    {
      id,
      name: spec.name,
      roles: shareRoles(spec.role),
      labelSelector: spec.labelSelector || null,
      region: spec.region ?? region,
      createdAt,
      updatedAt,
      version: status.version,
      ...toSoftExpiry(spec.name),
    },
    now,
  );

const sharedRoles = new Map<string, readonly string[]>();
/** An upper limit, because a server may send any number of different roles. */
const maximumSharedRoles = 100;

/** Returns one list per role, so that 100,000 tokens with the same role share its memory. */
function shareRoles(role: string): readonly string[] {
  const roles = sharedRoles.get(role) ?? [role];
  if (sharedRoles.size < maximumSharedRoles) sharedRoles.set(role, roles);
  return roles;
}
