import type { Define, Example } from "../../../cli/command.ts";
import type { Provider } from "../../../core/provider.ts";
import type {
  Resource,
  ResourceKind,
  ResourceLabels,
  ResourceProvider,
} from "../../../core/resource.ts";
import { type Field, type Result, show, type View } from "../../../output/view.ts";

/** Defines a command that apps, jobs and notebooks share. */
export type DefineFor = (kind: ResourceKind) => Define;
export type ExamplesFor = (kind: ResourceKind) => readonly Example[];

/** The name of a resource of each kind that the sandbox has, for examples. */
export const sample: Readonly<Record<ResourceKind, string>> = {
  app: "hello-a",
  job: "training",
  notebook: "exploration",
};

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
