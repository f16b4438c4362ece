/** Whether a character matches one element of a pattern. */
type CharacterTest = (character: string) => boolean;

/**
 * Parses a pattern for whole names, as in a shell: `*` matches any characters, `?` exactly one,
 * `[abc]` and `[a-z]` one of a set, `[!a-z]` one outside it; a backslash makes the next character
 * literal. Matching is case-sensitive, and its time is proportional to both lengths.
 * @returns a function that tests a name.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_14
 */
export function parseGlob(pattern: string): (name: string) => boolean {
  // The alternatives match every character, so that no part of the pattern is lost.
  const parts = pattern.match(/\*+|\?|\[!?[^\]]+\]|\\.|./gsu) ?? [];
  const elements = parts.map((part) => (part.startsWith("*") ? "any" : toCharacterTest(part)));
  return (name) => matches(Array.from(name), elements);
}

function toCharacterTest(part: string): CharacterTest {
  if (part === "?") return () => true;
  const [, negation, set] = /^\[(!?)(.+)\]$/su.exec(part) ?? [];
  if (set === undefined) {
    const literal = part.replace(/^\\(?=.)/su, "");
    return (character) => character === literal;
  }
  const ranges = [...set.matchAll(/(.)-(.)|(.)/gsu)].map(
    ([, from, to, single = ""]) => [from ?? single, to ?? single] as const,
  );
  return (character) =>
    ranges.some(([from, to]) => isBetween(character, from, to)) === (negation === "");
}

/** Compares code points. */
const isBetween = (character: string, from: string, to: string): boolean => {
  const point = (text: string) => text.codePointAt(0) ?? 0;
  return point(character) >= point(from) && point(character) <= point(to);
};

/** Returns to the last `*` after a mismatch, which lets it match one more character. */
function matches(characters: readonly string[], elements: readonly (CharacterTest | "any")[]) {
  let element = 0;
  let star: { readonly element: number; readonly character: number } | undefined;
  for (let i = 0; i < characters.length; ) {
    const test = elements[element];
    if (test === "any") star = { element: element++, character: i };
    else if (test?.(characters[i] ?? "")) {
      element++;
      i++;
    } else if (star) {
      i = star.character + 1;
      star = { ...star, character: i };
      element = star.element + 1;
    } else return false;
  }
  return elements.slice(element).every((rest) => rest === "any");
}
