import * as v from "valibot";
import type { Resource, ResourceKind } from "../../core/resource.ts";
import { formatSelector } from "../../core/selector.ts";
import { type Token, type TokenSpec, toToken } from "../../core/token.ts";
import { SecretText, ServerTime, StringMap } from "../../http/schema.ts";

const spec = v.object({
  name: v.string(),
  role: v.string(),
  labelSelector: v.nullish(v.string()),
  /** At the public API, which has tokens of all regions; the regional one is its region. */
  region: v.nullish(v.string()),
});

const id = v.pipe(v.string(), v.minLength(1));
const common = { id, createdAt: ServerTime, updatedAt: ServerTime, spec };

/** A token as the API shows it: an unscoped one has no selector or an empty one. */
export const TokenBody = v.object({
  ...common,
  status: v.object({ version: v.pipe(v.number(), v.safeInteger()) }),
});
export type TokenBody = v.InferOutput<typeof TokenBody>;

/** The reply to create and renew, the only ones that hold the value. */
export const IssuedBody = v.object({
  ...common,
  status: v.object({
    version: v.pipe(v.number(), v.safeInteger()),
    value: SecretText,
  }),
});
export type IssuedBody = v.InferOutput<typeof IssuedBody>;

/** What a create asks for. */
export const toSpec = ({ name = "", roles, selector }: TokenSpec) => ({
  name,
  role: roles[0],
  ...(selector && { labelSelector: formatSelector(selector) }),
});

/**
 * The reply to a create. With another role or scope than was asked for, the secret would open other
 * things than whoever gets it expects.
 */
export const createdBody = ({ role, labelSelector = "" }: ReturnType<typeof toSpec>) =>
  v.pipe(
    IssuedBody,
    v.forward(
      v.check(({ spec }) => spec.role === role, "another role"),
      ["spec", "role"],
    ),
    v.forward(
      v.check(({ spec }) => (spec.labelSelector ?? "") === labelSelector, "another scope"),
      ["spec", "labelSelector"],
    ),
  );

const count = v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)));

/** One page of a list. How pages are numbered is not documented, so nothing about it is required. */
export const pageOf = <T extends v.GenericSchema<unknown, { readonly id: string }>>(item: T) =>
  v.object({
    items: v.array(item),
    metadata: v.optional(v.object({ currentPage: count, pageCount: count, total: count }), {}),
  });

/** An app, a job or a notebook. What of it the platform leaves out is null to us. */
export const ResourceBody = v.object({
  id,
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

export const MeBody = v.object({
  name: v.nullish(v.string()),
  tenant: v.nullish(v.string()),
  role: v.string(),
  tokenKind: v.string(),
});

/** A resource in our words. */
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

const roleLists = new Map<string, readonly string[]>();
const maxRoleLists = 100;

/** A list of one role. Many tokens share few of them, which so take up room once. */
function listOf(role: string): readonly string[] {
  const list = roleLists.get(role) ?? [role];
  // A server may send any number of others.
  if (roleLists.size < maxRoleLists) roleLists.set(role, list);
  return list;
}

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
      roles: listOf(spec.role),
      labelSelector: spec.labelSelector || null,
      region: spec.region ?? region,
      createdAt,
      updatedAt,
      version: status.version,
    },
    now,
  );
