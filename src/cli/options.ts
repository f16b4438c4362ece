import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { storageKinds } from "../core/credential.ts";
import type { Capability } from "../core/provider.ts";
import { dayMs, durationSyntax, type Expiry, parseDuration, parseExpiry } from "../core/time.ts";
import { parseSelector, type Selector } from "../core/token.ts";
import { formats } from "../output/view.ts";
import { parseRetries } from "../session/target/retries.ts";

/** Another spelling of an option; the last one on the command line wins. */
export class AliasOption<Flags extends string> extends Option<Flags> {
  readonly #target: string;
  constructor(flags: Flags, target: string) {
    super(flags, `Same as --${target}`);
    this.#target = target;
    this.hideHelp();
  }
  override attributeName(): string {
    return this.#target.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  }
}

/** An option that only some providers support; others fail before a request is sent. */
export class ProviderOption<
  Flags extends string,
  Preset = undefined,
  Default = undefined,
  CoerceT = undefined,
  Mandatory extends boolean = false,
  ChoicesT = undefined,
> extends Option<Flags, Preset, Default, CoerceT, Mandatory, ChoicesT> {
  readonly capability: Capability;
  constructor(capability: Capability, flags: Flags, description: string) {
    super(flags, description);
    this.capability = capability;
  }
}

const globalGroup = "Global options";

/** Lists choices in a sentence: `text, json or yaml`. */
export const oneOf = (choices: readonly string[]): string =>
  `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;

/** Whether every command has this option. */
export const isGlobalOption = ({ helpGroupHeading }: Option): boolean =>
  helpGroupHeading === globalGroup;

export const helpOption = () => new Option("-h, --help", "Show help").helpGroup(globalGroup);

/** The options of every command, before or after its name. */
export const globalOptions = (): readonly Option[] =>
  [
    new Option(
      "-o, --output <format>",
      `Output format: ${oneOf(formats)} [env: TOKCTL_OUTPUT]`,
    ).choices(formats),
    new AliasOption("-t, --format-type <format>", "output").choices(formats),
    new Option("-p, --profile <profile>", "Profile to use [env: TOKCTL_PROFILE]"),
    new Option("--provider <provider>", "Provider, for example ovh-ai [env: TOKCTL_PROVIDER]"),
    new Option("--url <url>", "Base URL of the API [env: TOKCTL_URL]"),
    new Option("--region <region>", "OVHcloud region, for example GRA [env: TOKCTL_REGION]"),
    new ProviderOption("projects", "--project <id>", "Project ID [env: TOKCTL_PROJECT]"),
    new ProviderOption("namespaces", "--namespace <id>", "Namespace ID [env: TOKCTL_NAMESPACE]"),
    new Option(
      "--token, --app-token <secret>",
      "Token to authenticate with, visible to other processes; prefer --app-token-file [env: TOKCTL_APP_TOKEN]",
    ),
    new Option("--app-token-file <path>", "File with the token to authenticate with; - for stdin"),
    new ProviderOption(
      "userHeader",
      "--user-header <user>",
      "User name for a development service without sign-in [env: TOKCTL_USER_HEADER]",
    ),
    new Option(
      "--allow-http",
      "Allow unencrypted HTTP to hosts other than localhost [env: TOKCTL_ALLOW_HTTP]",
    ),
    new Option(
      "--ca-file <path>",
      "Additional CA certificates in PEM format [env: TOKCTL_CA_FILE]",
    ),
    new Option("--cert-file <path>", "Client certificate in PEM format [env: TOKCTL_CERT_FILE]"),
    new Option(
      "--key-file <path>",
      "Private key of the client certificate in PEM format [env: TOKCTL_KEY_FILE]",
    ),
    new Option("-q, --quiet", "Print only the secret, IDs or names"),
    new Option(
      "--timeout <duration>",
      "Time limit of the command, for example 90s or 2m (default: 30s per request, 10m in total)",
    ).argParser(parseTimeout),
    new Option(
      "--retries <n>",
      "Retries of a request after a transient failure, 0 to 20 (default: 3) [env: TOKCTL_RETRIES]",
    ).argParser(parseRetriesOption),
    new Option("--no-color", "Disable colors [env: NO_COLOR]"),
    new Option("--no-pager", "Disable the pager for long lists, which PAGER sets"),
    new Option("--debug", "Log requests to stderr, without bodies and credentials"),
  ].map((option) => option.helpGroup(globalGroup));

/** Whether the value of an option is a credential. */
export const isSecretOption = (name: string): boolean => ["app-token", "token"].includes(name);

/** Parses a duration. @returns milliseconds */
export function parseDurationOption(text: string): number {
  const milliseconds = parseDuration(text);
  if (!milliseconds)
    throw new InvalidArgumentError(`Expected a duration such as ${durationSyntax}.`);
  return milliseconds;
}

/** Parses `--timeout`. @returns milliseconds, at most 24 hours */
function parseTimeout(text: string): number {
  const milliseconds = parseDurationOption(text);
  if (milliseconds > dayMs) throw new InvalidArgumentError("The maximum is 24h.");
  return milliseconds;
}

function parseRetriesOption(text: string): number {
  const number = parseRetries(text);
  if (number === undefined) throw new InvalidArgumentError("Expected a number from 0 to 20.");
  return number;
}

/** Parses `YYYY-MM-DD` (00:00 UTC), an RFC 3339 time, or a duration from now. */
export function parseExpiryOption(text: string): Expiry {
  const when = parseExpiry(text);
  if (!when)
    throw new InvalidArgumentError(
      `Expected a date (YYYY-MM-DD), an RFC 3339 time with a time zone, or a duration such as ${durationSyntax}.`,
    );
  return when;
}

/** The error message for an invalid label selector. */
export const selectorForm =
  "Expected one name=value, without a comma and without spaces around the =.";

/** Parses `name=value`; fails if there already is a selector, because a token has one. */
export function parseSelectorOption(text: string, previous: Selector | undefined): Selector {
  if (previous)
    throw new InvalidArgumentError("A token has one label selector; this is the second.");
  const parsed = parseSelector(text);
  if (!parsed) throw new InvalidArgumentError(selectorForm);
  return parsed;
}

export function parsePositiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError("Expected a whole number, 1 or more.");
  return Number(text);
}

/** Collects the values of a repeatable option. */
export const repeatable = (
  text: string,
  previous: readonly string[] | undefined,
): readonly string[] => [...(previous ?? []), text];

/**
 * `--user`: the owner of the tokens. The option has the same name as in the `osmo` command line.
 * @param description what the option does with the tokens of the other user.
 */
export const ownerOption = (description = "Owner of the token (administrators only)") =>
  new ProviderOption("owners", "-u, --user <user>", description);

export const roleAlias = () => new AliasOption("--roles <role>", "role").argParser(repeatable);

export const storeOption = () =>
  new Option(
    "--store <store>",
    "Store for the credential: file or keychain (default: file) [env: TOKCTL_CREDENTIAL_STORE]",
  ).choices(storageKinds);

export const yesOption = () => new Option("-y, --yes", "Skip the confirmation prompt");

/** `--yes` of a command that accepts several names. */
export const yesToManyOption = () =>
  new Option(
    "-y, --yes",
    "Skip the confirmation prompt; required for several names without a terminal",
  );
