import type { Host, Sink } from "../host.ts";
import { escapeJson, escapeYaml, isUnsafe, safe, safeLines } from "./safe.ts";
import { createStyle, type Style } from "./style.ts";
import type { Field, Layout, Note, Result } from "./view.ts";

export const formats = ["text", "description", "json", "yaml"] as const;
export type Format = (typeof formats)[number];

export interface OutputOptions {
  readonly output: Format;
  readonly quiet: boolean;
  readonly color: boolean;
}

/** json and yaml are for programs: nothing else is said, and errors are data too. */
export const isForPrograms = (format: Format): boolean => format === "json" || format === "yaml";

/**
 * Writes a result to stdout, then what is said about it to stderr.
 * @throws the result's own failure; what it makes of it if it can't be written.
 */
export async function render(result: Result, options: OutputOptions, host: Host): Promise<void> {
  const style = await createStyle(host.stdout, host.env, options.color);
  const text = await encode(result, options, style, host);
  try {
    if (text !== "") await host.stdout.write(`${text}\n`);
  } catch (cause) {
    throw (await result.ifUnwritten?.(cause)) ?? result.failure ?? cause;
  }
  result.whenWritten?.();
  for (const note of result.notes) await say(note, options, host);
  if (result.failure) throw result.failure;
}

/** Says something on stderr, unless the format or --quiet rules it out. */
export async function say(
  note: Note,
  { output, quiet }: OutputOptions,
  { stderr }: Host,
): Promise<void> {
  if (!note.always && (quiet || isForPrograms(output))) return;
  const words = typeof note.text === "function" ? await note.text() : note.text;
  if (words.length > 0) await stderr.write(`${safeLines(words)}\n`);
}

async function encode(
  { data, items, view }: Result,
  { output, quiet }: OutputOptions,
  style: Style,
  host: Host,
): Promise<string> {
  if (output === "json") return escapeJson(JSON.stringify(data, null, 2));
  if (output === "yaml") return toYaml(data);
  if (items.length === 0) return "";
  if (quiet) return items.flatMap((item) => safe(view.essence?.(item) ?? "") || []).join("\n");
  return layOut(items, view[output], style, host);
}

async function layOut(
  items: readonly unknown[],
  layout: Layout<unknown>,
  style: Style,
  host: Host,
): Promise<string> {
  if (layout.kind === "lines") return items.map((item) => safeLines(layout.line(item))).join("\n");
  const now = host.now();
  if (layout.kind === "table") return tabulate(items, layout, style, host.stdout, now);
  return items.map((item) => block(item, layout, style, now)).join("\n\n");
}

/** At a terminal it fits the width, and times are relative; elsewhere everything is whole and as it is. */
async function tabulate(
  items: readonly unknown[],
  { columns, yielding = [] }: Extract<Layout<unknown>, { kind: "table" }>,
  style: Style,
  { isTTY, columns: room }: Sink,
  now: Date,
): Promise<string> {
  const { formatTable } = await import("./table.ts");
  const spell = isTTY ? (await import("./relative-time.ts")).toRelativeTime : String;
  const table = columns.map((field) => ({
    heading: { text: field.key, paint: style.heading },
    cells: items.map((item) => {
      const text = cell(field, item);
      return {
        text: text !== undefined && field.kind === "time" ? spell(text, now) : (text ?? "-"),
        paint: painter(field, item, style, now),
      };
    }),
    loses: losses[field.kind ?? "text"],
  }));
  const first = yielding.flatMap((key) => table.filter(({ heading }) => heading.text === key));
  // Some pseudo-terminals say that they are 0 wide.
  return formatTable(
    table,
    [...new Set([...first, ...table.toReversed()])],
    (isTTY && room) || Number.POSITIVE_INFINITY,
  );
}

/** Half a time would be another. */
const losses = { id: "nothing", time: "all", text: "ends" } as const;

const painter = (
  { tone }: Field<unknown>,
  item: unknown,
  style: Style,
  now: Date,
): ((text: string) => string) => {
  const found = tone?.(item, now);
  return found === undefined ? String : style[found];
};

const cell = ({ value }: Field<unknown>, item: unknown): string | undefined => {
  const found = value(item);
  return found === null || found === "" ? undefined : safe(String(found));
};

/** `Info:`, its aligned lines, and apart from them what stands last (the layout of `ovhai`). */
function block(
  item: unknown,
  { fields, last }: Extract<Layout<unknown>, { kind: "blocks" }>,
  style: Style,
  now: Date,
): string {
  const lines = fields.flatMap((field) => {
    const value = cell(field, item);
    return value === undefined
      ? []
      : [{ key: `${field.key}:`, value: painter(field, item, style, now)(value) }];
  });
  const width = Math.max(...lines.map(({ key }) => key.length)) + 1;
  const info = lines.map(({ key, value }) => `  ${key.padEnd(width)}${value}`);
  const apart = last
    ? ["", `${style.heading(`${last.key}:`)}${" ".repeat(9 - last.key.length)}${cell(last, item)}`]
    : [];
  return [`${style.heading("Info:")}     `, ...info, ...apart].join("\n");
}

/** Text with control characters goes into double quotes, the only place where YAML can escape them. */
async function toYaml(data: unknown): Promise<string> {
  const { DEFAULT_SCALAR_STYLE_RULES, dump, SCALAR_STYLE } = await import("js-yaml");
  const text = dump(data, {
    noRefs: true,
    lineWidth: -1,
    scalarStyleRules: [
      (layout) => {
        if (isUnsafe(layout.node.value)) layout.style = SCALAR_STYLE.DOUBLE_QUOTED;
      },
      ...Object.values(DEFAULT_SCALAR_STYLE_RULES),
    ],
  });
  return escapeYaml(text).trimEnd();
}
