import type { Define, Example } from "../../cli/command.ts";
import { createResourceLookup, type Lookup } from "../../core/lookup.ts";
import type { Provider } from "../../core/provider.ts";
import type { Resource, ResourceKind, ResourceProvider } from "../../core/resource.ts";
import { requireSupport } from "../../core/supports.ts";
import type { TokenProvider } from "../../core/token-provider.ts";
import type { Session } from "../../session/session.ts";

/** A command that apps, jobs and notebooks have alike. */
export type DefineFor = (kind: ResourceKind) => Define;
export type ExamplesFor = (kind: ResourceKind) => readonly Example[];

/** What the sandbox has of each, for examples. */
export const sample: Readonly<Record<ResourceKind, string>> = {
  app: "hello-a",
  job: "training",
  notebook: "exploration",
};

/** The chosen provider, its tokens, and what they open. */
export interface Opened {
  readonly provider: Provider;
  readonly tokens: TokenProvider;
  readonly resources: ResourceProvider;
  /** Looks one of a kind up, or so many. */
  readonly find: (kind: ResourceKind, number?: number) => Lookup<Resource>;
}

/** @throws UsageError before anything is sent, if the provider has no such resources. */
export async function openResources(session: Session): Promise<Opened> {
  const provider = session.provider();
  requireSupport(provider, "resources");
  const tokens = await session.tokens();
  const resources = await resourcesOf(tokens);
  return {
    provider,
    tokens,
    resources,
    find: (kind, number) => createResourceLookup(provider, resources, kind, number),
  };
}

/** What tokens open, of a provider that `supports.resources`. */
export async function resourcesOf(tokens: TokenProvider): Promise<ResourceProvider> {
  const resources = await tokens.resources?.();
  if (!resources) throw new Error("it lacks the resources that it supports");
  return resources;
}
