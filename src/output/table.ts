import Table from "cli-table3";
import { strlen } from "cli-table3/src/utils.js";

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

const noBorders = Object.fromEntries(
  [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
    "left-mid",
    "mid",
    "mid-mid",
    "right",
    "right-mid",
  ].map((part) => [part, ""]),
);

/** The library's layout takes time by the square of the rows: it gets some at a time. */
const rowsAtOnce = 200;

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
  const height = shown[0]?.cells.length ?? 0;
  const parts: string[] = [];
  for (let from = 0; from < height; from += rowsAtOnce) {
    const table = new Table({
      chars: { ...noBorders, middle: gap },
      style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
      colWidths: shown.map(({ width }) => width),
    });
    for (let row = from; row < Math.min(from + rowsAtOnce, height); row++)
      table.push(
        shown.flatMap(({ width, cells }) => {
          const cell = cells[row];
          return cell ? [cell.paint(cut(cell.text, width))] : [];
        }),
      );
    parts.push(table.toString());
  }
  return parts.join("\n").replace(/ +$/gm, "");
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
        (widest, { text }) => Math.max(widest, strlen(text)),
        strlen(column.heading.text),
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
    if (column.loses === "ends" && width >= strlen(column.heading.text)) widths.set(column, width);
    else widths.delete(column);
  }
  return widths;
}

const characters = new Intl.Segmenter();

/** The library would cut by UTF-16 units, and leave half a character. */
function cut(text: string, width: number): string {
  if (strlen(text) <= width) return text;
  let start = "";
  let room = width - strlen("…");
  for (const { segment } of characters.segment(text)) {
    room -= strlen(segment);
    if (room < 0) break;
    start += segment;
  }
  return `${start}…`;
}
