import { CliError } from "../errors.ts";
import { quoteWord } from "./text.ts";

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

/** Commands in a hint that send requests, up to their verb; those of tokens take `-u`. */
const command =
  /\btokctl (token (?:create|get|list|renew|delete|roles)|token (?:reach|check)|(?:app|job|notebook) [a-z-]+|whoami)(?![\w-])/g;
const ofUser = /^token (create|get|list|renew|delete|roles)$/;

/**
 * Adds the options that select the target to every command in an error's hint: without them, who
 * runs the command acts on another target.
 * @param target what the command line that failed says.
 * @returns the error itself if nothing is to be added.
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
  const isSaid = (flag: RegExp) => flag.test(line);
  // The command line may name another URL than the profile does.
  const place = isSaid(/ (-p|--profile|--provider|--url) /)
    ? ""
    : `${targetWords({ profile })}${targetWords({ provider, url, ...rest })}`;
  const owner = isSaid(/ (-u|--user) /) ? "" : targetWords({ user });
  return line.replaceAll(
    command,
    (words, verb: string) => `${words}${ofUser.test(verb) ? owner : ""}${place}`,
  );
}
