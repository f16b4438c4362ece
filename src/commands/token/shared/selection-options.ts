import {
  Argument,
  type Command,
  type CommandUnknownOpts,
  InvalidArgumentError,
  Option,
  type OptionValues,
} from "@commander-js/extra-typings";
import {
  ownerOption,
  ProviderOption,
  parseDurationOption,
  parseSelectorOption,
} from "../../../cli/options.ts";
import { parseGlob, type TokenFilter } from "../../../core/filter.ts";
import type { Provider } from "../../../core/provider.ts";
import type { Selector, TokenStatus } from "../../../core/token.ts";
import { validateRoles, validateSelector } from "../../../core/validation.ts";
import { UsageError } from "../../../errors.ts";
import { allProfilesOption } from "./targets.ts";

/** The argument that reads tokens from stdin. */
export const stdinArgument = "-";

/** The keys of the options that select tokens by their properties. */
const selectionKeys = [
  "name",
  "role",
  "label",
  "status",
  "expired",
  "expiringWithin",
  "olderThan",
  "unscoped",
] as const satisfies readonly (keyof SelectionOptions)[];

/** Returns the selection options that are set, as on a command line: `--older-than`. */
const selectionFlags = (options: SelectionOptions): readonly string[] =>
  selectionKeys
    .filter((key) => options[key] !== undefined)
    .map((key) => `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);

/** Returns the message for a selection without tokens. */
export function describeNoMatch(options: SelectionOptions): string {
  const flags = selectionFlags(options);
  return flags.length === 0 ? "No tokens found." : `No tokens match ${flags.join(" and ")}.`;
}

/** The values of the options that `addSelectionOptions` adds, and of `--role`. */
export interface SelectionOptions {
  readonly name?: ((name: string) => boolean) | undefined;
  readonly role?: string | undefined;
  readonly label?: Selector | undefined;
  readonly status?: TokenStatus | undefined;
  /** `--expired`, the same as the status `expired`. */
  readonly expired?: true | undefined;
  readonly expiringWithin?: number | undefined;
  readonly olderThan?: number | undefined;
  readonly unscoped?: true | undefined;
}

/** The value of `--user`. */
export interface OwnerOptions {
  readonly user?: string | undefined;
}

/** The values of the options of a command that changes several tokens. */
export interface ChangeOptions extends SelectionOptions {
  readonly all?: true | undefined;
}

/** `--role` of a command that sets no roles. */
export const roleFilterOption = () => new Option("--role <role>", "Only tokens with this role");

/** Adds the options that select tokens by their properties. A token must match all of them. */
export const addSelectionOptions = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  command
    .addOption(
      new ProviderOption("names", "--name <pattern>", "Only tokens named 'ci-*'").argParser(
        namePattern,
      ),
    )
    .addOption(
      new ProviderOption(
        "labels",
        "--label <name=value>",
        "Only tokens with this selector",
      ).argParser(parseSelectorOption),
    )
    .addOption(
      new ProviderOption("expiryDates", "--status <status>", "Only active or expired").choices([
        "active",
        "expired",
      ] as const),
    )
    .addOption(
      new ProviderOption(
        "expiryDates",
        "--expiring-within <duration>",
        "Only active tokens that expire within this time",
      ).argParser(parseDurationOption),
    )
    .addOption(
      new ProviderOption(
        "creationTimes",
        "--older-than <duration>",
        "Only tokens with a secret at least this old, for example 90d",
      ).argParser(parseDurationOption),
    )
    .addOption(
      new ProviderOption(
        "scopes",
        "--unscoped",
        "Only tokens without a selector or resource limit",
      ),
    )
    .addOption(allProfilesOption());

/** Adds the argument and the options of a command that shows selected tokens: see `findTokens`. */
export const addListOptions = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
  ownerDescription: string,
) =>
  addSelectionOptions(
    command
      .addArgument(
        new Argument(
          "[-]",
          "Read tokens from stdin: one ID or name per line, or the JSON of token list",
        ).choices([stdinArgument] as const),
      )
      .addOption(ownerOption(ownerDescription))
      .addOption(roleFilterOption()),
  );

/** `--all` of a command that changes tokens. */
export const allOption = () => new Option("--all", "All tokens, except the credential in use");

/** `--dry-run`: shows the tokens that would change. */
export const dryRunOption = () =>
  new Option("--dry-run", "Show the selected tokens and change nothing");

function namePattern(text: string): (name: string) => boolean {
  if (text === "") throw new InvalidArgumentError("Expected a pattern such as 'ci-*'.");
  return parseGlob(text);
}

/**
 * Returns the filter of the selection options.
 * @throws UsageError for an unknown role, an invalid label, or options that exclude each other.
 */
export function toTokenFilter(
  provider: Provider,
  { name, role, label, expired, expiringWithin, olderThan, unscoped, ...options }: SelectionOptions,
): TokenFilter {
  const status = expired ? "expired" : options.status;
  if (expiringWithin !== undefined && status === "expired")
    throw new UsageError(
      `--expiring-within cannot be used with ${expired ? "--expired" : "--status expired"}.`,
      {
        hint: "Remove one of the two options.",
      },
    );
  if (label) validateSelector(provider, label);
  const [knownRole] = role === undefined ? [] : validateRoles(provider, [role]).roles;
  return {
    matchesName: name,
    role: knownRole,
    selector: label,
    status,
    expiringWithin,
    olderThan,
    unscoped,
  };
}

/**
 * Checks that a command line selects tokens in one way: by names, by options or `-`, or with `--all`.
 * @param words the arguments: IDs and names, or `-`.
 * @returns whether it names the tokens.
 * @throws UsageError for several ways; CommanderError for none.
 */
export function checkSelection(
  command: CommandUnknownOpts,
  words: readonly string[],
  { all, ...options }: ChangeOptions,
): boolean {
  const hasFilter = selectionFlags(options).length > 0;
  const isFromStdin = words.includes(stdinArgument);
  const isNamed = words.length > 0 && !isFromStdin;
  if (isFromStdin && words.length > 1)
    throw new UsageError("- (stdin) cannot be used with other tokens.", {
      hint: "Pass all IDs or names on stdin, or all as arguments.",
    });
  if (isNamed && (hasFilter || all))
    throw new UsageError("Options that select tokens cannot be used with named tokens.", {
      hint: "Omit the names, or select tokens by name: --name PATTERN",
    });
  if (all && (hasFilter || isFromStdin))
    throw new UsageError("--all cannot be used with other options that select tokens.", {
      hint: "Omit --all to change only the tokens that match.",
    });
  if (!all && !hasFilter && words.length === 0)
    command.error("error: missing required argument 'token'", {
      code: "commander.missingArgument",
    });
  return isNamed;
}
