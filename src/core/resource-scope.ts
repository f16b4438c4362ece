import { byCreation } from "./filter.ts";
import type { Provider } from "./provider.ts";
import {
  type Resource,
  type ResourceAccess,
  type ResourceKind,
  type ResourceProvider,
  resourceKinds,
} from "./resource.ts";
import { formatSelector } from "./token.ts";

/** The resources that a token can access: of these kinds, with this label if there is one. */
export interface ResourceScope extends ResourceAccess {
  readonly labelSelector: string | null;
}

/** The resources that are in a scope now. */
export interface ScopeContents {
  /** The number of all resources, also outside the scope. */
  readonly total: number;
  readonly matching: number;
  readonly resources: readonly Pick<Resource, "kind" | "id" | "name" | "url" | "state">[];
}

/** The number of resources of each kind. */
export type ResourceCounts = ReadonlyMap<ResourceKind, number>;

/** Returns the scope of a token with these roles. An unknown role counts as access to all kinds. */
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

/** Fetches the resources in a scope, and the number of those outside. */
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
 * Counts the resources of each kind that are in at least one of the scopes. Sends one request for
 * each kind: for the count, or for the list if the scopes have several labels.
 */
export async function countResources(
  resources: ResourceProvider,
  scopes: readonly ResourceScope[],
): Promise<ResourceCounts> {
  const kinds = resourceKinds.filter((kind) => scopes.some((scope) => scope.kinds.includes(kind)));
  const counts = new Map<ResourceKind, number>();
  // Sequential requests reuse one connection, which is faster than opening several.
  for (const kind of kinds) {
    const reaching = scopes.filter((scope) => scope.kinds.includes(kind));
    const selectors = new Set(reaching.map(({ labelSelector }) => labelSelector));
    counts.set(kind, await countMatching(resources, kind, selectors));
  }
  return counts;
}

/** Counts the resources of a kind that match one of the selectors; null matches all. */
async function countMatching(
  resources: ResourceProvider,
  kind: ResourceKind,
  selectors: ReadonlySet<string | null>,
): Promise<number> {
  if (selectors.has(null)) return resources.count(kind);
  const [selector, ...others] = selectors;
  if (others.length === 0) return resources.count(kind, selector ?? undefined);
  const matches = ([name, value]: readonly [string, string]) =>
    selectors.has(formatSelector({ name, value }));
  return (await resources.list(kind)).filter(({ labels }) => Object.entries(labels).some(matches))
    .length;
}

/** Returns the number of resources of each kind. */
export const countByKind = ({ resources }: ScopeContents): ResourceCounts =>
  new Map(
    resourceKinds.map((kind) => [kind, resources.filter((each) => each.kind === kind).length]),
  );

/** Returns the number of resources of all kinds. */
export const sumCounts = (counts: ResourceCounts): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);

/** Formats counts as `3 apps, 1 job`; `none now` for zero. */
export const formatCounts = (counts: ResourceCounts): string =>
  [...counts]
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}${count === 1 ? "" : "s"}`)
    .join(", ") || "none now";

/** Formats kinds as `app, job and notebook`. */
export const formatKinds = (kinds: readonly ResourceKind[], conjunction: "and" | "or"): string =>
  [kinds.slice(0, -1).join(", "), ...kinds.slice(-1)].filter(Boolean).join(` ${conjunction} `);
