import type { Define, Example } from "../../../cli/command.ts";
import { createResourceLookup, type Lookup } from "../../../core/lookup.ts";
import { type Provider, requireSupport } from "../../../core/provider.ts";
import type {
  Resource,
  ResourceKind,
  ResourceLabels,
  ResourceProvider,
} from "../../../core/resource.ts";
import type { TokenProvider } from "../../../core/token-provider.ts";
import { type Field, type Result, show, type View } from "../../../output/view.ts";
import type { Session } from "../../../session/session.ts";

/** Defines a command that apps, jobs and notebooks share. */
export type DefineFor = (kind: ResourceKind) => Define;
export type ExamplesFor = (kind: ResourceKind) => readonly Example[];

/** The name of a resource of each kind that the sandbox has, for examples. */
export const sample: Readonly<Record<ResourceKind, string>> = {
  app: "hello-a",
  job: "training",
  notebook: "exploration",
};

/** A connection to the resources of the selected provider. */
export interface Opened {
  readonly provider: Provider;
  readonly tokens: TokenProvider;
  readonly resources: ResourceProvider;
  /** Returns a function that looks up resources of a kind; `number` is how many lookups follow. */
  readonly find: (kind: ResourceKind, number?: number) => Lookup<Resource>;
}

/** Connects to the resources of the selected provider. @throws UsageError if it has none, before any request. */
export async function openResources(session: Session): Promise<Opened> {
  const provider = session.provider();
  requireSupport(provider, { capability: "resources" });
  const tokens = await session.tokens();
  const resources = await resourcesOf(tokens);
  return {
    provider,
    tokens,
    resources,
    find: (kind, number) => createResourceLookup(provider, resources, kind, number),
  };
}

/** Returns the resources of a provider with `supports.resources`. */
export async function resourcesOf(tokens: TokenProvider): Promise<ResourceProvider> {
  const resources = await tokens.resources?.();
  if (!resources) throw new Error("the provider supports resources but does not return them");
  return resources;
}

/** Formats labels as `name=value`, without those that start with the prefix of reserved labels. */
const formatLabels = (labels: ResourceLabels, reservedPrefix?: string): string =>
  Object.entries(labels)
    .filter(([name]) => reservedPrefix === undefined || !name.startsWith(reservedPrefix))
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");

const fields: readonly Field<Resource>[] = [
  { key: "Labels", value: ({ labels }) => formatLabels(labels) },
  { key: "Kind", value: ({ kind }) => kind },
  { key: "ID", value: ({ id }) => id },
  { key: "Name", value: ({ name }) => name },
  { key: "Image", value: ({ image }) => image },
  { key: "State", value: ({ state }) => state },
  { key: "URL", value: ({ url }) => url },
  { key: "User", value: ({ user }) => user },
  { key: "Created at", value: ({ createdAt }) => createdAt, kind: "time" },
  { key: "Updated at", value: ({ updatedAt }) => updatedAt, kind: "time" },
];

const blocks = { kind: "blocks", fields } as const;

/** Shows all fields of one resource. */
export const resourceView: View<Resource> = {
  text: blocks,
  description: blocks,
  quietValue: ({ id }) => id,
};

/** Shows a list of resources as a table. */
export const resourcesView = ({ reservedLabels }: Provider): View<Resource> => ({
  text: {
    kind: "table",
    columns: [
      { key: "ID", value: ({ id }) => id, kind: "id" },
      { key: "NAME", value: ({ name }) => name },
      { key: "STATE", value: ({ state }) => state },
      { key: "IMAGE", value: ({ image }) => image },
      { key: "LABELS", value: ({ labels }) => formatLabels(labels, reservedLabels?.prefix) },
      { key: "URL", value: ({ url }) => url, kind: "url" },
    ],
  },
  description: blocks,
  quietValue: ({ id }) => id,
});

/** Fetches a resource again after a change, and shows it. */
export async function showUpdated(resources: ResourceProvider, changed: Resource): Promise<Result> {
  return show((await resources.get(changed.kind, changed.id)) ?? changed, resourceView);
}
