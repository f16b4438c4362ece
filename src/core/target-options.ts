import { CliError } from "../errors.ts";
import { quoteWord } from "./shell-quote.ts";
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
): string => `${id}${owner == null ? "" : ` -u ${owner}`}`;

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

/** The commands in a hint that send requests. Token commands have `-u`. */
const command =
  /\btokctl (token (?:create|get|list|renew|delete|roles)|token (?:reach|check)|(?:app|job|notebook) [a-z-]+|whoami)(?![\w-])/g;
const ofUser = /^token (create|get|list|renew|delete|roles)$/;

/**
 * Adds the target's options to the commands in an error's hint, because without them the commands
 * would act on another target.
 * @param target the options of the failed command: `Target.options`.
 * @returns the same error if there is nothing to add.
 */
export function withTarget(error: CliError, target: TargetOptions): CliError {
  const lines = [error.hint].flat();
  const hint = lines.map((line) => addTarget(line, target));
  if (hint.every((line, i) => line === lines[i])) return error;
  const { code, message, requestId, unknownWord, missingArgs } = error;
  return new CliError(code, message, { hint, requestId, unknownWord, missingArgs, cause: error });
}

function addTarget(line: string, target: TargetOptions): string {
  const { user, profile, provider, url, ...rest } = target;
  const hasFlag = (flag: RegExp) => flag.test(line);
  // A URL given besides a profile replaces the one of the profile.
  const server = hasFlag(/ (-p|--profile|--provider|--url) /)
    ? ""
    : `${formatTargetOptions({ profile })}${formatTargetOptions({ provider, url, ...rest })}`;
  const owner = hasFlag(/ (-u|--user) /) ? "" : formatTargetOptions({ user });
  return line.replaceAll(
    command,
    (words, verb: string) => `${words}${ofUser.test(verb) ? owner : ""}${server}`,
  );
}
