import type { Provider, TokenProvider } from "../../core/provider.ts";
import {
  countByKind,
  countResources,
  formatCounts,
  formatKinds,
  type ResourceCounts,
  type ResourceScope,
  type ScopeContents,
  sumCounts,
  toResourceScope,
} from "../../core/resource-scope.ts";
import type { Token } from "../../core/token.ts";
import { CliError, InterruptedError } from "../../errors.ts";
import { type Field, type Result, show, type View, type Words } from "../../output/view.ts";
import { resourcesOf } from "../resource/open.ts";

type Reached = ScopeContents["resources"][number];

const fields: readonly Field<Reached>[] = [
  { key: "Kind", value: ({ kind }) => kind },
  { key: "ID", value: ({ id }) => id, kind: "id" },
  { key: "Name", value: ({ name }) => name },
  { key: "State", value: ({ state }) => state },
  { key: "URL", value: ({ url }) => url, kind: "url" },
];

const reachedView: View<Reached> = {
  text: {
    kind: "table",
    columns: fields.map((field) => ({ ...field, key: field.key.toUpperCase() })),
  },
  description: { kind: "blocks", fields },
  quietValue: ({ id }) => id,
};

/** What lies in a scope, with what is to be said of it after `notes`. */
export function showReach(
  scope: ResourceScope,
  reach: ScopeContents,
  notes: readonly string[] = [],
): Result {
  const counts = countByKind(reach);
  const said = [
    doubtOf(scope, counts) ??
      `${scope.labelSelector} opens ${formatCounts(counts)}, of ${reach.total} that there are.`,
    ...caveatOf(scope),
  ];
  return show(reach, reachedView, {
    items: reach.resources,
    notes: [...notes, ...said].map((text) => ({ text })),
  });
}

/**
 * Looks what a token that has just been made opens, for a warning if that is everything or nothing.
 * A count that fails is said and is no failure: the token is there.
 */
export async function warnAboutReach(tokens: TokenProvider, scope: ResourceScope): Promise<Words> {
  try {
    const doubt = doubtOf(scope, await countResources(await resourcesOf(tokens), [scope]));
    return doubt === undefined ? [] : [`warning: ${doubt}`, ...caveatOf(scope)];
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return `warning: ${
      scope.labelSelector === null
        ? openness(scope, "how many is not known")
        : `Whether ${scope.labelSelector} matches anything is not known.`
    } ${error.message}`;
  }
}

/**
 * What tokens that are about to die open now, all together; nothing where that can't be known. A
 * count that fails is said and is no failure: it must not keep a token alive.
 */
export async function describeReach(
  provider: Provider,
  tokens: TokenProvider,
  doomed: readonly Token[],
): Promise<readonly string[]> {
  if (!provider.supports.resources) return [];
  const subject = doomed.length > 1 ? "Together they open" : "It opens";
  const scopes = doomed.map(({ roles, labelSelector }) =>
    toResourceScope(provider, roles, labelSelector),
  );
  try {
    const counts = await countResources(await resourcesOf(tokens), scopes);
    return [`${subject} ${sumCounts(counts) === 0 ? "nothing" : formatCounts(counts)} now.`];
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    return [
      `How much ${doomed.length > 1 ? "they open" : "it opens"} is not known: ${error.message}`,
    ];
  }
}

/** What a token may do, to what, and until when. */
export const describePermissions = (
  { roles, labelSelector, resource, region, expiresAt }: Token,
  { supports }: Provider,
): string =>
  [
    `role ${roles.join(", ") || "none"}`,
    ...(supports.labels || supports.resourcePatterns
      ? [labelSelector ?? resource ?? "unscoped"]
      : []),
    ...(region === null ? [] : [`region ${region}`]),
    ...(expiresAt === null ? [] : [`until ${expiresAt}`]),
  ].join(", ");

/** Why a scope may not be what is wanted: it holds all, or nothing. */
function doubtOf(scope: ResourceScope, counts: ResourceCounts): string | undefined {
  const { kinds, labelSelector } = scope;
  if (labelSelector === null) return openness(scope, formatCounts(counts));
  return sumCounts(counts) === 0
    ? `${labelSelector} matches no ${formatKinds(kinds, "or")} now: it opens nothing until one is labelled so.`
    : undefined;
}

const caveatOf = ({ limitedTo }: ResourceScope): readonly string[] =>
  limitedTo === undefined
    ? []
    : [`Only ${limitedTo} are meant, and the API does not say which of them are such.`];

const openness = ({ kinds }: ResourceScope, howMany: string): string =>
  `Without a label selector it opens every ${formatKinds(kinds, "and")} of the project (${howMany}).`;
