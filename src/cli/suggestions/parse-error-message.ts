import type { CommanderError, CommandUnknownOpts } from "@commander-js/extra-typings";
import { optionTypes, tokenize } from "../argv.ts";

const longestValue = 80;

/**
 * Returns the message of a commander error in the words of the other errors. Omits a value
 * attached to a short option: it may be a secret after a mistyped option (`-tokn=…` is read as
 * `-t okn=…`).
 */
export function describeParseError(
  { code, message }: CommanderError,
  command: CommandUnknownOpts,
  args: readonly string[],
): string {
  switch (code) {
    case "commander.invalidArgument":
      return describeInvalidValue(message, command, args);
    case "commander.optionMissingArgument":
      return `Missing value for ${flagIn(message)}.`;
    case "commander.missingArgument":
      return `Missing argument ${quotedIn(message).toUpperCase()}.`;
    case "commander.unknownOption":
      return `Unknown option "${unknownFlagIn(message)}".`;
    case "commander.unknownCommand":
      return `Unknown command "${shorten(quotedIn(message))}".`;
    case "commander.excessArguments":
      return `Unexpected argument "${shorten(command.args[command.registeredArguments.length] ?? "")}".`;
    case "commander.conflictingOption":
      return `${flagIn(message)} cannot be used with ${flagIn(message.replace(/^.*cannot be used/, ""))}.`;
    default: {
      const sentence = message.replace(/^error: /, "");
      return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
    }
  }
}

/** Returns the option of `unknown option '--name=value'` without its value. */
export const unknownFlagIn = (message: string): string =>
  /'(-{1,2}[\w-]*)/.exec(message)?.[1] ?? "";

function describeInvalidValue(
  message: string,
  command: CommandUnknownOpts,
  args: readonly string[],
): string {
  const option = /^error: option '([^']+)' argument '(.*?)' is invalid\.\s*(.*)$/s.exec(message);
  if (option) {
    const [, flags = "", value = "", reason = ""] = option;
    const flag = longFlag(flags);
    const shown = isAttached(flags, command, args) ? "" : ` "${shorten(value)}"`;
    return `Invalid value${shown} for ${flag}: ${toClause(reason)}`;
  }
  const [, value = "", name = "", reason = ""] =
    /^error: command-argument value '(.*)' is invalid for argument '([^']+)'\.\s*(.*)$/s.exec(
      message,
    ) ?? [];
  return name === "-"
    ? `Unexpected argument "${shorten(value)}".`
    : `Invalid value "${shorten(value)}" for ${name.toUpperCase()}: ${toClause(reason)}`;
}

/** Whether the command line has a short form of the option with a value attached: `-lgroup`. */
const isAttached = (
  flags: string,
  command: CommandUnknownOpts,
  args: readonly string[],
): boolean => {
  const option = command.options.find((each) => each.flags === flags);
  return tokenize(args, optionTypes(command)).some(
    (token) =>
      token.kind === "option" &&
      token.inlineValue === true &&
      token.rawName === option?.short &&
      !token.rawName.startsWith("--"),
  );
};

/** Converts a reason, which is a sentence, to the clause after a colon. */
const toClause = (reason: string): string =>
  `${reason.charAt(0).toLowerCase()}${reason.slice(1)}`.replace(
    /^allowed choices are /,
    "expected one of ",
  );

/** Returns the option in `option '-e, --expires-at <when>'`: its long form. */
const flagIn = (message: string): string => longFlag(quotedIn(message));

const longFlag = (flags: string): string => flags.match(/--[\w-]+/g)?.at(-1) ?? flags;

const quotedIn = (message: string): string => /'([^']*)'/.exec(message)?.[1] ?? "";

const shorten = (value: string): string =>
  value.length > longestValue ? `${value.slice(0, longestValue)}…` : value;
