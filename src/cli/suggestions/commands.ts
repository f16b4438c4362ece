import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { ownValue } from "../../core/text.ts";
import { descendants, isNamed, lineage, pathOf } from "../command-tree.ts";
import { effectOf, isDestructive } from "../program-command.ts";
import type { Correction } from "./corrected-line.ts";
import { commandSynonyms, distanceOf } from "./similar-words.ts";

/** A positional word of the command line and its index. */
export interface TypedWord {
  readonly value: string;
  readonly index: number;
}

/** A command that the user may have intended, and the correction of the words that name it. */
interface IntendedCommand {
  readonly command: CommandUnknownOpts;
  readonly correction: Correction;
}

/**
 * Returns the commands that an unknown name in `group` may stand for: a command of another group, a
 * synonym from other tools, or a similar spelling. Returns none if they differ in their effect. All
 * commands must be loaded.
 */
export function findIntendedCommands(
  group: CommandUnknownOpts,
  words: readonly TypedWord[],
): readonly IntendedCommand[] {
  const before = lineage(group).length - 1;
  const typed = words.slice(before).map(({ value }) => value);
  const guesses = guess(group, typed);
  const effects = new Set(guesses.map(({ command }) => effectOf(command)));
  if (effects.size > 1) return [];
  return guesses.map(({ command, taken }) => {
    const path = pathOf(command).split(" ").slice(1);
    const named = words.slice(0, before + taken);
    const correction = new Map(named.map(({ index }, i) => [index, i === 0 ? path : []]));
    return { command, correction };
  });
}

interface Guess {
  readonly command: CommandUnknownOpts;
  /** The number of typed words that form the name of the command. */
  readonly taken: number;
}

/** First words of command lines copied from other tools. */
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
  // `list tokens`, `tokens list`: two matching words are better than one.
  const surer = guesses.filter(({ taken }) => taken > 1);
  return surer.length > 0 ? surer : guesses;
}

/** Returns commands of other groups with exactly this name, if they only read or sign in. */
const elsewhere = (root: CommandUnknownOpts, word: string): readonly CommandUnknownOpts[] =>
  descendants(root).filter(
    (each) => isNamed(each, word) && (effectOf(each) === "read" || each.name() === "login"),
  );

/** Includes the next word if it names a subcommand, or repeats the group. */
function continued({ command, taken }: Guess, typed: readonly string[]): Guess {
  const next = typed[taken];
  if (next === undefined) return { command, taken };
  const [child, ...others] = closest(command.commands, next);
  if (child && others.length === 0) return { command: child, taken: taken + 1 };
  const { parent } = command;
  return { command, taken: parent?.parent && nameDistance(parent, next) === 0 ? taken + 1 : taken };
}

/** Returns the commands with the most similar name; several if they are equally similar. */
function closest(
  commands: readonly CommandUnknownOpts[],
  word: string,
): readonly CommandUnknownOpts[] {
  const candidates = commands
    .map((command) => ({ command, distance: nameDistance(command, word) }))
    .filter(({ distance }) => distance < Infinity);
  const least = Math.min(...candidates.map(({ distance }) => distance));
  const found = candidates
    .filter(({ distance }) => distance === least)
    .map(({ command }) => command);
  // A destructive command is only a guess if no harmless one is similar.
  const isUnsafe =
    least > 0 &&
    found.some(isDestructive) &&
    candidates.some(({ command }) => !isDestructive(command));
  return isUnsafe ? [] : found;
}

/** Returns 0 for a name or synonym of the command, and the edit distance for a misspelling. */
function nameDistance(command: CommandUnknownOpts, word: string): number {
  const path = pathOf(command).split(" ").slice(1).join(" ");
  const synonyms = [command.name(), path].flatMap((name) => ownValue(commandSynonyms, name) ?? []);
  const names = [command.name(), ...command.aliases()];
  if ([...names, ...synonyms].includes(word)) return 0;
  const distances = names.map((name) => distanceOf(word, name));
  // A destructive command needs a spelling with at most one error.
  if (isDestructive(command))
    return Math.min(...distances.map((each) => (each <= 1 ? each : Infinity)));
  return Math.min(
    ...distances,
    ...synonyms.map((name) => Math.max(1, distanceOf(word, name)) + 0.1),
  );
}
