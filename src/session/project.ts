import type { Connection, ProjectRef } from "../core/connection.ts";
import type { Provider } from "../core/provider.ts";
import { UsageError } from "../errors.ts";
import { findSetting, type Sources } from "./settings.ts";

/**
 * Where in the account the tokens are.
 * @throws UsageError for something that the provider needs and nobody said.
 */
export function resolveProjectRef(provider: Provider, sources: Sources): Connection["projectRefs"] {
  const known = findProjectRef(provider, sources);
  for (const need of provider.requiredRefs)
    if (known[need] === undefined)
      throw new UsageError(`${provider.title} needs a ${need}.`, {
        hint: sources.profile
          ? `Pass --${need}, or keep it: tokctl profile set ${need} ID -p ${sources.profile.name}`
          : `Pass --${need} or set TOKCTL_${need.toUpperCase()}.`,
      });
  return known;
}

/** What is known of it. */
export const findProjectRef = (
  { requiredRefs: needs }: Provider,
  sources: Sources,
): Partial<Record<ProjectRef, string>> =>
  Object.fromEntries(
    needs.flatMap((need) => {
      const value = findSetting(need, sources)?.value;
      return value ? [[need, value]] : [];
    }),
  );
