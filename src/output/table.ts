import widthOf from "fast-string-width";

/** A column, from its heading down. */
export interface TableColumn {
  readonly heading: Cell;
  readonly cells: readonly Cell[];
  /** What it may lose where there is no room: nothing, all of it or nothing, or the ends of its texts. */
  readonly loses: "nothing" | "all" | "ends";
}

export interface Cell {
  readonly text: string;
  /** Adds colour, and nothing that takes up room. */
  readonly paint: (text: string) => string;
}

const gap = "  ";

/**
 * Columns two spaces apart, without borders and without spaces at a line's end.
 * @param yielding the columns in the order in which they give way until the lines fit into `room`.
 */
export function formatTable(
  columns: readonly TableColumn[],
  yielding: readonly TableColumn[],
  room: number,
): string {
  const widths = measure(columns, yielding, room);
  const shown = columns.flatMap((column) => {
    const width = widths.get(column);
    return width === undefined ? [] : [{ width, cells: [column.heading, ...column.cells] }];
  });
  const rows = (shown[0]?.cells ?? []).map((_, row) =>
    shown
      .flatMap(({ width, cells }) => {
        const cell = cells[row];
        if (!cell) return [];
        const text = cut(cell.text, width);
        return [cell.paint(text) + " ".repeat(width - widthOf(text))];
      })
      .join(gap)
      .replace(/ +$/, ""),
  );
  return rows.join("\n");
}

/** How wide each column is; one that would be narrower than its heading, or may not be cut, is left out. */
function measure(
  columns: readonly TableColumn[],
  yielding: readonly TableColumn[],
  room: number,
): ReadonlyMap<TableColumn, number> {
  const widths = new Map(
    columns.map((column) => [
      column,
      column.cells.reduce(
        (widest, { text }) => Math.max(widest, widthOf(text)),
        widthOf(column.heading.text),
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
    if (column.loses === "ends" && width >= widthOf(column.heading.text)) widths.set(column, width);
    else widths.delete(column);
  }
  return widths;
}

/** It loads a dictionary, which takes longer than all the rest of a table. */
let characters: Intl.Segmenter | undefined;

/** Never within a character, as it is seen. */
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
