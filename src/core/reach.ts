import type { Provider } from "./provider.ts";
import {
  type Reachable,
  type Resource,
  type ResourceKind,
  type ResourceProvider,
  resourceKinds,
} from "./resource.ts";

/** What a token is good for: resources of these kinds that bear this label, or all without one. */
export interface Scope extends Reachable {
  readonly labelSelector: string | null;
}

/** What lies in a scope. */
export interface Reach {
  /** All resources there are, in the scope or not. */
  readonly total: number;
  readonly matching: number;
  readonly resources: readonly Pick<Resource, "kind" | "id" | "name" | "url" | "state">[];
}

/** How many of each kind there are. */
export type Counts = readonly (readonly [ResourceKind, number])[];

/** The scope of a token with these roles; a role of which nothing is known may open everything. */
export function toScope(
  { roles: known }: Provider,
  roles: readonly string[],
  labelSelector: string | null,
): Scope {
  const opened = roles.map(
    (role): Reachable => known.find(({ name }) => name === role)?.opens ?? { kinds: resourceKinds },
  );
  const [only] = opened.every((each) => each.only) ? opened.map((each) => each.only) : [];
  return {
    kinds: resourceKinds.filter((kind) => opened.some(({ kinds }) => kinds.includes(kind))),
    ...(only !== undefined && { only }),
    labelSelector,
  };
}

/** Looks up what lies in a scope now. Of what is outside only the number is asked for. */
export async function findReach(resources: ResourceProvider, scope: Scope): Promise<Reach> {
  const { kinds, labelSelector } = scope;
  const found = Promise.all(kinds.map((kind) => resources.list(kind, labelSelector ?? undefined)));
  const uncounted =
    labelSelector === null ? resourceKinds.filter((kind) => !kinds.includes(kind)) : resourceKinds;
  const [lists, counts] = await Promise.all([found, count(resources, uncounted)]);
  const inside = lists.flat();
  return {
    total: sum(counts) + (labelSelector === null ? inside.length : 0),
    matching: inside.length,
    resources: inside.map(({ kind, id, name, url, state }) => ({ kind, id, name, url, state })),
  };
}

/** How many resources lie in a scope now. */
export const countReach = (
  resources: ResourceProvider,
  { kinds, labelSelector }: Scope,
): Promise<Counts> => count(resources, kinds, labelSelector ?? undefined);

const count = (
  resources: ResourceProvider,
  kinds: readonly ResourceKind[],
  labelSelector?: string,
): Promise<Counts> =>
  Promise.all(
    kinds.map(async (kind) => [kind, await resources.count(kind, labelSelector)] as const),
  );

/** The counts of what is at hand. */
export const tally = (resources: Reach["resources"]): Counts =>
  resourceKinds.map((kind) => [kind, resources.filter((each) => each.kind === kind).length]);

export const sum = (counts: Counts): number =>
  counts.reduce((total, [, count]) => total + count, 0);

/** `3 apps, 1 job`; `none` for none at all. */
export const formatCounts = (counts: Counts): string =>
  counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}${count === 1 ? "" : "s"}`)
    .join(", ") || "none";

/** `app, job and notebook`. */
export const formatKinds = (kinds: readonly ResourceKind[], conjunction: "and" | "or"): string =>
  [kinds.slice(0, -1).join(", "), ...kinds.slice(-1)].filter(Boolean).join(` ${conjunction} `);
