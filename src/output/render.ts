import type { Host, OutputStream } from "../host.ts";
import { escapeControls, escapeJson, escapeYaml, hasControls } from "./escape.ts";
import { batches, type Format } from "./format.ts";
import { createStyle, type Style } from "./style.ts";
import type { Field, Layout, Note, Result } from "./view.ts";

export interface OutputOptions {
  readonly output: Format;
  readonly quiet: boolean;
  readonly color: boolean;
  /** Whether a long table at a terminal may be shown in a pager (default: true). */
  readonly pager?: boolean;
}

/** Whether a format is for programs: notes are omitted, and errors are JSON. */
export const isForPrograms = (format: Format): boolean => format === "json" || format === "yaml";

/**
 * Writes a result to stdout, then its notes to stderr.
 * @throws the failure of the result; the error of `onWriteError` if stdout is not writable.
 */
export async function render(result: Result, options: OutputOptions, host: Host): Promise<void> {
  const style = await createStyle(host.stdout, host.env, options.color);
  try {
    if (!(await page(result, options, style, host)))
      for (const piece of await encode(result, options, style, host))
        await host.stdout.write(piece);
  } catch (cause) {
    throw (await result.onWriteError?.(cause)) ?? result.failure ?? cause;
  }
  const failure = (await result.onWritten?.()) ?? result.failure;
  for (const note of result.notes) await say(note, options, host);
  if (failure) throw failure;
}

/** Writes a note to stderr, unless the format or --quiet suppresses it. */
export async function say(
  note: Note,
  { output, quiet, color }: OutputOptions,
  { stdout, stderr, env }: Pick<Host, "stdout" | "stderr" | "env">,
): Promise<void> {
  if (!note.always && (quiet || isForPrograms(output))) return;
  if (note.atTerminal && !stdout.isTTY) return;
  const words = typeof note.text === "function" ? await note.text() : note.text;
  if (words.length === 0) return;
  const { warning } = await createStyle(stderr, env, color);
  const lines = await fitLines([words].flat().map(escapeControls), stderr);
  await stderr.write(`${lines.map((line) => line.replace(/^warning:/, warning)).join("\n")}\n`);
}

/**
 * Wraps lines at a terminal's width between words. A command at the end of a line is not broken, so
 * that it can be copied. If it is too long, it gets its own line, which the terminal wraps.
 */
export async function fitLines(
  lines: readonly string[],
  { isTTY, columns }: OutputStream,
): Promise<readonly string[]> {
  if (!isTTY || !columns || lines.every(({ length }) => length <= columns)) return lines;
  const { wrapWords } = await import("./wrap.ts");
  return lines.flatMap((line) => {
    const { text = line, command } = endsWithCommand.exec(line)?.groups ?? {};
    if (line.length <= columns || text.trim() === "") return [line];
    const indent = /^ */.exec(line)?.[0] ?? "";
    return [
      ...wrapWords(text.trimEnd(), columns),
      ...(command === undefined ? [] : [`${indent}${command}`]),
    ];
  });
}

/** Matches a line that is a command, or that ends with a command after a colon. */
const endsWithCommand = /^(?<text> *|.*: )(?<command>tokctl (?:(?!\. |, ).)*)$/;

/**
 * Shows a long table in a pager.
 * @returns false if the table does not need a pager or none could be started.
 */
async function page(
  result: Result,
  options: OutputOptions,
  style: Style,
  host: Host,
): Promise<boolean> {
  const { output, quiet, pager = true } = options;
  if (!pager || quiet || output === "json" || output === "yaml") return false;
  if (result.view[output].kind !== "table" || !host.stdout.isTTY) return false;
  const { findPager } = await import("./pager.ts");
  const command = findPager(result.items.length, host);
  return command !== undefined && host.page(command, await encode(result, options, style, host));
}

/** Returns the text of the result in pieces, so that a long text needs little memory. */
async function encode(
  { data, items, view }: Result,
  { output, quiet }: OutputOptions,
  style: Style,
  host: Host,
): Promise<Iterable<string>> {
  if (output === "json") return toJson(data);
  if (output === "yaml") return toYaml(data);
  const layout = view[output];
  if (layout.kind === "document") return map(items, layout.text);
  if (items.length === 0) return [];
  if (quiet) return joinLines(quietLines(items, view));
  return formatItems(items, layout, style, host);
}

/** Number of items in each piece of the output. */
const batchSize = 200;

/** Joins lines into pieces. */
function* joinLines(lines: Iterable<string>): Generator<string> {
  for (const batch of batches(lines, batchSize)) yield `${batch.join("\n")}\n`;
}

function* quietLines(items: readonly unknown[], view: Result["view"]): Generator<string> {
  for (const item of items) {
    const value = escapeControls(view.quietValue?.(item) ?? "");
    if (value !== "") yield value;
  }
}

/** Returns the text of `JSON.stringify(data, null, 2)` with control characters escaped. */
function* toJson(data: unknown): Generator<string> {
  if (!Array.isArray(data) || data.length === 0)
    return yield `${escapeJson(JSON.stringify(data, null, 2))}\n`;
  let before = "[\n";
  for (const batch of batches(data, batchSize)) {
    const [start, end] = ["[\n".length, -"\n]".length];
    yield escapeJson(before + JSON.stringify(batch, null, 2).slice(start, end));
    before = ",\n";
  }
  yield "\n]\n";
}

async function formatItems(
  items: readonly unknown[],
  layout: Exclude<Layout<unknown>, { kind: "document" }>,
  style: Style,
  host: Host,
): Promise<Iterable<string>> {
  const now = host.now();
  switch (layout.kind) {
    case "lines":
      return joinLines(await formatLines(items, layout, style, host.stdout));
    case "table":
      return joinLines(await formatItemsAsTable(items, layout, style, host.stdout, now));
    case "blocks":
      return joinLines(blocks(items, layout, style, { now, isTTY: host.stdout.isTTY === true }));
  }
}

function* map<T, R>(items: Iterable<T>, change: (item: T) => R): Generator<R> {
  for (const item of items) yield change(item);
}

/**
 * Formats each item as lines with a colored first word. At a terminal, wraps them with an indent.
 */
async function formatLines(
  items: readonly unknown[],
  { line, tone, hang }: Extract<Layout<unknown>, { kind: "lines" }>,
  style: Style,
  { isTTY, columns: room }: OutputStream,
): Promise<Iterable<string>> {
  const wrapHanging = isTTY && room && hang ? (await import("./wrap.ts")).wrapHanging : undefined;
  return map(items, (item) => {
    const lines = [line(item)].flat().map(escapeControls);
    const laid = wrapHanging
      ? lines.flatMap((each) => wrapHanging(each, hang ?? 0, room ?? 0))
      : lines;
    const found = tone?.(item);
    return laid.join("\n").replace(/^\S+/, found === undefined ? String : style[found]);
  });
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
  const spell = isTTY ? (await import("./relative-time.ts")).toRelativeTime : String;
  const table = columns.map((field) => ({
    heading: field.key,
    text: (item: unknown) => {
      const text = cell(field, item, isTTY ? ", " : ",");
      return text !== undefined && field.kind === "time" ? spell(text, now) : (text ?? "-");
    },
    paint: (text: string, item: unknown) => painter(field, item, style, now)(text),
    kind: field.kind ?? ("text" as const),
  }));
  // Some pseudo-terminals have 0 columns.
  if (!isTTY || !room) {
    const { formatTable } = await import("./table.ts");
    return formatTable(items, table, style.heading);
  }
  const { formatTerminalTable } = await import("./terminal-table.ts");
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
function cell({ value }: Field<unknown>, item: unknown, separator = ", "): string | undefined {
  const found = value(item);
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
    const text = cell(field, item);
    if (text === undefined) return [];
    const value = field.kind === "time" ? formatUtc(text, isTTY) : text;
    return [{ key: `${field.key}:`, value: painter(field, item, style, now)(value) }];
  });
  const width = Math.max(...lines.map(({ key }) => key.length)) + 1;
  const info = lines.map(({ key, value }) => `  ${key.padEnd(width)}${value}`);
  const apart = last
    ? ["", `${style.heading(`${last.key}:`)}${" ".repeat(9 - last.key.length)}${cell(last, item)}`]
    : [];
  return [`${style.heading("Info:")}${isTTY ? "" : "     "}`, ...info, ...apart].join("\n");
}

/** Formats a time in RFC 3339 as `2021-05-27 14:03:06.178808548 UTC`. */
const formatUtc = (time: string, toTheSecond: boolean): string =>
  `${time.slice(0, 10)} ${time.slice(11, toTheSecond ? 19 : -1)} UTC`;

/** Formats YAML; text with control characters is in double quotes, where YAML allows escapes. */
async function toYaml(data: unknown): Promise<Iterable<string>> {
  const { DEFAULT_SCALAR_STYLE_RULES, dump, SCALAR_STYLE } = await import("js-yaml");
  const options = {
    noRefs: true,
    lineWidth: -1,
    scalarStyleRules: [
      (layout) => {
        if (hasControls(layout.node.value)) layout.style = SCALAR_STYLE.DOUBLE_QUOTED;
      },
      ...Object.values(DEFAULT_SCALAR_STYLE_RULES),
    ],
  } satisfies Parameters<typeof dump>[1];
  // A sequence can be formatted in parts, because items don't depend on each other.
  const parts = Array.isArray(data) && data.length > 0 ? batches(data, batchSize) : [data];
  return map(parts, (part) => `${escapeYaml(dump(part, options)).trimEnd()}\n`);
}
