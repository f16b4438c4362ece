import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { quoteWord } from "../../core/quoting.ts";
import { ownValue } from "../../core/text.ts";
import { findDashes, optionTypes, tokenize } from "../argv.ts";
import { isSecretOption } from "../options.ts";

/** A command line and the command that it names. */
export interface TypedLine {
  readonly args: readonly string[];
  readonly command: CommandUnknownOpts;
}

/** Replacement words by the index of the word that they replace. */
export type Correction = ReadonlyMap<number, readonly string[]>;

/** Longer command lines are not suggested. */
const longest = 300;

/** A corrected command line. */
export interface Suggestion {
  /** The quoted command line, to copy. */
  readonly text: string;
  readonly args: readonly string[];
}

/**
 * Returns the corrected command line, with the credential replaced by TOKEN.
 * @returns undefined for a very long line, or if a value after an unknown option may be a secret.
 */
export function correctedLine(
  args: readonly string[],
  correction: Correction,
  command: CommandUnknownOpts,
): Suggestion | undefined {
  const corrected = args.flatMap((word, i) => correction.get(i) ?? [word]);
  const types = optionTypes(command);
  const line: string[] = [];
  for (const token of tokenize(corrected, types)) {
    if (token.kind === "option-terminator") line.push("--");
    else if (token.kind === "positional") line.push(token.value);
    else {
      const glued = token.inlineValue === true && !token.rawName.startsWith("--");
      const type = ownValue(types, token.name)?.type;
      if (!type || (glued && token.value.includes("="))) return undefined;
      line.push(token.rawName);
      if (token.value !== undefined && type === "string")
        line.push(isSecretOption(token.name) ? "TOKEN" : token.value);
    }
  }
  const text = ["tokctl", ...line.map(quoteWord)].join(" ");
  return text.length > longest ? undefined : { text, args: line };
}

/** Adds missing arguments at the end of a command line, or options before a `--`. */
export function insertMissing(
  missing: readonly string[],
  { args, command }: TypedLine,
): readonly string[] {
  const isOption = missing[0]?.startsWith("-") === true;
  return args.toSpliced(
    (isOption ? findDashes(command, args) : undefined) ?? args.length,
    0,
    ...missing,
  );
}

/**
 * Replaces an unknown option with a known one. A value that is attached with `=`, or whose option is
 * named like a secret, becomes a placeholder unless it is one of the option's choices.
 */
export function replaceOption(
  at: number,
  replacement: string,
  { args, command }: TypedLine,
): Correction {
  const by = replacement.split(" ").filter(Boolean);
  const [flag = ""] = by;
  const option = command.options.find(({ long, short }) => [long, short].includes(flag));
  const [word = "", attached] = (args[at] ?? "").split(/=(.*)/s);
  const takesMore = option?.required === true && by.length === 1;
  if (!takesMore) return new Map([[at, by]]);
  const given = attached ?? args[at + 1];
  const repeats = attached === undefined && !/tok|secret|pass|pwd|key|cred|auth|bearer/i.test(word);
  const value =
    given !== undefined && (repeats || option.argChoices?.includes(given))
      ? given
      : placeholderOf(option);
  const next = attached === undefined && given !== undefined ? [[at + 1, []] as const] : [];
  return new Map<number, readonly string[]>([[at, [...by, value]], ...next]);
}

/** `WHEN` of `-e, --expires-at <when>` */
export const placeholderOf = ({ flags }: Pick<Option, "flags">): string =>
  (/<(.+)>/.exec(flags)?.[1] ?? "value").toUpperCase();

/** Replaces a word that is a whole argument, the option in `word=value`, or the value in `--option=word`. */
export function replaceWord(arg: string, word: string, intended: string): string | undefined {
  if (arg === word) return intended;
  if (arg.startsWith(`${word}=`)) return `${intended}${arg.slice(word.length)}`;
  if (arg.startsWith("--") && arg.endsWith(`=${word}`))
    return `${arg.slice(0, -word.length)}${intended}`;
  return arg.startsWith("-") && arg.slice(2) === word ? `${arg.slice(0, 2)}${intended}` : undefined;
}
