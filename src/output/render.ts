import type { Host } from "../host.ts";
import { escapeControls, escapeJson, escapeYaml, hasControls } from "./escape.ts";
import { formatItems, joinLines } from "./layouts.ts";
import { say } from "./message.ts";
import { createStyle, type Style } from "./style.ts";
import { batches, batchSize } from "./table.ts";
import { isForPrograms, type OutputOptions, type Result } from "./view.ts";

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
  if (!pager || quiet || isForPrograms(output)) return false;
  if (result.view[output].kind !== "table" || !host.stdout.isTTY) return false;
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

function* map<T, R>(items: Iterable<T>, change: (item: T) => R): Generator<R> {
  for (const item of items) yield change(item);
}

/** Lines of the terminal that a table needs besides its rows: the heading and the prompt. */
const reservedLines = 2;

/**
 * Returns the pager command for a table, from TOKCTL_PAGER or PAGER; undefined if the table fits the
 * terminal, stdout is no terminal, or no pager is set. `cat` and an empty value mean no pager.
 */
function findPager(
  rowCount: number,
  { stdout, env }: Pick<Host, "stdout" | "env">,
): string | undefined {
  const { isTTY, rows } = stdout;
  if (!isTTY || !rows || rowCount + reservedLines <= rows) return undefined;
  const { TOKCTL_PAGER: own, PAGER: common, TERM } = env;
  const command = (own ?? common ?? "").trim();
  return command === "" || command === "cat" || TERM === "dumb" ? undefined : command;
}
