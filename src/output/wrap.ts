import widthOf from "fast-string-width";

/** Where a word may be broken if it does not fit into a line by itself: behind any of these. */
const partsOfWords = /[^-_/.,:;=@]*[-_/.,:;=@]+|[^-_/.,:;=@]+/g;

/** The parts of a text between which it may be broken. */
export const partsOf = (text: string): readonly string[] =>
  text.split(" ").flatMap((word) => word.match(partsOfWords) ?? []);

/** It loads a dictionary, which takes longer than the rest of a table. */
let characters: Intl.Segmenter | undefined;

/**
 * Breaks a text into lines of at most `width` terminal cells: between words, inside a word only if
 * the word is wider than a line, and there behind punctuation if possible. Nothing of a word is lost.
 */
export function wrap(text: string, width: number): readonly string[] {
  if (widthOf(text) <= width) return [text];
  return fill(text.split(" "), " ", width, (word) =>
    fill(word.match(partsOfWords) ?? [word], "", width, (part) =>
      fill(segment(part), "", width, (character) => [character]),
    ),
  );
}

/** Puts as many parts into a line as there is room for. What is too wide by itself is broken further. */
function fill(
  parts: Iterable<string>,
  glue: string,
  width: number,
  breakUp: (part: string) => readonly string[],
): readonly string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const part of parts) {
    const longer: string = line === undefined ? part : `${line}${glue}${part}`;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== undefined) lines.push(line);
    const pieces = widthOf(part) <= width ? [part] : breakUp(part);
    for (const piece of pieces.slice(0, -1)) lines.push(piece);
    line = pieces.at(-1);
  }
  return line === undefined ? lines : [...lines, line];
}

/** Characters as they are seen: half of one is another, or none. */
function* segment(text: string): Generator<string> {
  characters ??= new Intl.Segmenter();
  for (const { segment } of characters.segment(text)) yield segment;
}

/**
 * Breaks a line into lines of at most `width` terminal cells, between words alone: what can be
 * copied stays whole. All begin with the spaces that it begins with.
 */
export function wrapWords(line: string, width: number): readonly string[] {
  const indent = /^ */.exec(line)?.[0] ?? "";
  return fill(line.slice(indent.length).split(" "), " ", width - indent.length, (word) => [
    word,
  ]).map((part) => `${indent}${part}`);
}

/** Hangs what stands behind the first `hang` characters of a line below itself, or below these where that is narrow. */
export function wrapHanging(line: string, hang: number, width: number): readonly string[] {
  const [lead, rest] = [line.slice(0, hang), line.slice(hang)];
  const isNarrow = width - hang < 30;
  const indent = isNarrow ? "  " : " ".repeat(hang);
  const [first = "", ...more] = wrapWords(rest, width - indent.length).map(
    (part) => `${indent}${part}`,
  );
  if (!isNarrow) return [`${lead}${first.slice(hang)}`, ...more];
  return [...(lead.trim() === "" ? [] : [lead.trimEnd()]), first, ...more];
}
