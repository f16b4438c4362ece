import widthOf from "fast-string-width";
import { wrap } from "./wrap.ts";

/** A column of a table. */
export interface TableColumn<T> {
  readonly heading: string;
  readonly text: (item: T) => string;
  /** Colors a cell, without changing its width. */
  readonly paint: (text: string, item: T) => string;
}

/** Separates two columns. */
const gap = "  ";

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
const measureColumns = <T>(
  items: readonly T[],
  columns: readonly TableColumn<T>[],
): readonly number[] =>
  columns.map(({ heading, text }) =>
    items.reduce((widest, item) => Math.max(widest, widthOf(text(item))), widthOf(heading)),
  );

/** A column at a terminal. */
export interface TerminalColumn<T> extends TableColumn<T> {
  /** IDs, times and URLs are never wrapped. */
  readonly kind: "id" | "time" | "url" | "prose" | "text";
}

/** Options for fitting a table into a terminal. */
export interface TerminalTableOptions<T> {
  /** The columns in the order in which they shrink until the lines fit. */
  readonly shrinking: readonly TerminalColumn<T>[];
  /** Width of the terminal in cells. */
  readonly room: number;
  readonly paintHeading: (text: string) => string;
}

/** All columns shrink to this width before any of them becomes narrower. */
const comfortableWidth = 24;

/** Minimum width of a column with prose. */
const minProseWidth = 16;

/**
 * Lines per call of cli-table3. Small, because its run time is quadratic in the number of lines.
 */
const linesPerTable = 10;

const borderless = {
  chars: {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
    "bottom-right": "",
    left: "",
    "left-mid": "",
    mid: "",
    "mid-mid": "",
    right: "",
    "right-mid": "",
    middle: gap,
  },
  style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
};

/**
 * Formats a table that fits the terminal, line by line. All columns are kept: if the lines are too
 * long, UUIDs are shortened to a prefix that commands accept, then texts are wrapped between words.
 * On a terminal too narrow for that, each item becomes a block of `KEY: value` lines.
 */
export async function formatTerminalTable<T>(
  items: readonly T[],
  columns: readonly TerminalColumn<T>[],
  options: TerminalTableOptions<T>,
): Promise<Iterable<string>> {
  const wanted = measureColumns(items, columns);
  const isFitting = totalWidth(wanted) <= options.room;
  const shown = isFitting ? columns : columns.map((column) => shortenIds(items, column));
  const widths = shrink(items, shown, measureColumns(items, shown), options);
  if (!widths) return formatBlocks(items, columns, wanted, options);
  const { default: Table } = await import("cli-table3");
  return formatColumns(items, shown, widths, options, Table);
}

const totalWidth = (widths: readonly number[]) =>
  widths.reduce((sum, width) => sum + width + gap.length, -gap.length);

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Lengths of the first, second, … groups of a UUID. */
const uuidPrefixLengths = [8, 13, 18, 23];

/** Returns the column with the shortest unique prefixes of its IDs, if all of them are UUIDs. */
function shortenIds<T>(items: readonly T[], column: TerminalColumn<T>): TerminalColumn<T> {
  if (column.kind !== "id") return column;
  const ids = new Set(items.map(column.text));
  for (const id of ids) if (!uuid.test(id)) return column;
  const length = uuidPrefixLengths.find(
    (length) => new Set([...ids].map((id) => id.slice(0, length))).size === ids.size,
  );
  return { ...column, text: (item) => column.text(item).slice(0, length) };
}

function* formatColumns<T>(
  items: readonly T[],
  columns: readonly TerminalColumn<T>[],
  widths: readonly number[],
  { paintHeading }: TerminalTableOptions<T>,
  Table: typeof import("cli-table3"),
): Generator<string> {
  const lines = function* (): Generator<readonly string[]> {
    yield columns.map(({ heading }) => paintHeading(heading));
    for (const item of items) yield* linesOf(item, columns, widths);
  };
  for (const batch of batches(lines(), linesPerTable)) {
    const table = new Table({ ...borderless, colWidths: [...widths] });
    table.push(...batch.map((cells) => [...cells]));
    for (const line of table.toString().split("\n")) yield line.trimEnd();
  }
}

/** Returns the wrapped cells of an item, line by line; a cell without further text is empty. */
function* linesOf<T>(
  item: T,
  columns: readonly TerminalColumn<T>[],
  widths: readonly number[],
): Generator<readonly string[]> {
  const cells = columns.map(({ text, paint }, i) =>
    wrap(text(item), widths[i] ?? 0).map((line) => paint(line, item)),
  );
  const height = Math.max(...cells.map(({ length }) => length));
  for (let i = 0; i < height; i++) yield cells.map((cell) => cell[i] ?? "");
}

/** Returns the width of each column; undefined if the table does not fit. */
function shrink<T>(
  items: readonly T[],
  columns: readonly TerminalColumn<T>[],
  wanted: readonly number[],
  { shrinking, room }: TerminalTableOptions<T>,
): readonly number[] | undefined {
  const widths = [...wanted];
  let excess = totalWidth(widths) - room;
  if (excess <= 0) return widths;
  const words = new Map(shrinking.map((column) => [column, leastWidth(items, column)]));
  for (const comfort of [comfortableWidth, 0])
    for (const column of shrinking) {
      if (excess <= 0 || !canShrink(column)) continue;
      const i = columns.indexOf(column);
      const width = widths[i] ?? 0;
      const least = Math.min(width, Math.max(comfort, words.get(column) ?? 0));
      widths[i] = Math.max(least, width - excess);
      excess -= width - widths[i];
    }
  return excess > 0 ? undefined : widths;
}

const canShrink = <T>({ kind }: TerminalColumn<T>) => kind === "text" || kind === "prose";

/** Returns the smallest width of a column at which no word is broken. */
function leastWidth<T>(items: readonly T[], { kind, heading, text }: TerminalColumn<T>): number {
  let widest = Math.max(heading.length, kind === "prose" ? minProseWidth : 0);
  for (const item of items)
    for (const word of text(item).split(" ")) widest = Math.max(widest, widthOf(word));
  return widest;
}

/**
 * Formats a block of `KEY: value` lines for each item, separated by empty lines. Aligns the values,
 * unless an ID would not fit.
 */
function* formatBlocks<T>(
  items: readonly T[],
  columns: readonly TerminalColumn<T>[],
  wanted: readonly number[],
  { room, paintHeading }: TerminalTableOptions<T>,
): Generator<string> {
  const longest = Math.max(...columns.map(({ heading }) => heading.length)) + ": ".length;
  const isAligned = columns.every(
    ({ kind }, i) => longest + (kind === "id" ? (wanted[i] ?? 0) : minValueWidth) <= room,
  );
  let isFirst = true;
  for (const item of items) {
    if (!isFirst) yield "";
    isFirst = false;
    for (const { heading, text, paint, kind } of columns) {
      const label = `${heading}: `.padEnd(isAligned ? longest : 0);
      const indent = " ".repeat(isAligned ? longest : 2);
      const value = text(item);
      const isWrapped = kind === "text" || kind === "prose";
      // A value that does not fit after its key is on the next line.
      const isBelow = isWrapped && room - label.length < Math.min(minValueWidth, widthOf(value));
      const width = Math.max(minValueWidth, room - (isBelow ? indent : label).length);
      const [first = "", ...more] = isWrapped ? wrap(value, width) : [value];
      const before = `${paintHeading(`${heading}:`)}${label.slice(heading.length + 1)}`;
      yield isBelow ? before.trimEnd() : `${before}${paint(first, item)}`;
      for (const line of isBelow ? [first, ...more] : more) yield `${indent}${paint(line, item)}`;
    }
  }
}

/** Minimum width to which a value is wrapped. */
const minValueWidth = 10;

/** Number of items in each piece of the output. */
export const batchSize = 200;

/** Splits items into arrays of `size`; the last one may be shorter. */
export function* batches<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
