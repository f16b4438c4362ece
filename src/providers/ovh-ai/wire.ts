import * as v from "valibot";
import type { Resource, ResourceKind } from "../../core/resource.ts";
import { ServerTime, StringMap } from "../../http/schema.ts";

const count = v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)));

/** Returns the schema of one page of a list. Its metadata is optional, because it is undocumented. */
export const pageOf = <T extends v.GenericSchema<unknown, { readonly id: string }>>(item: T) =>
  v.object({
    items: v.array(item),
    metadata: v.optional(v.object({ currentPage: count, pageCount: count, total: count }), {}),
  });

/** An app, job or notebook. Fields that the platform omits become null. */
export const ResourceBody = v.object({
  id: v.pipe(v.string(), v.minLength(1)),
  createdAt: v.nullish(ServerTime, null),
  updatedAt: v.nullish(ServerTime, null),
  user: v.nullish(v.string(), null),
  spec: v.object({
    image: v.nullish(v.string(), null),
    name: v.nullish(v.string(), null),
    labels: v.nullish(StringMap, {}),
  }),
  status: v.object({ state: v.string(), url: v.nullish(v.string(), null) }),
});

/** The response of `GET /v1/me`. */
export const MeBody = v.object({
  name: v.nullish(v.string()),
  tenant: v.nullish(v.string()),
  role: v.string(),
  tokenKind: v.string(),
});

/** Converts an app, job or notebook. */
export const toResource = (
  kind: ResourceKind,
  { id, createdAt, updatedAt, user, spec, status }: v.InferOutput<typeof ResourceBody>,
): Resource => ({
  kind,
  id,
  name: spec.name || null,
  image: spec.image || null,
  state: status.state,
  url: status.url || null,
  labels: spec.labels,
  user: user || null,
  createdAt,
  updatedAt,
});
