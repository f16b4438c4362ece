import { quoteWord } from "./shell-word.ts";

/** What selects a target on a command line; a profile stands for the provider and its URL. */
export interface TargetOptions {
  readonly profile?: string | undefined;
  readonly provider?: string | undefined;
  readonly url?: string | undefined;
  readonly region?: string | undefined;
  readonly project?: string | undefined;
  readonly namespace?: string | undefined;
  /** Who the caller is, at a service that takes a name for a credential. */
  readonly userHeader?: string | undefined;
  /** The other user whose tokens are meant. */
  readonly user?: string | null | undefined;
}

/**
 * Builds the options that lead another command to the same target, quoted for a POSIX shell.
 * @returns for example ` --provider osmo --url https://osmo.example.com -u alice`; "" for no options.
 */
export function targetWords(target: TargetOptions): string {
  const { profile, provider, url, region, project, namespace, userHeader, user } = target;
  const place = profile === undefined ? { provider, url } : {};
  const options = { profile, ...place, region, project, namespace, userHeader, user };
  return Object.entries(options)
    .flatMap(([name, value]) => (value == null ? [] : ` ${flags[name]} ${quoteWord(value)}`))
    .join("");
}

const flags: Readonly<Record<string, string>> = {
  profile: "-p",
  provider: "--provider",
  url: "--url",
  region: "--region",
  project: "--project",
  namespace: "--namespace",
  userHeader: "--user-header",
  user: "-u",
};
