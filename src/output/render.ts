import type { Host, OutputStream } from "../host/host.ts";
import { escapeControls, escapeJson, escapeYaml, hasControls } from "./escape.ts";
import { batches, type Format } from "./format.ts";
import { createStyle, type Style } from "./style.ts";
import type { Field, Layout, Note, Result } from "./view.ts";

export interface OutputOptions {
  readonly output: Format;
  readonly quiet: boolean;
  readonly color: boolean;
  /** Whether a long table at a terminal may go through a pager (default: true). */
  readonly pager?: boolean;
}

/** json and yaml are for programs: nothing else is said, and errors are data too. */
export const isForPrograms = (format: Format): boolean => format === "json" || format === "yaml";

/**
 * Writes a result to stdout, then what is said about it to stderr.
 * @throws the result's own failure; what it makes of it if it can't be written.
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
  result.onWritten?.();
  for (const note of result.notes) await say(note, options, host);
  if (result.failure) throw result.failure;
}

/** Says something on stderr, unless the format or --quiet rules it out. */
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
 * Breaks lines that are too long for a terminal, between words. One with a command in it is left for
 * the terminal to break, which copies it as one line.
 */
export async function fitLines(
  lines: readonly string[],
  { isTTY, columns }: OutputStream,
): Promise<readonly string[]> {
  if (!isTTY || !columns || lines.every(({ length }) => length <= columns)) return lines;
  const { wrapWords } = await import("./wrap.ts");
  return lines.flatMap((line) => (/\btokctl\b/.test(line) ? [line] : wrapWords(line, columns)));
}

/** Shows a long table in a pager. @returns whether it was shown */
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

/** The result as text, piece by piece: however long it is, it is never there as a whole. */
async function encode(
  { data, items, view }: Result,
  { output, quiet }: OutputOptions,
  style: Style,
  host: Host,
): Promise<Iterable<string>> {
  if (output === "json") return toJson(data);
  if (output === "yaml") return toYaml(data);
  if (items.length === 0) return [];
  if (quiet) return inPieces(essences(items, view));
  return layOut(items, view[output], style, host);
}

/** As many items make a piece of the output. */
const atOnce = 200;

/** Lines, several at a time. */
function* inPieces(lines: Iterable<string>): Generator<string> {
  for (const batch of batches(lines, atOnce)) yield `${batch.join("\n")}\n`;
}

function* essences(items: readonly unknown[], view: Result["view"]): Generator<string> {
  for (const item of items) {
    const essence = escapeControls(view.quietValue?.(item) ?? "");
    if (essence !== "") yield essence;
  }
}

/** What `JSON.stringify(data, null, 2)` gives, escapeControls for a terminal. */
function* toJson(data: unknown): Generator<string> {
  if (!Array.isArray(data) || data.length === 0)
    return yield `${escapeJson(JSON.stringify(data, null, 2))}\n`;
  let before = "[\n";
  for (const batch of batches(data, atOnce)) {
    const [start, end] = ["[\n".length, -"\n]".length];
    yield escapeJson(before + JSON.stringify(batch, null, 2).slice(start, end));
    before = ",\n";
  }
  yield "\n]\n";
}

async function layOut(
  items: readonly unknown[],
  layout: Layout<unknown>,
  style: Style,
  host: Host,
): Promise<Iterable<string>> {
  const now = host.now();
  switch (layout.kind) {
    case "lines":
      return inPieces(await writeOut(items, layout, style, host.stdout));
    case "table":
      return inPieces(await tabulate(items, layout, style, host.stdout, now));
    case "blocks":
      return inPieces(blocks(items, layout, style, { now, isTTY: host.stdout.isTTY === true }));
  }
}

function* map<T, R>(items: Iterable<T>, change: (item: T) => R): Generator<R> {
  for (const item of items) yield change(item);
}

/** The lines of each item, the first word of each in its colour; at a terminal they hang. */
async function writeOut(
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

/** At a terminal it fits the width, and times are relative; elsewhere everything is whole and as it is. */
async function tabulate(
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
  // Some pseudo-terminals say that they are 0 wide.
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

/** @param glue what stands between the texts of a list. */
function cell({ value }: Field<unknown>, item: unknown, glue = ", "): string | undefined {
  const found = value(item);
  const text = typeof found === "object" ? found?.join(glue) : String(found);
  return text === undefined || text === "" ? undefined : escapeControls(text);
}

/** A block for each, an empty line between them. */
function* blocks(
  items: readonly unknown[],
  layout: Extract<Layout<unknown>, { kind: "blocks" }>,
  style: Style,
  reader: Reader,
): Generator<string> {
  let before = "";
  for (const item of items) {
    yield `${before}${block(item, layout, style, reader)}`;
    before = "\n";
  }
}

/** Who reads a block, and when. */
interface Reader {
  readonly now: Date;
  readonly isTTY: boolean;
}

/**
 * `Info:`, its aligned lines, and apart from them what stands last. For programs it is the layout of
 * `ovhai`, with its spaces behind `Info:` and every digit of a time; people at a terminal get times to the second.
 */
function block(
  item: unknown,
  { fields, last }: Extract<Layout<unknown>, { kind: "blocks" }>,
  style: Style,
  { now, isTTY }: Reader,
): string {
  const lines = fields.flatMap((field) => {
    const text = cell(field, item);
    if (text === undefined) return [];
    const value = field.kind === "time" ? spellOut(text, isTTY) : text;
    return [{ key: `${field.key}:`, value: painter(field, item, style, now)(value) }];
  });
  const width = Math.max(...lines.map(({ key }) => key.length)) + 1;
  const info = lines.map(({ key, value }) => `  ${key.padEnd(width)}${value}`);
  const apart = last
    ? ["", `${style.heading(`${last.key}:`)}${" ".repeat(9 - last.key.length)}${cell(last, item)}`]
    : [];
  return [`${style.heading("Info:")}${isTTY ? "" : "     "}`, ...info, ...apart].join("\n");
}

/** `2021-05-27 14:03:06.178808548 UTC`: how a description writes a time in RFC 3339. */
const spellOut = (time: string, toTheSecond: boolean): string =>
  `${time.slice(0, 10)} ${time.slice(11, toTheSecond ? 19 : -1)} UTC`;

/** Text with control characters goes into double quotes, the only place where YAML can escape them. */
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
  // The items of a sequence are written alike, whether some of them or all.
  const parts = Array.isArray(data) && data.length > 0 ? batches(data, atOnce) : [data];
  return map(parts, (part) => `${escapeYaml(dump(part, options)).trimEnd()}\n`);
}
