import type { CommanderError, CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { ownValue } from "../../core/text.ts";
import { CliError, type UnknownWord, UsageError } from "../../errors.ts";
import { checkDashes, optionTypes, tokenize } from "../argv.ts";
import type { Invocation } from "../command.ts";
import { descendants, lineage, pathOf } from "../command-tree.ts";
import { effectOf, isDestructive } from "../program-command.ts";
import { findIntendedCommands, type TypedWord } from "./commands.ts";
import {
  correctedLine,
  insertMissing,
  placeholderOf,
  replaceOption,
  replaceWord,
  type Suggestion,
  type TypedLine,
} from "./corrected-line.ts";
import { describeParseError, unknownFlagIn } from "./parse-error-message.ts";
import { nearest, optionSynonyms } from "./similar-words.ts";

/** An invalid command line and the command that it names. All commands are loaded. */
export interface FailedLine extends TypedLine {
  readonly examplesOf: Invocation["examplesOf"];
  /** Returns the command that a command line runs; undefined if the line is invalid. */
  readonly parse: (args: readonly string[]) => Promise<CommandUnknownOpts | undefined>;
}

/** Lines of a hint. */
type HintLines = readonly string[];

const maxSuggestions = 3;

/** Converts an error of commander to a usage error that suggests corrected command lines. */
export async function suggestForParseError(
  error: CommanderError,
  failed: FailedLine,
): Promise<CliError> {
  const { args, command } = failed;
  try {
    checkDashes(command, args);
  } catch (dashes) {
    if (dashes instanceof CliError) return suggestForUnknownWord(dashes, failed);
    throw dashes;
  }
  const help = `Run ${pathOf(command)} --help for usage.`;
  const hints = await hintsFor(error, failed);
  return new UsageError(describeParseError(error, command, args), { hint: [...hints, help] });
}

function hintsFor(error: CommanderError, failed: FailedLine): HintLines | Promise<HintLines> {
  switch (error.code) {
    case "commander.unknownCommand":
      return suggestCommands(failed);
    case "commander.unknownOption":
      return suggestOptions(unknownFlagIn(error.message), failed);
    case "commander.invalidArgument":
      return suggestChoices(error.message, failed);
    case "commander.optionMissingArgument":
      return suggestMissingValue(error.message, failed);
    case "commander.missingArgument":
      return showExample(failed);
    default:
      return [];
  }
}

/** Adds suggestions to the error of a command about an unknown word or missing arguments. */
export async function suggestForUnknownWord(
  error: CliError,
  failed: FailedLine,
): Promise<CliError> {
  const { command } = failed;
  const { code, message, hint, unknownWord, missingArgs, requestId, cause } = error;
  const hints = unknownWord
    ? await suggestSimilarWords(unknownWord, failed)
    : missingArgs
      ? await listSuggestions(
          [correctedLine(insertMissing(missingArgs, failed), new Map(), command)],
          failed,
        )
      : [];
  return new CliError(code, message, { hint: [...hints, ...[hint].flat()], requestId, cause });
}

function suggestCommands(failed: FailedLine): Promise<HintLines> {
  const { args, command: group } = failed;
  const words = wordsOf(args, group);
  const intended = findIntendedCommands(group, words);
  // A word can stand for an option: `tokctl version` for `tokctl --version`.
  const [typed] = words.slice(lineage(group).length - 1);
  const flag = `--${typed?.value}`;
  if (typed && intended.length === 0 && flagsOf(group).includes(flag))
    return listSuggestions([correctedLine(args, new Map([[typed.index, [flag]]]), group)], failed);
  return listSuggestions(
    intended.map(({ command, correction }) => correctedLine(args, correction, command)),
    failed,
  );
}

async function suggestOptions(flag: string, failed: FailedLine): Promise<HintLines> {
  const { args, command } = failed;
  const at = args.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const known = flagsOf(command);
  const has = (replacement: string) =>
    replacement === "" || known.includes(replacement.split(" ")[0] ?? "");
  const synonyms = ownValue(optionSynonyms, flag)?.filter(has) ?? [];
  const root = lineage(command)[0] ?? command;
  const owners = descendants(root).filter((each) => flagsOf(each).includes(flag));
  // An option of another command is not a misspelling.
  const long = known.filter(isLong);
  const near =
    owners.length > 0 ? long.filter((each) => each.startsWith(`${flag}-`)) : nearest(flag, long);
  const intended = synonyms.length > 0 ? synonyms : near;
  const lines = await listSuggestions(
    intended.map((replacement) =>
      correctedLine(args, replaceOption(at, replacement, failed), command),
    ),
    failed,
  );
  const alike = owners.filter((each) => effectOf(each) === effectOf(command));
  return [
    ...lines,
    ...alike.slice(0, maxSuggestions).map((each) => `${flag} is an option of ${pathOf(each)}.`),
  ];
}

/** Suggests the same command line with a value for its last option, which lacks one. */
async function suggestMissingValue(message: string, failed: FailedLine): Promise<HintLines> {
  const { args, command } = failed;
  const option = optionOf(message, command);
  const line = option && [...args, option.argChoices?.[0] ?? placeholderOf(option)];
  return listSuggestions(line ? [correctedLine(line, new Map(), command)] : [], failed);
}

const optionOf = (message: string, { options }: CommandUnknownOpts): Option | undefined =>
  options.find(({ flags }) => message.includes(`option '${flags}'`));

async function suggestChoices(message: string, failed: FailedLine): Promise<HintLines> {
  const { args, command } = failed;
  const option = optionOf(message, command);
  const choices = option?.argChoices;
  if (!option || !choices) return showExampleOf(option, failed);
  const wrong = tokenize(args, optionTypes(command)).find(
    (token) =>
      token.kind === "option" &&
      [option.long, option.short].includes(token.rawName) &&
      token.value !== undefined &&
      !choices.includes(token.value),
  );
  return wrong?.kind === "option" && wrong.value !== undefined
    ? suggestSimilarWords({ word: wrong.value, candidates: choices }, failed)
    : [];
}

/** Returns the first example of the command. */
const showExample = ({ command, examplesOf }: FailedLine): HintLines =>
  examplesOf(command)
    .slice(0, 1)
    .map(({ line }) => `For example: ${line}`);

/** Returns the first example of the command that has the option; nothing if none has. */
const showExampleOf = (
  option: Option | undefined,
  { command, examplesOf }: FailedLine,
): HintLines =>
  examplesOf(command)
    .filter(({ line }) =>
      line.split(" ").some((word) => word === option?.long || word === option?.short),
    )
    .slice(0, 1)
    .map(({ line }) => `For example: ${line}`);

/**
 * Suggests similar known words in place of an unknown one. For a destructive command, lists similar
 * names without a ready command line.
 */
async function suggestSimilarWords(
  {
    word,
    candidates: known,
    isDerived = false,
    replacements: names,
    manyWords = false,
  }: UnknownWord,
  failed: FailedLine,
): Promise<HintLines> {
  const { args, command } = failed;
  const ends = manyWords ? known.filter((each) => each.split(" ").at(-1) === word) : [];
  const near = isDerived ? known : ends.length > 0 ? ends : nearest(word, known);
  const intended = [...new Set(near.map((each) => names?.get(each) ?? each))];
  const at = indexOf(word, failed);
  const isChoice = command.options.some(({ argChoices }) =>
    argChoices?.includes(intended[0] ?? ""),
  );
  const listed = intended.slice(0, maxSuggestions).map((each) => `"${each}"`);
  if (isDestructive(command) && !isChoice)
    return intended.length > 0 ? [`Similar names: ${listed.join(", ")}.`] : [];
  if (at < 0) return intended.length > 0 ? [`Did you mean ${listed.join(" or ")}?`] : [];
  return listSuggestions(
    intended.map((each) => {
      const replaced = replaceWord(args[at] ?? "", word, each) ?? each;
      const words = manyWords ? replaced.split(" ") : [replaced];
      return correctedLine(args, new Map([[at, words]]), command);
    }),
    failed,
  );
}

/** Returns the index of a word that is not the name of a command. */
function indexOf(word: string, { args, command }: FailedLine): number {
  const names = new Set(
    wordsOf(args, command)
      .slice(0, lineage(command).length - 1)
      .map(({ index }) => index),
  );
  return args.findIndex((each, i) => !names.has(i) && replaceWord(each, word, "") !== undefined);
}

const wordsOf = (args: readonly string[], command: CommandUnknownOpts): readonly TypedWord[] =>
  tokenize(args, optionTypes(command)).flatMap((token) =>
    token.kind === "positional" ? [token] : [],
  );

/** Lists the suggested lines that are valid and do the same kind of operation as the typed command. */
async function listSuggestions(
  intended: readonly (Suggestion | undefined)[],
  { command, parse }: FailedLine,
): Promise<HintLines> {
  const lines: string[] = [];
  for (const each of intended) {
    const parsed = each && (await parse(each.args));
    const isGroup = command.commands.length > 0;
    if (each && parsed && (isGroup || effectOf(parsed) === effectOf(command)))
      lines.push(each.text);
  }
  return lines.length > 1
    ? ["Did you mean one of these?", ...lines.slice(0, maxSuggestions).map((line) => `  ${line}`)]
    : lines.map((line) => `Did you mean: ${line}`);
}

const isLong = (flag: string): boolean => flag.startsWith("--");

const flagsOf = (command: CommandUnknownOpts): readonly string[] =>
  command.options.flatMap(({ long, short }) => [long ?? [], short ?? []].flat());
