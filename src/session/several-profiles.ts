import type { Profiles } from "../config/profiles.ts";
import { type Requirement, requireSupport } from "../core/provider.ts";
import { UsageError } from "../errors.ts";
import type { Fetch } from "../host.ts";
import { providers } from "../providers/index.ts";
import type { TargetSources } from "./target/target.ts";

/** The options that select a target or a credential, which belong to one profile. */
const targetFlags = {
  provider: "--provider",
  url: "--url",
  region: "--region",
  project: "--project",
  namespace: "--namespace",
  userHeader: "--user-header",
  appToken: "--app-token",
  appTokenFile: "--app-token-file",
} as const satisfies Partial<Record<keyof TargetSources["options"], string>>;

/**
 * Returns the names of the profiles that a command runs over: those of `-p a,b`, or all.
 * @param isAll the value of `--all-profiles`.
 * @returns undefined if the command line selects at most one profile.
 * @throws UsageError for an unknown profile, an option that belongs to one profile, or an option that
 * the provider of a profile does not support.
 */
export function selectSeveralProfiles(
  options: TargetSources["options"],
  profiles: Pick<Profiles, "names" | "get" | "findValid">,
  requirements: readonly Requirement[],
  isAll: boolean,
): readonly string[] | undefined {
  const { profile } = options;
  if (!isAll && !profile?.includes(",")) return undefined;
  if (isAll && profile !== undefined)
    throw new UsageError("--all-profiles cannot be used with --profile.", {
      hint: "Omit one of them.",
    });
  const existing = profiles.names();
  const names = isAll ? existing : [...new Set(profile?.split(",").map((name) => name.trim()))];
  if (names.length === 0)
    throw new UsageError("There are no profiles.", { hint: "To sign in: tokctl login PROVIDER" });
  // Reports an invalid name or an unknown profile. An invalid file is an error of that profile only.
  for (const name of names) if (!existing.includes(name)) profiles.get(name);
  for (const [key, flag] of Object.entries(targetFlags))
    if (options[key as keyof typeof targetFlags] !== undefined)
      throw new UsageError(`${flag} cannot be used with several profiles.`, {
        hint: `Omit ${flag}, or select one profile with -p NAME.`,
      });
  for (const name of names) {
    const id = profiles.findValid(name)?.provider;
    const provider = providers.find((each) => each.id === id);
    for (const each of provider ? requirements : [])
      requireProfileSupport(name, () => provider && requireSupport(provider, each));
  }
  return names;
}

/** Names the profile in the error of a check. */
function requireProfileSupport(name: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`Profile "${name}": ${error.message}`, {
      hint: ["Select the profiles that support it: -p NAME,NAME", ...[error.hint].flat()],
    });
  }
}

/** Returns a function that limits the number of requests that wait for a response, over all fetches. */
export function createRequestLimit(most: number): (fetch: Fetch) => Fetch {
  let running = 0;
  const waiting: (() => void)[] = [];
  return (fetch) => async (url, init) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await fetch(url, init);
    } finally {
      // A waiting request takes over the place.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
