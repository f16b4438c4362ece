import { distance } from "fastest-levenshtein";

/** Beyond this nobody would see a likeness. */
export const farthest = 0.5;

/**
 * The known words that a mistyped one may stand for: the likeliest, or several that are equally
 * likely; none if it is like none of them.
 */
export function nearest(
  word: string,
  known: readonly string[],
  limit = farthest,
): readonly string[] {
  const rated = [...new Set(known)].map((each) => ({ each, difference: differenceOf(word, each) }));
  const least = Math.min(limit, ...rated.map(({ difference }) => difference));
  return rated.filter(({ difference }) => difference === least).map(({ each }) => each);
}

/** 0 for words that differ in capitals and punctuation only, 1 for those that share nothing. */
export function differenceOf(word: string, known: string): number {
  const parts = known.split(/[^\p{L}\p{N}]+/u);
  const toParts =
    parts.length > 1 ? parts.map((part) => 0.1 + compare(bare(word), bare(part))) : [];
  return Math.min(compare(bare(word), bare(known)), ...toParts);
}

function compare(typed: string, known: string): number {
  if (typed === known) return 0;
  const shorter = Math.min(typed.length, known.length);
  if (shorter >= 3 && (typed.startsWith(known) || known.startsWith(typed))) return 0.2;
  return distance(typed, known) / Math.max(typed.length, known.length);
}

const bare = (word: string): string => word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
