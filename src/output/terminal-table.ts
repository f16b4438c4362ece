import Table from "cli-table3";
import widthOf from "fast-string-width";
import { batches } from "./format.ts";
import { gap, measureColumns, type TableColumn } from "./table.ts";
import { partsOf, wrap } from "./wrap.ts";

/** A column at a terminal. */
export interface TerminalColumn<T> extends TableColumn<T> {
  /** IDs and times are never wrapped. URLs are wrapped only in a table. */
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

/** Columns with long words don't shrink below this width. */
const minColumnWidth = 12;

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
 * Formats a table that fits the terminal, line by line. All columns are kept: texts are wrapped,
 * and on a very narrow terminal each item becomes a block of `KEY: value` lines.
 */
export function* formatTerminalTable<T>(
  items: readonly T[],
  columns: readonly TerminalColumn<T>[],
  options: TerminalTableOptions<T>,
): Generator<string> {
  const wanted = measureColumns(items, columns);
  const widths = shrink(items, columns, wanted, options);
  if (!widths) return yield* formatBlocks(items, columns, wanted, options);
  const { paintHeading } = options;
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
  let excess = widths.reduce((sum, width) => sum + width + gap.length, -gap.length) - room;
  for (const leastOf of [() => comfortableWidth, leastWidth])
    for (const column of shrinking) {
      if (excess <= 0 || !canShrink(column)) continue;
      const i = columns.indexOf(column);
      const width = widths[i] ?? 0;
      const least = Math.min(width, Math.max(leastOf(items, column), column.heading.length));
      widths[i] = Math.max(least, width - excess);
      excess -= width - widths[i];
    }
  return excess > 0 ? undefined : widths;
}

const canShrink = <T>({ kind }: TerminalColumn<T>) => kind !== "id" && kind !== "time";

/** Returns the smallest width of a column at which no word is broken. */
function leastWidth<T>(items: readonly T[], { kind, text }: TerminalColumn<T>): number {
  let widest = kind === "prose" ? minProseWidth : 0;
  for (const item of items)
    for (const part of partsOf(text(item))) {
      if (widest >= minColumnWidth) return widest;
      widest = Math.min(minColumnWidth, Math.max(widest, widthOf(part)));
    }
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
