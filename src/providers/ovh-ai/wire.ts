import * as v from "valibot";
import { parseTimestamp } from "../../core/time.ts";

const Time = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const time = parseTimestamp(dataset.value);
    if (time === undefined) addIssue({ message: "not a time" });
    return time ?? NEVER;
  }),
);

const spec = v.object({
  name: v.string(),
  role: v.string(),
  labelSelector: v.nullish(v.string()),
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
    // Opaque, but nothing else can be sent as a credential or printed as it is.
    value: v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/)),
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
