import widthOf from "fast-string-width";

/** A column of a table: its heading, and what stands in it for each item. */
export interface TableColumn<T> {
  readonly heading: string;
  readonly text: (item: T) => string;
  /** Adds colour to a cell, and nothing that takes up room. */
  readonly paint: (text: string, item: T) => string;
}

/** What stands between two columns. */
export const gap = "  ";

/** A text that is wider stands out of its column, or one would make every line as long. */
const widestColumn = 200;

/**
 * Lines of columns two spaces apart, without borders and without spaces at a line's end, the
 * headings first. Every item is looked at twice, so that no cell has to be kept.
 */
export function* formatTable<T>(
  items: readonly T[],
  columns: readonly TableColumn<T>[],
  paintHeading: (text: string) => string,
): Generator<string> {
  const widths = measureColumns(items, columns);
  const line = (paint: (column: TableColumn<T>) => readonly [text: string, painted: string]) =>
    columns
      .map((column, i) => {
        const [text, painted] = paint(column);
        const room = Math.min(widths[i] ?? 0, widestColumn) - widthOf(text);
        return `${painted}${" ".repeat(Math.max(0, room))}`;
      })
      .join(gap)
      .trimEnd();
  yield line(({ heading }) => [heading, paintHeading(heading)]);
  for (const item of items)
    yield line(({ text, paint }) => {
      const found = text(item);
      return [found, paint(found, item)];
    });
}

/** How many cells of a terminal the widest text of each column takes up, its heading included. */
export const measureColumns = <T>(
  items: readonly T[],
  columns: readonly TableColumn<T>[],
): readonly number[] =>
  columns.map(({ heading, text }) =>
    items.reduce((widest, item) => Math.max(widest, widthOf(text(item))), widthOf(heading)),
  );
