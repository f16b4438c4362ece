/** Returns the known words with the smallest distance to a mistyped word; none if all differ too much. */
export function nearest(word: string, known: readonly string[]): readonly string[] {
  const rated = [...new Set(known)].map((each) => ({ each, distance: distanceOf(word, each) }));
  const least = Math.min(...rated.map(({ distance }) => distance));
  return least === Infinity
    ? []
    : rated.filter(({ distance }) => distance === least).map(({ each }) => each);
}

/**
 * Returns the number of wrong characters: 0 if only capitals, punctuation or a URL scheme differ, 0.5
 * for a prefix, Infinity for words that differ too much.
 */
export function distanceOf(word: string, known: string): number {
  const [typed, intended] = [bare(word), bare(known)];
  if (typed === "" || intended === "") return Infinity;
  if (typed === intended || withoutScheme(word) === withoutScheme(known)) return 0;
  if (typed.length >= 4 && intended.startsWith(typed)) return 0.5;
  const shorter = Math.min(typed.length, intended.length);
  if (intended.length >= 4 && typed.startsWith(intended) && typed.length <= intended.length + 2)
    return 0.5;
  // Short words are close to many others.
  const most = shorter < 3 ? 0 : shorter < 5 ? 1 : shorter < 10 ? 2 : 3;
  if (Math.abs(typed.length - intended.length) > most || typed.length > longest) return Infinity;
  const distance = countEdits(typed, intended);
  return distance <= most ? distance : Infinity;
}

/** Longer words are not compared: it would take too long. */
const longest = 200;

/** Counts wrong, missing, extra and swapped letters (optimal string alignment distance). */
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

/** Removes a URL scheme, which may be missing or different. */
const withoutScheme = (word: string): string => bare(word.replace(/^https?:\/\//i, ""));
