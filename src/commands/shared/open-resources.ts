import { createResourceLookup, type Lookup } from "../../core/lookup.ts";
import { type Provider, requireSupport } from "../../core/provider.ts";
import type { Resource, ResourceKind, ResourceProvider } from "../../core/resource.ts";
import type { TokenProvider } from "../../core/token-provider.ts";
import type { Session } from "../../session/session.ts";

/** A connection to the resources of the selected provider. */
export interface OpenedResources {
  readonly provider: Provider;
  readonly tokens: TokenProvider;
  readonly resources: ResourceProvider;
  /** Returns a function that looks up resources of a kind; `number` is how many lookups follow. */
  readonly find: (kind: ResourceKind, number?: number) => Lookup<Resource>;
}

/** Connects to the resources of the selected provider. @throws UsageError if it has none, before any request. */
export async function openResources(session: Session): Promise<OpenedResources> {
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
