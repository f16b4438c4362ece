import { openProfiles } from "../../config/profiles.ts";
import type { Host } from "../../host.ts";
import { providers } from "../../providers/index.ts";
import { resolveTarget, unwrap } from "../../session/target/target.ts";
import { findOption } from "../argv.ts";
import type { ProviderContent } from "./layout.ts";

/** Reads which provider is selected, and which providers support which option. */
export function readProviderContent(args: readonly string[], host: Host): ProviderContent {
  return {
    supportOf: (capability) => {
      const idsOf = (isSupported: boolean) =>
        providers
          .filter(({ supports }) => supports[capability] === isSupported)
          .map(({ id }) => id);
      return { supporting: idsOf(true), others: idsOf(false) };
    },
    provider: () => findProvider(args, host),
  };
}

function findProvider(args: readonly string[], host: Host): string | undefined {
  try {
    const options = {
      provider: findOption(args, "provider"),
      profile: findOption(args, "profile", "p"),
    };
    const target = resolveTarget({ options, env: host.env, profiles: openProfiles(host) });
    return unwrap(target.settings).provider?.value;
  } catch {
    // Help must work with a broken configuration.
    return undefined;
  }
}
