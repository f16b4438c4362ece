import { parseArgs } from "node:util";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../errors.ts";
import { type Format, formats } from "../output/format.ts";
import { lineage } from "./command-tree.ts";

/**
 * Tells a token's name from further roles among the words that are left: in `NAME -r A B` and
 * `-r A B -- NAME`, B is a role, as `osmo` has it; in `-r A NAME`, NAME is the name, as `ovhai`
 * has it. Commander keeps the words but not where they stood, so the line is read once more.
 * @throws UsageError if two words could be the name.
 */
export function nameAndRoles(
  command: CommandUnknownOpts,
  args: readonly string[],
): { readonly name: string | undefined; readonly roles: readonly string[] } {
  const tokens = tokenize(args, optionTypes(command));
  const at = (found: { index: number } | undefined) => found?.index ?? Infinity;
  const roleAt = at(tokens.find((token) => token.kind === "option" && /^roles?$/.test(token.name)));
  const dashesAt = at(tokens.find(({ kind }) => kind === "option-terminator"));
  const words = tokens
    .filter((token) => token.kind === "positional")
    .slice(lineage(command).length - 1);
  const isLate = ({ index }: { index: number }) => index > roleAt && index < dashesAt;
  const late = words.filter(isLate);
  const early = words.filter((word) => !isLate(word));
  const names = early.length > 0 ? early : late;
  if (names.length > 1)
    throw new UsageError(
      `${names.map(({ value }) => `"${value}"`).join(" and ")} could each be the token's name.`,
      { hint: "A token has one name: give it as the first word, or put -- before the name." },
    );
  return { name: names[0]?.value, roles: early.length > 0 ? late.map(({ value }) => value) : [] };
}

/** What editors and web pages make of a hyphen. */
const dash = /^[\u2010-\u2015\u2212]+/;

/**
 * Refuses what is taken for something else than it was meant to be: `-role` would be `-r ole`, and
 * `—role`, with another dash than the keyboard's, a word.
 * @throws UsageError
 */
export function checkDashes(command: CommandUnknownOpts, args: readonly string[]): void {
  const types = optionTypes(command);
  for (const token of tokenize(args, types)) {
    if (token.kind === "option-terminator") return;
    const [word = ""] = (args[token.index] ?? "").split("=");
    const name = word.replace(/^-(?=[^-])/, "").replace(dash, "");
    const isShort = token.kind === "option" && name.length > 1 && Object.hasOwn(types, name);
    const isWord = token.kind === "positional" && dash.test(word);
    if (isShort && word !== name && !word.startsWith("--"))
      throw new UsageError(`${word} is read as ${word.slice(0, 2)} with letters behind it.`, {
        hint: "The long name of an option stands behind two hyphens.",
        unknownWord: { word, candidates: [`--${name}`] },
      });
    if (isWord)
      throw new UsageError(`"${word}" begins with a dash that is no hyphen, so it is no option.`, {
        hint: "Put -- before a name that begins like this.",
        unknownWord: { word, candidates: [`${name.length > 1 ? "--" : "-"}${name}`] },
      });
  }
}

/** The format that a command line asks for, even if it can't be parsed: errors follow it too. */
export function requestedFormat(args: readonly string[]): Format | undefined {
  const type = { type: "string", multiple: true } as const;
  const options = { output: { ...type, short: "o" }, "format-type": { ...type, short: "t" } };
  const last = tokenize(args, options).findLast(
    (token) => token.kind === "option" && Object.hasOwn(options, token.name),
  );
  return formats.find((format) => last?.kind === "option" && last.value === format);
}

/** Returns the value of an option of a command line that may be invalid; the last one wins. */
export function findOption(
  args: readonly string[],
  name: string,
  short?: string,
): string | undefined {
  const type = { type: "string", ...(short !== undefined && { short }) } as const;
  const last = tokenize(args, { [name]: type }).findLast(
    (token) => token.kind === "option" && token.name === name,
  );
  return last?.kind === "option" ? last.value : undefined;
}

/** Whether a command line that can't be parsed has a flag all the same, before any `--`. */
export const hasFlag = (args: readonly string[], name: string): boolean =>
  tokenize(args, {}).some((token) => token.kind === "option" && token.name === name);

/** The words of a command line but for those that are a credential, or an id of 32 hex digits, by their option. */
export function omitCredentialArgs(args: readonly string[]): readonly string[] {
  const names = ["token", "app-token", "project", "namespace"];
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" } as const]));
  const known = tokenize(args, options).flatMap((token) =>
    token.kind === "option" && names.includes(token.name)
      ? [token.index, ...(token.inlineValue === false ? [token.index + 1] : [])]
      : [],
  );
  return args.filter((_, i) => !known.includes(i));
}

type OptionTypes = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>["options"]>;

/** The words of a command line, options told from values as far as they are known. */
export const tokenize = (args: readonly string[], options: OptionTypes) =>
  parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
    .tokens;

/** Commander's options as Node's own parser takes them: it has one long name for each. */
export const optionTypes = ({ options }: CommandUnknownOpts): OptionTypes =>
  Object.fromEntries(
    options.flatMap(({ long, short, required }) => {
      const type = required ? ("string" as const) : ("boolean" as const);
      const flags = [long, short].filter((flag) => flag?.startsWith("--"));
      const letter = short?.length === 2 ? { short: short.slice(1) } : {};
      return flags.map((flag, i) => [flag?.slice(2), { type, ...(i === 0 && letter) }]);
    }),
  );
