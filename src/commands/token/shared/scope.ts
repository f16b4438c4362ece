import type { TextLines } from "../../../core/message.ts";
import type { Provider } from "../../../core/provider.ts";
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
} from "../../../core/resource-scope.ts";
import { formatExpiry } from "../../../core/soft-expiry.ts";
import type { Token } from "../../../core/token.ts";
import type { TokenProvider } from "../../../core/token-provider.ts";
import { CliError, InterruptedError } from "../../../errors.ts";
import { type Field, type Result, show, type View } from "../../../output/view.ts";
import { resourcesOf } from "../../shared/open-resources.ts";

type ReachableResource = ScopeContents["resources"][number];

const fields: readonly Field<ReachableResource>[] = [
  { key: "Kind", value: ({ kind }) => kind },
  { key: "ID", value: ({ id }) => id, kind: "id" },
  { key: "Name", value: ({ name }) => name },
  { key: "State", value: ({ state }) => state },
  { key: "URL", value: ({ url }) => url, kind: "url" },
];

const resourcesView: View<ReachableResource> = {
  text: {
    kind: "table",
    columns: fields.map((field) => ({ ...field, key: field.key.toUpperCase() })),
  },
  description: { kind: "blocks", fields },
  quietValue: ({ id }) => id,
};

/** Shows the resources in a scope. @param notes lines to print before the summary. */
export function showReach(
  scope: ResourceScope,
  reach: ScopeContents,
  notes: readonly string[] = [],
): Result {
  const counts = countByKind(reach);
  const summary =
    describeUnusualScope(scope, counts) ??
    `${scope.labelSelector} matches ${sumCounts(counts)} of ${reach.total} resources (${formatCounts(counts)}).`;
  return show(reach, resourcesView, {
    items: reach.resources,
    notes: [...notes, summary, ...describeLimit(scope)].map((text) => ({ text })),
  });
}

/**
 * Counts the resources in the scope of a new token.
 * @returns a warning if the token can access every resource, or no resource. An error becomes part of the
 * warning, because it must not prevent the create.
 * @throws InterruptedError
 */
export async function warnAboutReach(
  tokens: TokenProvider,
  scope: ResourceScope,
): Promise<TextLines> {
  const { labelSelector } = scope;
  try {
    const counts = await countResources(await resourcesOf(tokens), [scope]);
    const warning = describeUnusualScope(scope, counts);
    return warning === undefined ? [] : [`warning: ${warning}`, ...describeLimit(scope)];
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    return labelSelector === null
      ? `warning: ${describeUnscoped(scope)} Cannot count them: ${error.reason}`
      : `warning: Cannot check whether ${labelSelector} matches a resource: ${error.reason}`;
  }
}

/**
 * Counts the resources that tokens can access, for the question before they are changed.
 * @returns a sentence; nothing if the provider has no resources. An error becomes part of the
 * sentence, because it must not prevent a revocation.
 */
export async function describeReach(
  provider: Provider,
  tokens: TokenProvider,
  affected: readonly Token[],
): Promise<readonly string[]> {
  if (!provider.supports.resources) return [];
  const subject = affected.length > 1 ? "Together they can access" : "It can access";
  const scopes = affected.map(({ roles, labelSelector }) =>
    toResourceScope(provider, roles, labelSelector),
  );
  try {
    const counts = await countResources(await resourcesOf(tokens), scopes);
    return [`${subject} ${sumCounts(counts) === 0 ? "no resources" : formatCounts(counts)} now.`];
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    return [
      `Cannot count the resources that ${affected.length > 1 ? "they" : "it"} can access: ${error.reason}`,
    ];
  }
}

/** Formats the role, scope, region and expiry of a token. */
export function describePermissions(token: Token, { supports }: Provider): string {
  const { roles, labelSelector, resource, region } = token;
  const expiry = formatExpiry(token);
  return [
    `role ${roles.join(", ") || "none"}`,
    ...(supports.labels || supports.resourcePatterns
      ? [labelSelector ?? resource ?? "unscoped"]
      : []),
    ...(region === null ? [] : [`region ${region}`]),
    ...(expiry === null ? [] : [`until ${expiry}`]),
  ].join(", ");
}

/** Returns a sentence about a scope with all resources or with none; undefined for other scopes. */
function describeUnusualScope(scope: ResourceScope, counts: ResourceCounts): string | undefined {
  const { kinds, labelSelector } = scope;
  if (labelSelector === null) return describeUnscoped(scope, formatCounts(counts));
  return sumCounts(counts) === 0
    ? `${labelSelector} matches no ${formatKinds(kinds, "or")} now. The token cannot access anything until one has this label.`
    : undefined;
}

const describeUnscoped = ({ kinds }: ResourceScope, count?: string): string =>
  `Without a label selector, the token can access every ${formatKinds(kinds, "and")} of the project${count === undefined ? "" : ` (${count})`}.`;

const describeLimit = ({ limitedTo }: ResourceScope): readonly string[] =>
  limitedTo === undefined
    ? []
    : [
        `The role applies only to ${limitedTo}. The API doesn't mark them, so the count includes others.`,
      ];
