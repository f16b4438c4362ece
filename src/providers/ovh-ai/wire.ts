import * as v from "valibot";
import { type Token, toToken } from "../../core/token.ts";
import { SecretText, Time } from "../../http/schemas.ts";

const spec = v.object({
  name: v.string(),
  role: v.string(),
  labelSelector: v.nullish(v.string()),
  /** At the public API, which has tokens of all regions; the regional one is its region. */
  region: v.nullish(v.string()),
});

const common = { id: v.pipe(v.string(), v.minLength(1)), createdAt: Time, updatedAt: Time, spec };

/** A token as the API shows it: an unscoped one has no selector or an empty one. */
export const TokenBody = v.object({
  ...common,
  status: v.object({ version: v.pipe(v.number(), v.integer()) }),
});
export type TokenBody = v.InferOutput<typeof TokenBody>;

/** The reply to create and renew, the only ones that hold the value. */
export const IssuedBody = v.object({
  ...common,
  status: v.object({
    version: v.pipe(v.number(), v.integer()),
    value: SecretText,
  }),
});
export type IssuedBody = v.InferOutput<typeof IssuedBody>;

const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)));

/** One page of the list. How pages are numbered is not documented, so nothing about it is required. */
export const PageBody = v.object({
  items: v.array(TokenBody),
  metadata: v.optional(v.object({ currentPage: count, pageCount: count, total: count }), {}),
});

export const MeBody = v.object({
  name: v.nullish(v.string()),
  tenant: v.nullish(v.string()),
  role: v.string(),
  tokenKind: v.string(),
});

/** A token in our words. `region` is that of the host, for a token that does not say. */
export const fromWire = (
  { id, createdAt, updatedAt, spec, status }: TokenBody,
  now: Date,
  region: string | null = null,
): Token =>
  toToken(
    {
      id,
      name: spec.name,
      roles: [spec.role],
      labelSelector: spec.labelSelector || null,
      region: spec.region ?? region,
      createdAt,
      updatedAt,
      version: status.version,
    },
    now,
  );
