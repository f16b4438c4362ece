import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { ownValue } from "../../core/text.ts";
import { descendants, isNamed, lineage, pathOf } from "../command-tree.ts";
import type { Correction } from "./line.ts";
import { distanceOf } from "./nearest.ts";
import { commandSynonyms } from "./synonyms.ts";

/** What a command does to things. */
export type Kind = "read" | "create" | "change" | "renew" | "delete";

/** The kinds of commands by their names; what is not here reads. */
const kinds: ReadonlyMap<string, Kind> = new Map([
  ["create", "create"],
  ["run", "create"],
  ["renew", "renew"],
  ["delete", "delete"],
  ["remove", "delete"],
  ["logout", "delete"],
  ["start", "change"],
  ["stop", "change"],
  ["set-label", "change"],
  ["set", "change"],
  ["use", "change"],
  ["login", "change"],
  ["import", "change"],
  ["recover", "change"],
]);

/** What a command does: a suggestion never leads to another kind than what was typed. */
export const kindOf = (command: CommandUnknownOpts): Kind => kinds.get(command.name()) ?? "read";

/** Whether what a command does to a thing can't be undone. */
export const isDestructive = (command: CommandUnknownOpts): boolean =>
  ["renew", "delete"].includes(kindOf(command)) || command.name() === "stop";

/** A word of the command line that is no option and no value, and where it stands. */
export interface TypedWord {
  readonly value: string;
  readonly index: number;
}

/** A command that may be meant, and how the words that name it would be put right. */
interface Meant {
  readonly command: CommandUnknownOpts;
  readonly correction: Correction;
}

/**
 * The commands that may be meant where `group` has none of that name: one of another group, one
 * that other tools call so, or one that is spelled much like it. None if they do different kinds of
 * things. Every command must be loaded.
 */
export function findIntendedCommands(
  group: CommandUnknownOpts,
  words: readonly TypedWord[],
): readonly Meant[] {
  const before = lineage(group).length - 1;
  const typed = words.slice(before).map(({ value }) => value);
  const guesses = guess(group, typed);
  const kinds = new Set(guesses.map(({ command }) => kindOf(command)));
  if (kinds.size > 1) return [];
  return guesses.map(({ command, taken }) => {
    const path = pathOf(command).split(" ").slice(1);
    const named = words.slice(0, before + taken);
    const correction = new Map(named.map(({ index }, i) => [index, i === 0 ? path : []]));
    return { command, correction };
  });
}

interface Guess {
  readonly command: CommandUnknownOpts;
  /** How many of the words say so. */
  readonly taken: number;
}

/** What a whole command line that was copied from elsewhere begins with. */
const programs = ["tokctl", "ovhai", "osmo", "auth"];

function guess(group: CommandUnknownOpts, typed: readonly string[]): readonly Guess[] {
  const root = lineage(group)[0] ?? group;
  const [word = "", next = ""] = typed;
  const later = programs.includes(word) && root.commands.find((each) => isNamed(each, next));
  if (later) return [continued({ command: later, taken: 2 }, typed)];
  const found =
    group === root
      ? closest(descendants(root), word)
      : [closest(group.commands, word), elsewhere(root, word)].find(({ length }) => length > 0);
  const guesses = (found ?? []).map((command) => continued({ command, taken: 1 }, typed));
  // `list tokens`, `tokens list`: the words together say more than one of them.
  const surer = guesses.filter(({ taken }) => taken > 1);
  return surer.length > 0 ? surer : guesses;
}

/** What reads or signs in, and has exactly this name, may be looked for in the wrong group. */
const elsewhere = (root: CommandUnknownOpts, word: string): readonly CommandUnknownOpts[] =>
  descendants(root).filter(
    (each) => isNamed(each, word) && (kindOf(each) === "read" || each.name() === "login"),
  );

/** Takes the next word too, if it goes on from the command or says once more what it is about. */
function continued({ command, taken }: Guess, typed: readonly string[]): Guess {
  const next = typed[taken];
  if (next === undefined) return { command, taken };
  const [child, ...others] = closest(command.commands, next);
  if (child && others.length === 0) return { command: child, taken: taken + 1 };
  const { parent } = command;
  return { command, taken: parent?.parent && rate(parent, next) === 0 ? taken + 1 : taken };
}

function closest(
  commands: readonly CommandUnknownOpts[],
  word: string,
): readonly CommandUnknownOpts[] {
  const rated = commands.map((command) => ({ command, rate: rate(command, word) }));
  const least = Math.min(...rated.map(({ rate }) => rate));
  if (least === Infinity) return [];
  const found = rated.filter(({ rate }) => rate === least).map(({ command }) => command);
  // Where anything harmless may be meant, what can't be undone is not offered.
  const isHarmless = ({ command, rate }: (typeof rated)[number]) =>
    rate < Infinity && !isDestructive(command);
  return least > 0 && found.some(isDestructive) && rated.some(isHarmless) ? [] : found;
}

/** 0 for a name of the command here or elsewhere, more for a misspelling of it. */
function rate(command: CommandUnknownOpts, word: string): number {
  const path = pathOf(command).split(" ").slice(1).join(" ");
  const synonyms = [command.name(), path].flatMap((name) => ownValue(commandSynonyms, name) ?? []);
  const names = [command.name(), ...command.aliases()];
  if ([...names, ...synonyms].includes(word)) return 0;
  const distances = names.map((name) => distanceOf(word, name));
  // What can't be undone is meant only by who missed its name by a single key.
  if (isDestructive(command))
    return Math.min(...distances.map((each) => (each <= 1 ? each : Infinity)));
  return Math.min(
    ...distances,
    ...synonyms.map((name) => Math.max(1, distanceOf(word, name)) + 0.1),
  );
}
