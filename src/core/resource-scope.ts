import { byCreation } from "./filter.ts";
import type { Provider } from "./provider.ts";
import {
  type Resource,
  type ResourceAccess,
  type ResourceKind,
  type ResourceProvider,
  resourceKinds,
} from "./resource.ts";
import { formatSelector } from "./selector.ts";

/** What a token is good for: resources of these kinds that bear this label, or all without one. */
export interface ResourceScope extends ResourceAccess {
  readonly labelSelector: string | null;
}

/** What lies in a scope now. */
export interface ScopeContents {
  /** All resources there are, in the scope or not. */
  readonly total: number;
  readonly matching: number;
  readonly resources: readonly Pick<Resource, "kind" | "id" | "name" | "url" | "state">[];
}

/** How many of each kind there are. */
export type ResourceCounts = ReadonlyMap<ResourceKind, number>;

/** The scope of a token with these roles; a role of which nothing is known may open everything. */
export function toResourceScope(
  { roles: known }: Provider,
  roles: readonly string[],
  labelSelector: string | null,
): ResourceScope {
  const opened = roles.map(
    (role): ResourceAccess =>
      known.find(({ name }) => name === role)?.access ?? { kinds: resourceKinds },
  );
  const only = opened.every((each) => each.limitedTo) ? opened[0]?.limitedTo : undefined;
  return {
    kinds: resourceKinds.filter((kind) => opened.some(({ kinds }) => kinds.includes(kind))),
    ...(only !== undefined && { limitedTo: only }),
    labelSelector,
  };
}

/** Looks up what lies in a scope. Of what is outside only the number is asked for. */
export async function findScopeContents(
  resources: ResourceProvider,
  scope: ResourceScope,
): Promise<ScopeContents> {
  const { kinds, labelSelector } = scope;
  const outside = resourceKinds.filter((kind) => labelSelector !== null || !kinds.includes(kind));
  const [lists, counts] = await Promise.all([
    Promise.all(kinds.map((kind) => resources.list(kind, labelSelector ?? undefined))),
    countResources(resources, [{ kinds: outside, labelSelector: null }]),
  ]);
  const inside = lists.flatMap((list) => list.toSorted(byCreation));
  return {
    total: sumCounts(counts) + (labelSelector === null ? inside.length : 0),
    matching: inside.length,
    resources: inside.map(({ kind, id, name, url, state }) => ({ kind, id, name, url, state })),
  };
}

/**
 * How many resources lie in some scopes together, of each of their kinds. However many scopes there
 * are, each kind is asked for once: its number, or where several labels are meant, its list.
 */
export async function countResources(
  resources: ResourceProvider,
  scopes: readonly ResourceScope[],
): Promise<ResourceCounts> {
  const kinds = resourceKinds.filter((kind) => scopes.some((scope) => scope.kinds.includes(kind)));
  const counts = new Map<ResourceKind, number>();
  // One after the other over the connection that is there: others would take longer to make.
  for (const kind of kinds) {
    const reaching = scopes.filter((scope) => scope.kinds.includes(kind));
    const selectors = new Set(reaching.map(({ labelSelector }) => labelSelector));
    counts.set(kind, await countFitting(resources, kind, selectors));
  }
  return counts;
}

/** How many of a kind one of these selectors fits; null fits all. */
async function countFitting(
  resources: ResourceProvider,
  kind: ResourceKind,
  selectors: ReadonlySet<string | null>,
): Promise<number> {
  if (selectors.has(null)) return resources.count(kind);
  const [selector, ...others] = selectors;
  if (others.length === 0) return resources.count(kind, selector ?? undefined);
  const fits = ([name, value]: readonly [string, string]) =>
    selectors.has(formatSelector({ name, value }));
  return (await resources.list(kind)).filter(({ labels }) => Object.entries(labels).some(fits))
    .length;
}

/** How many of each kind a reach holds. */
export const countByKind = ({ resources }: ScopeContents): ResourceCounts =>
  new Map(
    resourceKinds.map((kind) => [kind, resources.filter((each) => each.kind === kind).length]),
  );

/** All kinds together. */
export const sumCounts = (counts: ResourceCounts): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);

/** `3 apps, 1 job`; `none now` if there are none at all. */
export const formatCounts = (counts: ResourceCounts): string =>
  [...counts]
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}${count === 1 ? "" : "s"}`)
    .join(", ") || "none now";

/** `app, job and notebook`. */
export const formatKinds = (kinds: readonly ResourceKind[], conjunction: "and" | "or"): string =>
  [kinds.slice(0, -1).join(", "), ...kinds.slice(-1)].filter(Boolean).join(` ${conjunction} `);
