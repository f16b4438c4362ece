import type { CommanderError, CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { ownValue } from "../../core/text.ts";
import { CliError, type UnknownWord, UsageError } from "../../errors.ts";
import { checkDashes, optionTypes, tokenize } from "../argv.ts";
import type { Example, Invocation } from "../command.ts";
import { descendants, lineage, pathOf } from "../command-tree.ts";
import { findIntendedCommands, isDestructive, kindOf, type TypedWord } from "./commands.ts";
import { type Correction, correctedLine, type Suggestion } from "./line.ts";
import { nearest } from "./nearest.ts";
import { optionSynonyms } from "./synonyms.ts";

/** A command line that went wrong, and the command that it reached. Every command is loaded. */
export interface FailedLine {
  readonly args: readonly string[];
  readonly command: CommandUnknownOpts;
  readonly examplesOf: Invocation["examplesOf"];
  /** The command that a line runs; undefined if it can't be parsed. */
  readonly parse: (args: readonly string[]) => Promise<CommandUnknownOpts | undefined>;
}

/** Lines of a hint. */
type Advice = readonly string[];

/** More to choose from would be a list to read. */
const most = 4;

/** Commander's error in our words, with the line that was perhaps meant. */
export async function suggestForParseError(
  error: CommanderError,
  mistake: FailedLine,
): Promise<CliError> {
  const { args, command } = mistake;
  try {
    checkDashes(command, args);
  } catch (dashes) {
    if (dashes instanceof CliError) return suggestForUnknownWord(dashes, mistake);
    throw dashes;
  }
  const see = `See ${pathOf(command)} --help.`;
  const advice = await adviceOn(error, mistake);
  return new UsageError(sentenceOf(error.message), { hint: [...advice, see] });
}

const adviceOn = (error: CommanderError, mistake: FailedLine): Advice | Promise<Advice> =>
  error.code === "commander.unknownCommand"
    ? onCommand(mistake)
    : error.code === "commander.unknownOption"
      ? onOption(flagOf(error.message), mistake)
      : error.code === "commander.invalidArgument"
        ? onValue(error.message, mistake)
        : error.code === "commander.optionMissingArgument"
          ? onMissingValue(error.message, mistake)
          : onWords(mistake);

/** An error of a command's own, about a word that it does not know. */
export async function suggestForUnknownWord(
  error: CliError,
  mistake: FailedLine,
): Promise<CliError> {
  const { args, command } = mistake;
  const { code, message, hint, unknownWord, missingArgs, requestId, cause } = error;
  const advice = unknownWord
    ? await onWord(unknownWord, mistake)
    : missingArgs
      ? [
          ...(await didYouMean(
            [correctedLine([...args, ...missingArgs], new Map(), command)],
            mistake,
          )),
          ...onWords(mistake),
        ]
      : [];
  return new CliError(code, message, { hint: [...advice, ...[hint].flat()], requestId, cause });
}

/**
 * What is glued to an unknown or to a short option may be the secret of a mistyped one
 * (`-tokn=…` is read as `-t okn=…`): it is not shown.
 */
function sentenceOf(message: string): string {
  const [sentence = ""] = message.replace(/^error: /, "").split("\n(");
  const said = sentence
    .replace(/^unknown option '(-{1,2}[\w-]*).*$/s, "unknown option '$1'")
    .replace(/'([^']{80})[^']*'/g, "'$1…'")
    .replace(/^(option '-[^-].*' argument) '.*?' is invalid/s, "$1 is invalid");
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}${said.endsWith(".") ? "" : "."}`;
}

function onCommand(mistake: FailedLine): Promise<Advice> {
  const { args, command: group } = mistake;
  const words = wordsOf(args, group);
  const meant = findIntendedCommands(group, words);
  // `tokctl version` is an option of ours.
  const [typed] = words.slice(lineage(group).length - 1);
  const flag = `--${typed?.value}`;
  if (typed && meant.length === 0 && flagsOf(group).includes(flag))
    return didYouMean([correctedLine(args, new Map([[typed.index, [flag]]]), group)], mistake);
  return didYouMean(
    meant.map(({ command, correction }) => correctedLine(args, correction, command)),
    mistake,
  );
}

async function onOption(flag: string, mistake: FailedLine): Promise<Advice> {
  const { args, command } = mistake;
  const at = args.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const known = flagsOf(command);
  const has = (replacement: string) =>
    replacement === "" || known.includes(replacement.split(" ")[0] ?? "");
  const elsewhere = ownValue(optionSynonyms, flag)?.filter(has) ?? [];
  const root = lineage(command)[0] ?? command;
  const owners = descendants(root).filter((each) => flagsOf(each).includes(flag));
  // What is spelt rightly, for another command, is no misspelling.
  const long = known.filter(isLong);
  const near =
    owners.length > 0 ? long.filter((each) => each.startsWith(`${flag}-`)) : nearest(flag, long);
  const meant = elsewhere.length > 0 ? elsewhere : near;
  const lines = await didYouMean(
    meant.map((replacement) =>
      correctedLine(args, replaceOption(at, replacement, mistake), command),
    ),
    mistake,
  );
  const alike = owners.filter((each) => kindOf(each) === kindOf(command));
  if (lines.length === 0 && alike.length === 0) return onWords(mistake);
  return [
    ...lines,
    ...alike.slice(0, most).map((each) => `${flag} is an option of ${pathOf(each)}.`),
  ];
}

/**
 * Puts an option that is known in an unknown one's place. What was glued to that, or may be a
 * secret by its name, is not repeated unless it is one of the known values.
 */
function replaceOption(at: number, replacement: string, { args, command }: FailedLine): Correction {
  const by = replacement.split(" ").filter(Boolean);
  const [flag = ""] = by;
  const option = command.options.find(({ long, short }) => [long, short].includes(flag));
  const [word = "", glued] = (args[at] ?? "").split(/=(.*)/s);
  const takesMore = option?.required === true && by.length === 1;
  if (!takesMore) return new Map([[at, by]]);
  const given = glued ?? args[at + 1];
  const repeats = glued === undefined && !/tok|secret|pass|pwd|key|cred|auth|bearer/i.test(word);
  const value =
    given !== undefined && (repeats || option.argChoices?.includes(given))
      ? given
      : placeholderOf(option);
  const next = glued === undefined && given !== undefined ? [[at + 1, []] as const] : [];
  return new Map<number, readonly string[]>([[at, [...by, value]], ...next]);
}

/** `WHEN` of `-e, --expires-at <when>` */
const placeholderOf = ({ flags }: Pick<Option, "flags">): string =>
  (/<(.+)>/.exec(flags)?.[1] ?? "value").toUpperCase();

/** The option stands last, or what followed would be its value. */
async function onMissingValue(message: string, mistake: FailedLine): Promise<Advice> {
  const { args, command } = mistake;
  const option = optionOf(message, command);
  const line = option && [...args, option.argChoices?.[0] ?? placeholderOf(option)];
  return didYouMean(line ? [correctedLine(line, new Map(), command)] : [], mistake);
}

const optionOf = (message: string, { options }: CommandUnknownOpts): Option | undefined =>
  options.find(({ flags }) => message.includes(`option '${flags}'`));

async function onValue(message: string, mistake: FailedLine): Promise<Advice> {
  const { args, command } = mistake;
  const option = optionOf(message, command);
  const choices = option?.argChoices;
  if (!option || !choices) return onWords(mistake, option);
  const wrong = tokenize(args, optionTypes(command)).find(
    (token) =>
      token.kind === "option" &&
      [option.long, option.short].includes(token.rawName) &&
      token.value !== undefined &&
      !choices.includes(token.value),
  );
  return wrong?.kind === "option" && wrong.value !== undefined
    ? onWord({ word: wrong.value, candidates: choices }, mistake)
    : [];
}

/** Returns an example of the command: one that has the option, if there is one. */
function onWords({ command, examplesOf }: FailedLine, option?: Option): Advice {
  const examples = examplesOf(command);
  const has = ({ line }: Example) =>
    line.split(" ").some((word) => word === option?.long || word === option?.short);
  const example = examples.find(has) ?? examples[0];
  return example ? [`For example: ${example.line}`] : [];
}

/**
 * What else a word may be. Where the line destroys something, it is not completed with the name of
 * another thing, profile or place: similar names are listed.
 */
async function onWord(
  {
    word,
    candidates: known,
    isDerived = false,
    replacements: names,
    manyWords = false,
  }: UnknownWord,
  mistake: FailedLine,
): Promise<Advice> {
  const { args, command } = mistake;
  const ends = manyWords ? known.filter((each) => each.split(" ").at(-1) === word) : [];
  const near = isDerived ? known : ends.length > 0 ? ends : nearest(word, known);
  const meant = [...new Set(near.map((each) => names?.get(each) ?? each))];
  const at = indexOf(word, mistake);
  const isChoice = command.options.some(({ argChoices }) => argChoices?.includes(meant[0] ?? ""));
  const listed = meant.slice(0, most).map((each) => `"${each}"`);
  if (isDestructive(command) && !isChoice)
    return meant.length > 0 ? [`Similar names: ${listed.join(", ")}.`] : [];
  if (at < 0) return meant.length > 0 ? [`Did you mean ${listed.join(" or ")}?`] : [];
  return didYouMean(
    meant.map((each) => {
      const replaced = replaceWord(args[at] ?? "", word, each) ?? each;
      const words = manyWords ? replaced.split(" ") : [replaced];
      return correctedLine(args, new Map([[at, words]]), command);
    }),
    mistake,
  );
}

/** Where a word stands that is no command's name. */
function indexOf(word: string, { args, command }: FailedLine): number {
  const names = new Set(
    wordsOf(args, command)
      .slice(0, lineage(command).length - 1)
      .map(({ index }) => index),
  );
  return args.findIndex((each, i) => !names.has(i) && replaceWord(each, word, "") !== undefined);
}

/** The word alone, an option before its value, or a value behind its option. */
function replaceWord(arg: string, word: string, meant: string): string | undefined {
  if (arg === word) return meant;
  if (arg.startsWith(`${word}=`)) return `${meant}${arg.slice(word.length)}`;
  if (arg.startsWith("--") && arg.endsWith(`=${word}`))
    return `${arg.slice(0, -word.length)}${meant}`;
  return arg.startsWith("-") && arg.slice(2) === word ? `${arg.slice(0, 2)}${meant}` : undefined;
}

const wordsOf = (args: readonly string[], command: CommandUnknownOpts): readonly TypedWord[] =>
  tokenize(args, optionTypes(command)).flatMap((token) =>
    token.kind === "positional" ? [token] : [],
  );

/** The lines that parse, and do the same kind of thing as the command that was typed. */
async function didYouMean(
  meant: readonly (Suggestion | undefined)[],
  { command, parse }: FailedLine,
): Promise<Advice> {
  const lines: string[] = [];
  for (const each of meant) {
    const parsed = each && (await parse(each.args));
    const isGroup = command.commands.length > 0;
    if (each && parsed && (isGroup || kindOf(parsed) === kindOf(command))) lines.push(each.text);
  }
  return lines.length > 1
    ? ["Did you mean one of these?", ...lines.slice(0, most).map((line) => `  ${line}`)]
    : lines.map((line) => `Did you mean: ${line}`);
}

const flagOf = (message: string): string => /'(-{1,2}[\w-]*)/.exec(message)?.[1] ?? "";

const isLong = (flag: string): boolean => flag.startsWith("--");

const flagsOf = (command: CommandUnknownOpts): readonly string[] =>
  command.options.flatMap(({ long, short }) => [long ?? [], short ?? []].flat());
