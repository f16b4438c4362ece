import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { stores } from "../core/credential.ts";
import { day, type Expiry, parseExpiry } from "../core/expiry.ts";
import type { Capability } from "../core/provider.ts";
import { parseRetries } from "../core/retries.ts";
import { parseSelector, type Selector } from "../core/selector.ts";
import { durationForm, parseDuration } from "../core/time.ts";
import { formats } from "../output/format.ts";

/** Another spelling of an option: it sets the same value, so that the last one given wins. */
class AliasOption<Flags extends string> extends Option<Flags> {
  readonly #target: string;
  constructor(flags: Flags, target: string) {
    super(flags, `the same as --${target}`);
    this.#target = target;
    this.hideHelp();
  }
  override attributeName(): string {
    return this.#target;
  }
}

/** An option that only some providers can serve; the others refuse it before anything is sent. */
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

const globalGroup = "Global options:";

export const helpOption = () => new Option("-h, --help", "show this help").helpGroup(globalGroup);

/** The options that every command takes, before or after its own words. */
export const globalOptions = (): readonly Option[] =>
  [
    new Option(
      "-o, --output <format>",
      "how to print the result; also -t, --format-type (TOKCTL_OUTPUT)",
    ).choices(formats),
    new AliasOption("-t, --format-type <format>", "output").choices(formats),
    new Option("-p, --profile <profile>", "where to connect and as whom (TOKCTL_PROFILE)"),
    new Option("--provider <provider>", "the API to talk to (TOKCTL_PROVIDER)"),
    new Option("--url <url>", "its address (TOKCTL_URL)"),
    new Option("--region <region>", "its region, or that of its tokens (TOKCTL_REGION)"),
    new ProviderOption(
      "projects",
      "--project <id>",
      "the project whose tokens are meant (TOKCTL_PROJECT)",
    ),
    new ProviderOption("namespaces", "--namespace <id>", "the namespace in it (TOKCTL_NAMESPACE)"),
    new Option("--token, --app-token <secret>", "the credential to use (TOKCTL_APP_TOKEN)"),
    new Option("--app-token-file <path>", "a file that holds it; - is stdin"),
    new ProviderOption(
      "userHeader",
      "--user-header <user>",
      "who you are to a service without sign-in (TOKCTL_USER_HEADER)",
    ),
    new Option(
      "--allow-http",
      "allow plain http to other machines: credentials are sent without encryption (TOKCTL_ALLOW_HTTP)",
    ),
    new Option(
      "--ca-file <path>",
      "certificates to trust besides the usual ones, in PEM (TOKCTL_CA_FILE)",
    ),
    new Option("--cert-file <path>", "a client certificate, in PEM (TOKCTL_CERT_FILE)"),
    new Option("--key-file <path>", "the private key for it (TOKCTL_KEY_FILE)"),
    new Option("-q, --quiet", "print only the essential: the secret, ids, names"),
    new Option(
      "--timeout <duration>",
      "time limit for all requests of the command: 90s, 2m (default: 30s for each, 10m for all)",
    ).argParser(timeout),
    new Option(
      "--retries <n>",
      "how often to send a request again that failed in passing; 0 never (TOKCTL_RETRIES, default: 3)",
    ).argParser(retries),
    new Option("--no-color", "print without colours (NO_COLOR, FORCE_COLOR, CLICOLOR)"),
    new Option("--debug", "tell about requests on stderr, without bodies or credentials"),
  ].map((option) => option.helpGroup(globalGroup));

/** Whether what an option is given is a credential, by any of its names. */
export const isSecretOption = (name: string): boolean => ["app-token", "token"].includes(name);

/** A length of time, in milliseconds. */
export function duration(text: string): number {
  const milliseconds = parseDuration(text);
  if (!milliseconds) throw new InvalidArgumentError(`It is a duration such as ${durationForm}.`);
  return milliseconds;
}

/** How long to wait for a server: timers end after 24 days, and patience before. */
function timeout(text: string): number {
  const milliseconds = duration(text);
  if (milliseconds > day) throw new InvalidArgumentError("It is at most 24h.");
  return milliseconds;
}

function retries(text: string): number {
  const number = parseRetries(text);
  if (number === undefined) throw new InvalidArgumentError("It is a number from 0 to 20.");
  return number;
}

/** `YYYY-MM-DD` (00:00 UTC of it), RFC 3339, or a duration from now. */
export function expiry(text: string): Expiry {
  const when = parseExpiry(text);
  if (!when)
    throw new InvalidArgumentError(
      `It is a date (YYYY-MM-DD), a time in RFC 3339 with a zone, or a duration such as ${durationForm}.`,
    );
  return when;
}

/** What a label selector looks like, for people. */
export const selectorForm =
  "It is one name=value, without a comma and without spaces around the =.";

/** One `name=value`; a second one is refused, for a token has one. */
export function selector(text: string, previous: Selector | undefined): Selector {
  if (previous)
    throw new InvalidArgumentError("There can be one label selector, and this is the second.");
  const parsed = parseSelector(text);
  if (!parsed) throw new InvalidArgumentError(selectorForm);
  return parsed;
}

export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It is a whole number from 1.");
  return Number(text);
}

/** One more value of an option that repeats. */
export const repeatable = (
  text: string,
  previous: readonly string[] | undefined,
): readonly string[] => [...(previous ?? []), text];

export const ownerOption = () =>
  new ProviderOption("users", "-u, --user <user>", "of another user (administrators)");

export const roleAlias = () => new AliasOption("--roles <role>", "role").argParser(repeatable);

export const storeOption = () =>
  new Option(
    "--store <store>",
    "where to keep the credential: a file, or the system's keychain (TOKCTL_CREDENTIAL_STORE)",
  ).choices(stores);

export const yesOption = () => new Option("-y, --yes", "skip the confirmation");

/** `--yes` of a command that takes several names. */
export const yesToManyOption = () =>
  new Option("-y, --yes", "skip the confirmation; more than one needs it off a terminal");
