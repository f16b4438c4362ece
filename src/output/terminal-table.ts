import Table from "cli-table3";
import widthOf from "fast-string-width";
import { batches } from "./format.ts";
import { gap, measureColumns, type TableColumn } from "./table.ts";
import { partsOf, wrap } from "./wrap.ts";

/** A column at a terminal. */
export interface TerminalColumn<T> extends TableColumn<T> {
  /** Ids and times are never broken into lines, and a URL only in a table: they are copied, or short. */
  readonly kind: "id" | "time" | "url" | "prose" | "text";
}

/** How a table is fitted into a terminal. */
export interface TerminalTableOptions<T> {
  /** The columns in the order in which they shrink until the lines fit into `room`. */
  readonly shrinking: readonly TerminalColumn<T>[];
  /** How many cells of the terminal a line may take up. */
  readonly room: number;
  readonly paintHeading: (text: string) => string;
}

/** Columns shrink to this width, one after the other, before any of them becomes narrower. */
const comfortable = 24;

/** Then they shrink to the widest part of their texts that need not be broken, but not beyond this. */
const narrowest = 12;

/** Prose shrinks to this width. */
const narrowestProse = 16;

/** cli-table3 compares each cell with all before it: it takes a few lines at a time. */
const linesAtOnce = 10;

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
 * A table that fits into a terminal, line by line. No column is left out: texts are wrapped where
 * there is no room, and where a table would be too narrow to be read each item becomes a block of
 * `KEY: value` lines.
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
  for (const batch of batches(lines(), linesAtOnce)) {
    const table = new Table({ ...borderless, colWidths: [...widths] });
    table.push(...batch.map((cells) => [...cells]));
    for (const line of table.toString().split("\n")) yield line.trimEnd();
  }
}

/** The cells of an item, line by line: a cell whose text is at its end is empty. */
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

/** How wide each column is; undefined if they can't become as narrow as they would have to. */
function shrink<T>(
  items: readonly T[],
  columns: readonly TerminalColumn<T>[],
  wanted: readonly number[],
  { shrinking, room }: TerminalTableOptions<T>,
): readonly number[] | undefined {
  const widths = [...wanted];
  let excess = widths.reduce((sum, width) => sum + width + gap.length, -gap.length) - room;
  for (const leastOf of [() => comfortable, leastWidth])
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

/** How narrow a column can become without its texts being broken where they should not be. */
function leastWidth<T>(items: readonly T[], { kind, text }: TerminalColumn<T>): number {
  let widest = kind === "prose" ? narrowestProse : 0;
  for (const item of items)
    for (const part of partsOf(text(item))) {
      if (widest >= narrowest) return widest;
      widest = Math.min(narrowest, Math.max(widest, widthOf(part)));
    }
  return widest;
}

/**
 * A block of `KEY: value` lines for each item, an empty line between them. The values stand under
 * each other unless an id would no longer fit into the line.
 */
function* formatBlocks<T>(
  items: readonly T[],
  columns: readonly TerminalColumn<T>[],
  wanted: readonly number[],
  { room, paintHeading }: TerminalTableOptions<T>,
): Generator<string> {
  const longest = Math.max(...columns.map(({ heading }) => heading.length)) + ": ".length;
  const isAligned = columns.every(
    ({ kind }, i) => longest + (kind === "id" ? (wanted[i] ?? 0) : shortestValue) <= room,
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
      // A value for which there is no room beside its key stands below it.
      const isBelow = isWrapped && room - label.length < Math.min(shortestValue, widthOf(value));
      const width = Math.max(shortestValue, room - (isBelow ? indent : label).length);
      const [first = "", ...more] = isWrapped ? wrap(value, width) : [value];
      const before = `${paintHeading(`${heading}:`)}${label.slice(heading.length + 1)}`;
      yield isBelow ? before.trimEnd() : `${before}${paint(first, item)}`;
      for (const line of isBelow ? [first, ...more] : more) yield `${indent}${paint(line, item)}`;
    }
  }
}

/** Values are wrapped at no less. */
const shortestValue = 10;
