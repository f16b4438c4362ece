import widthOf from "fast-string-width";

/** Matches the parts of a word. It can be broken after punctuation. */
const partsOfWords = /[^-_/.,:;=@]*[-_/.,:;=@]+|[^-_/.,:;=@]+/g;

/**
 * The segmenter, created on first use, because loading its data takes longer than formatting a
 * table.
 */
let characters: Intl.Segmenter | undefined;

/**
 * Wraps a text into lines of at most `width` terminal cells: between words, and in a word that is wider
 * than a line, after punctuation if possible.
 */
export function wrap(text: string, width: number): readonly string[] {
  if (widthOf(text) <= width) return [text];
  return fill(text.split(" "), " ", width, (word) =>
    fill(word.match(partsOfWords) ?? [word], "", width, (part) =>
      fill(segment(part), "", width, (character) => [character]),
    ),
  );
}

/** Joins as many parts as fit into each line. A part that is too wide is split with `breakUp`. */
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

/** Splits a text into grapheme clusters, which must not be broken. */
function* segment(text: string): Generator<string> {
  characters ??= new Intl.Segmenter();
  for (const { segment } of characters.segment(text)) yield segment;
}

/**
 * Wraps a line into lines of at most `width` terminal cells, only between words, so that words can be
 * copied. All lines keep its indent.
 */
export function wrapWords(line: string, width: number): readonly string[] {
  const indent = /^ */.exec(line)?.[0] ?? "";
  return fill(line.slice(indent.length).split(" "), " ", width - indent.length, (word) => [
    word,
  ]).map((part) => `${indent}${part}`);
}

/**
 * Wraps a line with a hanging indent of `hang` characters. On a narrow terminal, the text starts on
 * the line below the first `hang` characters.
 */
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
