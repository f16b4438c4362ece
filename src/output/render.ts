import { CliError } from "../errors.ts";
import type { Host } from "../host.ts";
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
 * @throws the result's own failure, and CliError `outcome_unknown` if a secret could not be written: it exists, and is lost.
 */
export async function render(result: Result, options: OutputOptions, host: Host): Promise<void> {
  const style = await createStyle(host.stdout, host.env, options.color);
  const text = await encode(result, options, style);
  try {
    if (text !== "") await host.stdout.write(`${text}\n`);
  } catch (cause) {
    if (result.ifUnwritten === undefined && result.failure === undefined) throw cause;
    if (result.ifUnwritten === undefined) throw result.failure;
    throw new CliError(
      "outcome_unknown",
      "It is done, but its secret could not be written to stdout and is lost.",
      {
        hint: result.ifUnwritten,
        cause,
      },
    );
  }
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
): Promise<string> {
  if (output === "json") return escapeJson(JSON.stringify(data, null, 2));
  if (output === "yaml") return toYaml(data);
  if (items.length === 0) return "";
  if (quiet) return items.flatMap((item) => safe(view.essence?.(item) ?? "") || []).join("\n");
  return layOut(items, view[output], style);
}

async function layOut(
  items: readonly unknown[],
  layout: Layout<unknown>,
  style: Style,
): Promise<string> {
  if (layout.kind === "lines") return items.map((item) => safe(layout.line(item))).join("\n");
  if (layout.kind === "table") {
    const { formatTable } = await import("./table.ts");
    return formatTable(
      layout.columns.map(({ key }) => style.heading(key)),
      items.map((item) => layout.columns.map((column) => cell(column, item) ?? "-")),
    );
  }
  return items.map((item) => block(item, layout, style)).join("\n\n");
}

const cell = ({ value }: Field<unknown>, item: unknown): string | undefined => {
  const found = value(item);
  return found === null || found === "" ? undefined : safe(String(found));
};

/** `Info:`, its aligned lines, and apart from them what stands last (the layout of `ovhai`). */
function block(
  item: unknown,
  { fields, last }: Extract<Layout<unknown>, { kind: "blocks" }>,
  style: Style,
): string {
  const lines = fields.flatMap((field) => {
    const value = cell(field, item);
    return value === undefined ? [] : [{ key: `${field.key}:`, value }];
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
