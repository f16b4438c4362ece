import widthOf from "fast-string-width";

/** A column of what is said of items. */
export interface TableColumn<T> {
  readonly heading: string;
  readonly text: (item: T) => string;
  /** Adds colour to a cell, and nothing that takes up room. */
  readonly paint: (text: string, item: T) => string;
  /** What it may lose where there is no room: nothing, all of it or nothing, or the ends of its texts. */
  readonly loses: "nothing" | "all" | "ends";
}

export interface TableOptions<T> {
  /** The columns in the order in which they give way until the lines fit into `room`. */
  readonly yielding: readonly TableColumn<T>[];
  /** How many cells of the terminal a line may take up. */
  readonly room: number;
  readonly paintHeading: (text: string) => string;
}

const gap = "  ";

/** A text that is wider stands out of its column, or one would make every line as long. */
const widestColumn = 200;

/**
 * Lines of columns two spaces apart, without borders and without spaces at a line's end, the
 * headings first. Every item is looked at twice, so that no cell has to be kept.
 */
export function* formatTable<T>(
  items: readonly T[],
  columns: readonly TableColumn<T>[],
  { yielding, room, paintHeading }: TableOptions<T>,
): Generator<string> {
  const widths = measure(items, columns, yielding, room);
  const shown = columns.flatMap((column) => {
    const width = widths.get(column);
    return width === undefined ? [] : [{ ...column, width }];
  });
  yield line(shown, ({ heading }) => heading, paintHeading);
  for (const item of items)
    yield line(
      shown,
      ({ text }) => text(item),
      (text, { paint }) => paint(text, item),
    );
}

type Shown<T> = TableColumn<T> & { readonly width: number };

const line = <T>(
  columns: readonly Shown<T>[],
  textOf: (column: Shown<T>) => string,
  paint: (text: string, column: Shown<T>) => string,
): string =>
  columns
    .map((column) => {
      const text = cut(textOf(column), column.width);
      const room = Math.min(column.width, widestColumn) - widthOf(text);
      return `${paint(text, column)}${" ".repeat(Math.max(0, room))}`;
    })
    .join(gap)
    .trimEnd();

/** How wide each column is; one that would be narrower than its heading, or may not be cut, is left out. */
function measure<T>(
  items: readonly T[],
  columns: readonly TableColumn<T>[],
  yielding: readonly TableColumn<T>[],
  room: number,
): ReadonlyMap<TableColumn<T>, number> {
  const widths = new Map(
    columns.map((column) => [
      column,
      items.reduce(
        (widest, item) => Math.max(widest, widthOf(column.text(item))),
        widthOf(column.heading),
      ),
    ]),
  );
  for (const column of yielding) {
    const taken = [...widths.values()].reduce(
      (sum, width) => sum + width + gap.length,
      -gap.length,
    );
    if (taken <= room) break;
    if (column.loses === "nothing") continue;
    const width = (widths.get(column) ?? 0) - (taken - room);
    if (column.loses === "ends" && width >= widthOf(column.heading)) widths.set(column, width);
    else widths.delete(column);
  }
  return widths;
}

/** It loads a dictionary, which takes longer than all the rest of a table. */
let characters: Intl.Segmenter | undefined;

/** Cuts by characters as they are seen, for half of one is another, or none. */
function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  characters ??= new Intl.Segmenter();
  let start = "";
  let room = width - widthOf("…");
  for (const { segment } of characters.segment(text)) {
    room -= widthOf(segment);
    if (room < 0) break;
    start += segment;
  }
  return `${start}…`;
}
