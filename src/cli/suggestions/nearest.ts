/**
 * The known words that a mistyped one may stand for: the likeliest, or several that are equally
 * likely; none if it is like none of them.
 */
export function nearest(word: string, known: readonly string[]): readonly string[] {
  const rated = [...new Set(known)].map((each) => ({ each, distance: distanceOf(word, each) }));
  const least = Math.min(...rated.map(({ distance }) => distance));
  return least === Infinity
    ? []
    : rated.filter(({ distance }) => distance === least).map(({ each }) => each);
}

/**
 * How many characters are wrong: 0 for words that differ in capitals, punctuation and the scheme of a URL only, 0.5 for
 * the beginning of a word, Infinity for words that nobody would mistake for each other.
 */
export function distanceOf(word: string, known: string): number {
  const [typed, meant] = [bare(word), bare(known)];
  if (typed === "" || meant === "") return Infinity;
  if (typed === meant || withoutScheme(word) === withoutScheme(known)) return 0;
  if (typed.length >= 4 && meant.startsWith(typed)) return 0.5;
  const shorter = Math.min(typed.length, meant.length);
  if (meant.length >= 4 && typed.startsWith(meant) && typed.length <= meant.length + 2) return 0.5;
  // Of a short word every other one is but a few letters away.
  const most = shorter < 3 ? 0 : shorter < 5 ? 1 : shorter < 10 ? 2 : 3;
  if (Math.abs(typed.length - meant.length) > most || typed.length > longest) return Infinity;
  const distance = countEdits(typed, meant);
  return distance <= most ? distance : Infinity;
}

/** Longer words are no names, and comparing them would take long. */
const longest = 200;

/** Letters that are wrong, missing, too many or swapped with the next (optimal string alignment). */
function countEdits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const edits = [(last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost];
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits.push((beforeLast[j - 2] ?? 0) + 1);
      row.push(Math.min(...edits));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

const bare = (word: string): string => word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");

/** The scheme of a URL may be left out, or be another. */
const withoutScheme = (word: string): string => bare(word.replace(/^https?:\/\//i, ""));
