import { parseArgs } from "node:util";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../errors.ts";
import { type Format, formats } from "../output/view.ts";
import { lineage } from "./command-tree.ts";

/**
 * Separates a token's name from further roles among the positional words. As with `osmo`, B is a role
 * in `NAME -r A B` and `-r A B -- NAME`; as with `ovhai`, NAME is the name in `-r A NAME`. Parses the
 * line again, because commander does not keep the positions of words.
 * @throws UsageError if several words can be the name.
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
      `Expected one token name, got ${names.length}: ${names.map(({ value }) => `"${value}"`).join(", ")}.`,
      { hint: "Pass one name as the first argument, or put -- before it." },
    );
  return { name: names[0]?.value, roles: early.length > 0 ? late.map(({ value }) => value) : [] };
}

/**
 * Separates the words of a command line before `--` from the words after it. The names of commands
 * and the options are omitted.
 * @returns `after`: undefined if there is no `--`.
 */
export function splitAtDashes(
  command: CommandUnknownOpts,
  args: readonly string[],
): { readonly before: readonly string[]; readonly after: readonly string[] | undefined } {
  const dashesAt = findDashes(command, args);
  const words = tokenize(args.slice(0, dashesAt), optionTypes(command)).flatMap((token) =>
    token.kind === "positional" ? token.value : [],
  );
  return {
    before: words.slice(lineage(command).length - 1),
    after: dashesAt === undefined ? undefined : args.slice(dashesAt + 1),
  };
}

/** Returns the index of the `--` that ends the options; undefined if there is none. */
export const findDashes = (
  command: CommandUnknownOpts,
  args: readonly string[],
): number | undefined =>
  tokenize(args, optionTypes(command)).find(({ kind }) => kind === "option-terminator")?.index;

/** Dashes that editors and web pages insert in place of hyphens. */
const dash = /^[\u2010-\u2015\u2212]+/;

/**
 * Checks the dashes of options.
 * @throws UsageError for `-role`, which would be parsed as `-r ole`, and for a typographic dash.
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
      throw new UsageError(`Invalid option "${word}": a long option starts with two hyphens.`, {
        hint: `For an option of several letters, use two hyphens. "${word}" means "${word.slice(0, 2)}" with the value "${word.slice(2)}".`,
        unknownWord: { word, candidates: [`--${name}`] },
      });
    if (isWord)
      throw new UsageError(
        `Invalid option "${word}": it starts with a typographic dash instead of a hyphen.`,
        {
          hint: "Type a hyphen (-) instead. If the word is a name, put -- before it.",
          unknownWord: { word, candidates: [`${name.length > 1 ? "--" : "-"}${name}`] },
        },
      );
  }
}

/** Returns the output format of a command line that may be invalid, for its error. */
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

/** Whether a command line that may be invalid has a flag before any `--`. */
export const hasFlag = (args: readonly string[], name: string): boolean =>
  tokenize(args, {}).some((token) => token.kind === "option" && token.name === name);

/** Returns the words of a command line without the values of options for credentials and project IDs. */
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

/** Splits a command line into options, values and positional words, given the known options. */
export const tokenize = (args: readonly string[], options: OptionTypes) =>
  parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
    .tokens;

/** Converts commander's options for `parseArgs` of Node, which allows one long name for each. */
export const optionTypes = ({ options }: CommandUnknownOpts): OptionTypes =>
  Object.fromEntries(
    options.flatMap(({ long, short, required }) => {
      const type = required ? ("string" as const) : ("boolean" as const);
      const flags = [long, short].filter((flag) => flag?.startsWith("--"));
      const letter = short?.length === 2 ? { short: short.slice(1) } : {};
      return flags.map((flag, i) => [flag?.slice(2), { type, ...(i === 0 && letter) }]);
    }),
  );
