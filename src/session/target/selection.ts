import type { Profiles } from "../../config/profiles.ts";
import type { Profile } from "../../core/profile.ts";
import type { Provider } from "../../core/provider.ts";
import { unquote } from "../../core/quoting.ts";
import { UsageError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { providers } from "../../providers/index.ts";
import {
  type ConnectionOptions,
  findSetting,
  type Setting,
  type SettingSources,
} from "./setting.ts";

/** Returns the name of the profile from `-p`, else from TOKCTL_PROFILE. */
export const namedProfile = (
  { profile }: Pick<ConnectionOptions, "profile">,
  { TOKCTL_PROFILE }: Host["env"],
): string | undefined => profile ?? (unquote(TOKCTL_PROFILE ?? "") || undefined);

/**
 * Reads the profile that a command uses: the named one, else the current one, unless `--provider`
 * or TOKCTL_PROVIDER selects a provider without a profile.
 * @param profiles the stored profiles; undefined to use no profile.
 * @throws UsageError if the named profile does not exist; BrokenFileError.
 */
export function selectProfile(
  options: Pick<ConnectionOptions, "profile" | "provider">,
  env: Host["env"],
  profiles: Pick<Profiles, "current" | "get"> | undefined,
): Profile | undefined {
  const isProviderNamed = Boolean(options.provider || env["TOKCTL_PROVIDER"]);
  const named = namedProfile(options, env);
  if (named !== undefined)
    return profiles?.get(named, options.profile === undefined ? "TOKCTL_PROFILE" : "--profile");
  const current = isProviderNamed ? undefined : profiles?.current();
  return current === undefined
    ? undefined
    : profiles?.get(current, "current profile in config.json");
}

/**
 * Returns the provider that the settings select.
 * @throws UsageError if none is selected, the ID is unknown, or the profile has another provider.
 */
export function selectProvider(sources: SettingSources): Provider {
  const { profile } = sources;
  const setting = findSetting("provider", sources);
  const ids = providers.map(({ id }) => id).join(", ");
  if (setting === undefined)
    throw new UsageError("No provider is selected.", {
      hint: [
        `To sign in: tokctl login PROVIDER (${ids})`,
        "Or pass --provider, --url or --region, and --app-token-file",
        "Or set TOKCTL_PROVIDER, TOKCTL_URL and TOKCTL_APP_TOKEN",
        "To try tokctl with a local test server: tokctl sandbox exec -- bash",
      ],
    });
  const provider = findProvider(setting);
  if (profile && profile.provider !== provider.id)
    throw new UsageError(
      `${setting.name} selects ${provider.id}, but the provider of profile "${profile.name}" is ${profile.provider}.`,
      {
        hint: `Omit ${setting.name}, or sign in with another profile: tokctl login ${provider.id} -p NAME`,
      },
    );
  return provider;
}

/** Returns the provider with an ID. @throws UsageError that names `name` if the ID is unknown. */
export function findProvider({ value, name }: Pick<Setting, "value" | "name">): Provider {
  const provider = providers.find(({ id }) => id === value);
  if (!provider)
    throw new UsageError(`Unknown provider "${value}" (${name}).`, {
      unknownWord: { word: value, candidates: providers.map(({ id }) => id) },
      hint: `The providers are ${providers.map(({ id }) => id).join(", ")}.`,
    });
  return provider;
}
