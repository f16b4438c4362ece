import type { Host, OutputStream } from "../host.ts";
import { escapeControls } from "./escape.ts";
import type { Style } from "./style.ts";
import { batches, batchSize, formatTable, formatTerminalTable } from "./table.ts";
import type { Field, Layout } from "./view.ts";
import { wrapHanging } from "./wrap.ts";

/** Formats items as text, in pieces. */
export async function formatItems(
  items: readonly unknown[],
  layout: Exclude<Layout<unknown>, { kind: "document" }>,
  style: Style,
  host: Host,
): Promise<Iterable<string>> {
  const now = host.now();
  switch (layout.kind) {
    case "lines":
      return joinLines(formatLines(items, layout, style, host.stdout));
    case "table":
      return joinLines(await formatItemsAsTable(items, layout, style, host.stdout, now));
    case "blocks":
      return joinLines(blocks(items, layout, style, { now, isTTY: host.stdout.isTTY === true }));
  }
}

/**
 * Formats each item as lines with a colored first word. At a terminal, wraps them with an indent.
 */
function* formatLines(
  items: readonly unknown[],
  { line, tone, hang }: Extract<Layout<unknown>, { kind: "lines" }>,
  style: Style,
  { isTTY, columns: room }: OutputStream,
): Generator<string> {
  for (const item of items) {
    const lines = [line(item)].flat().map(escapeControls);
    const laid =
      isTTY && room && hang ? lines.flatMap((each) => wrapHanging(each, hang, room)) : lines;
    const found = tone?.(item);
    yield laid.join("\n").replace(/^\S+/, found === undefined ? String : style[found]);
  }
}

/**
 * Formats a table. At a terminal, it fits the width and shows relative times; otherwise nothing is
 * wrapped.
 */
async function formatItemsAsTable(
  items: readonly unknown[],
  { columns, shrinking = [] }: Extract<Layout<unknown>, { kind: "table" }>,
  style: Style,
  { isTTY, columns: room }: OutputStream,
  now: Date,
): Promise<Iterable<string>> {
  const spell = isTTY ? toRelativeTime : String;
  const table = columns.map((field) => ({
    heading: field.key,
    text: (item: unknown) => {
      const text = cell(field, item, now, isTTY ? ", " : ",");
      return text !== undefined && field.kind === "time" ? spell(text, now) : (text ?? "-");
    },
    paint: (text: string, item: unknown) => painter(field, item, style, now)(text),
    kind: field.kind ?? ("text" as const),
  }));
  // Some pseudo-terminals have 0 columns.
  if (!isTTY || !room) {
    return formatTable(items, table, style.heading);
  }
  const first = shrinking.flatMap((key) => table.filter(({ heading }) => heading === key));
  return formatTerminalTable(items, table, {
    shrinking: [...new Set([...first, ...table.toReversed()])],
    room,
    paintHeading: style.heading,
  });
}

const painter = (
  { tone }: Field<unknown>,
  item: unknown,
  style: Style,
  now: Date,
): ((text: string) => string) => {
  const found = tone?.(item, now);
  return found === undefined ? String : style[found];
};

/** Returns the text of a cell; undefined if it is empty. @param separator joins the texts of a list. */
function cell(
  { value }: Field<unknown>,
  item: unknown,
  now: Date,
  separator = ", ",
): string | undefined {
  const found = value(item, now);
  const text = typeof found === "object" ? found?.join(separator) : String(found);
  return text === undefined || text === "" ? undefined : escapeControls(text);
}

/** Formats a block for each item, separated by empty lines. */
function* blocks(
  items: readonly unknown[],
  layout: Extract<Layout<unknown>, { kind: "blocks" }>,
  style: Style,
  context: BlockContext,
): Generator<string> {
  let before = "";
  for (const item of items) {
    yield `${before}${block(item, layout, style, context)}`;
    before = "\n";
  }
}

/** The properties of the output that the format of a block depends on. */
interface BlockContext {
  readonly now: Date;
  readonly isTTY: boolean;
}

/**
 * Formats `Info:`, aligned lines, and the last field after an empty line. In a pipe this is the exact
 * layout of `ovhai`, with its trailing spaces and full times; at a terminal, times end with seconds.
 */
function block(
  item: unknown,
  { fields, last }: Extract<Layout<unknown>, { kind: "blocks" }>,
  style: Style,
  { now, isTTY }: BlockContext,
): string {
  const lines = fields.flatMap((field) => {
    const text = cell(field, item, now);
    if (text === undefined) return [];
    const value = field.kind === "time" ? formatUtc(text, isTTY) : text;
    return [{ key: `${field.key}:`, value: painter(field, item, style, now)(value) }];
  });
  const width = Math.max(...lines.map(({ key }) => key.length)) + 1;
  const info = lines.map(({ key, value }) => `  ${key.padEnd(width)}${value}`);
  const apart = last
    ? [
        "",
        `${style.heading(`${last.key}:`)}${" ".repeat(9 - last.key.length)}${cell(last, item, now)}`,
      ]
    : [];
  return [`${style.heading("Info:")}${isTTY ? "" : "     "}`, ...info, ...apart].join("\n");
}

/** Formats a time in RFC 3339 as `2021-05-27 14:03:06.178808548 UTC`. */
const formatUtc = (time: string, toTheSecond: boolean): string =>
  `${time.slice(0, 10)} ${time.slice(11, toTheSecond ? 19 : -1)} UTC`;

/** Joins lines into pieces. */
export function* joinLines(lines: Iterable<string>): Generator<string> {
  for (const batch of batches(lines, batchSize)) yield `${batch.join("\n")}\n`;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const units = [
  ["year", 365 * day],
  ["month", 30 * day],
  ["day", day],
  ["hour", hour],
  ["minute", minute],
] as const;

/** Created on first use, because loading its data takes longer than formatting a table. */
let relativeFormat: Intl.RelativeTimeFormat | undefined;

/**
 * Formats a time in RFC 3339 relative to now: `in 3d`, `2h ago`, `now`. Rounds toward now, to the
 * largest unit with a value of at least 2.
 */
export function toRelativeTime(time: string, now: Date): string {
  const seconds = (Date.parse(time) - now.getTime()) / 1000;
  const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= 2 * length) ?? [
    "second",
    1,
  ];
  relativeFormat ??= new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });
  return relativeFormat.format(Math.trunc(seconds / length), unit);
}
