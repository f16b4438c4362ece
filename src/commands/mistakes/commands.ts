import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { ownValue } from "../../core/own-value.ts";
import { descendants, isNamed, lineage, pathOf } from "../tree.ts";
import type { Correction } from "./line.ts";
import { differenceOf, farthest } from "./nearest.ts";
import { commandSynonyms } from "./synonyms.ts";

/** A word of the command line that is no option and no value, and where it stands. */
export interface Word {
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
 * that other tools call so, or one that is spelled much like it. Every command must be loaded.
 */
export function meantCommands(group: CommandUnknownOpts, words: readonly Word[]): readonly Meant[] {
  const before = lineage(group).length - 1;
  const typed = words.slice(before).map(({ value }) => value);
  return guess(group, typed).map(({ command, taken }) => {
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

function guess(group: CommandUnknownOpts, typed: readonly string[]): readonly Guess[] {
  const root = lineage(group)[0] ?? group;
  const [word = "", next = ""] = typed;
  // What another group has is a little further away.
  const found = closest(descendants(root), word, ({ parent }) => (parent === group ? 0 : 0.05));
  const guesses = found.map((command) => continued({ command, taken: 1 }, typed));
  // `list tokens`, `tokens list`: the words together say more than one of them.
  const surer = guesses.filter(({ taken }) => taken > 1);
  if (surer.length > 0 || guesses.some(({ command }) => isNamed(command, word)))
    return surer.length > 0 ? surer : guesses;
  // `ovhai token list`: one word too many.
  const later = root.commands.find((command) => isNamed(command, next));
  return later ? [continued({ command: later, taken: 2 }, typed)] : guesses;
}

/** Takes the next word too, if it goes on from the command or says once more what it is about. */
function continued({ command, taken }: Guess, typed: readonly string[]): Guess {
  const next = typed[taken];
  if (next === undefined) return { command, taken };
  const [child] = closest(command.commands, next);
  if (child) return { command: child, taken: taken + 1 };
  const { parent } = command;
  const again = isNamed(command, next) || (parent?.parent && rate(parent, next) === 0);
  return { command, taken: again ? taken + 1 : taken };
}

function closest(
  commands: readonly CommandUnknownOpts[],
  word: string,
  distance: (command: CommandUnknownOpts) => number = () => 0,
): readonly CommandUnknownOpts[] {
  const rated = commands.map((command) => ({ command, rate: rate(command, word) }));
  const far = rated.map(({ command, rate }) => rate + distance(command));
  const least = Math.min(1, ...far);
  return rated.filter((_, i) => far[i] === least).map(({ command }) => command);
}

/** 0 for a name of the command here or elsewhere, more for a misspelling of its name here. */
function rate(command: CommandUnknownOpts, word: string): number {
  const [, ...path] = pathOf(command).split(" ");
  const synonyms = [command.name(), path.join(" ")].flatMap(
    (name) => ownValue(commandSynonyms, name) ?? [],
  );
  if (isNamed(command, word) || synonyms.includes(word)) return 0;
  const names = [command.name(), ...command.aliases()];
  const difference = Math.min(...names.map((name) => differenceOf(word, name)));
  return difference > farthest ? Infinity : 0.1 + difference;
}
