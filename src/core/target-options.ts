import { quoteWord } from "./quoting.ts";
import type { Token } from "./token.ts";

/** The options that select a target on a command line. A profile includes the provider and its URL. */
export interface TargetOptions {
  readonly profile?: string | undefined;
  readonly provider?: string | undefined;
  readonly url?: string | undefined;
  readonly region?: string | undefined;
  readonly project?: string | undefined;
  readonly namespace?: string | undefined;
  /** The user name that serves as the credential of a development service. */
  readonly userHeader?: string | undefined;
  /** The other user that owns the tokens. */
  readonly user?: string | null | undefined;
}

/**
 * Formats the options with which another command has the same target, quoted for a POSIX shell.
 * @returns for example ` --provider osmo --url https://osmo.example.com -u alice`; "" for no options.
 */
export function formatTargetOptions(target: TargetOptions): string {
  const { profile, provider, url, region, project, namespace, userHeader, user } = target;
  const server = profile === undefined ? { provider, url } : {};
  const options = { profile, ...server, region, project, namespace, userHeader, user };
  return Object.entries(options)
    .flatMap(([name, value]) => (value == null ? [] : ` ${flags[name]} ${quoteWord(value)}`))
    .join("");
}

/** Formats a token as arguments of a command: its ID, and `-u` for the token of another user. */
export const tokenArguments = (
  { id }: Pick<Token, "id">,
  owner: string | null | undefined,
): string => `${id}${formatOwner(owner)}`;

/** Formats the option for the tokens of another user; "" for the caller. */
export const formatOwner = (owner: string | null | undefined): string =>
  formatTargetOptions({ user: owner });

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
