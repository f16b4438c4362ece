import widthOf from "fast-string-width";

/** A column of a table. */
export interface TableColumn<T> {
  readonly heading: string;
  readonly text: (item: T) => string;
  /** Colors a cell, without changing its width. */
  readonly paint: (text: string, item: T) => string;
}

/** Separates two columns. */
export const gap = "  ";

/**
 * Maximum width of a column in terminal cells. A longer text overflows its column, so that it does
 * not pad every row.
 */
const widestColumn = 200;

/**
 * Formats a table without borders or trailing spaces, headings first. Each cell is computed twice,
 * once for the column width and once for the line, so that no cell is kept in memory.
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

/** Returns the width of each column in terminal cells, including its heading. */
export const measureColumns = <T>(
  items: readonly T[],
  columns: readonly TableColumn<T>[],
): readonly number[] =>
  columns.map(({ heading, text }) =>
    items.reduce((widest, item) => Math.max(widest, widthOf(text(item))), widthOf(heading)),
  );
