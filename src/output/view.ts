import type { Note, TextLines } from "../core/message.ts";
import { type CliError, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

/** The formats of a result. */
export const formats = ["text", "description", "json", "yaml"] as const;

export type Format = (typeof formats)[number];

/** Returns the format in TOKCTL_OUTPUT; undefined if unset or invalid. */
export const findFormat = ({ TOKCTL_OUTPUT: wanted }: Host["env"]): Format | undefined =>
  formats.find((known) => known === wanted);

/** Returns the format in TOKCTL_OUTPUT. @throws UsageError if it is invalid. */
export function parseFormat(env: Host["env"]): Format | undefined {
  const { TOKCTL_OUTPUT: wanted } = env;
  const format = findFormat(env);
  if (wanted && !format)
    throw new UsageError(`Invalid output format "${wanted}" in TOKCTL_OUTPUT.`, {
      hint: `Use one of: ${formats.join(", ")}`,
    });
  return format;
}

/** Whether a format is for programs: notes are omitted, and errors are JSON. */
export const isForPrograms = (format: Format): format is "json" | "yaml" =>
  format === "json" || format === "yaml";

/** How a command writes its output. */
export interface OutputOptions {
  readonly output: Format;
  readonly quiet: boolean;
  readonly color: boolean;
  /** Whether a long table at a terminal may be shown in a pager (default: true). */
  readonly pager?: boolean;
}

/** A column of a table, or a line of a description. */
export interface Field<T> {
  readonly key: string;
  /**
   * Returns the value. Null, "" and an empty list are shown as a dash in a table, and omitted in a
   * description. A list is joined as `a,b` in a table written to a pipe, otherwise as `a, b`.
   */
  value(item: T, now: Date): string | number | readonly string[] | null;
  /**
   * How the value is laid out. An `id` or a `url` is never wrapped, because it is copied. A `time`
   * in RFC 3339 is shown relative to now in a table at a terminal, and absolute elsewhere. `prose`
   * gets a wider column.
   */
  readonly kind?: "id" | "time" | "url" | "prose";
  /** The meaning of the text's color. */
  tone?(item: T, now: Date): Tone | undefined;
}

export type Tone = "error" | "warning" | "success";

/** The layout of items as text. */
export type Layout<T> =
  | {
      readonly kind: "table";
      readonly columns: readonly Field<T>[];
      /**
       * Keys of the columns that shrink first at a narrow terminal. The others follow, from right
       * to left.
       */
      readonly shrinking?: readonly string[];
    }
  | {
      readonly kind: "blocks";
      readonly fields: readonly Field<T>[];
      /** A secret, shown after an empty line. */
      readonly last?: Field<T>;
    }
  | {
      /** A complete text, written unchanged: it contains no control characters of a server. */
      readonly kind: "document";
      text(item: T): string;
    }
  | {
      readonly kind: "lines";
      line(item: T): TextLines;
      /** The meaning of the first word's color. */
      tone?(item: T): Tone | undefined;
      /** Indent of wrapped lines at a terminal, in characters. */
      readonly hang?: number;
    };

/** The text formats of one type of item; JSON and YAML need none. */
export interface View<T> {
  readonly text: Layout<T>;
  readonly description: Layout<T>;
  /** Returns the line of an item under `--quiet`; without this function, no line is printed. */
  quietValue?(item: T): string;
}

/** The result of a command. */
export interface Result {
  readonly data: unknown;
  readonly items: readonly unknown[];
  readonly view: View<unknown>;
  readonly notes: readonly Note[];
  /**
   * Called if the result can't be written, so that a secret is not lost. Returns the error to
   * throw.
   */
  readonly onWriteError: ((cause: unknown) => Promise<CliError>) | undefined;
  /** Called after the result is written, before the notes. A returned error becomes the failure. */
  readonly onWritten: (() => Promise<CliError | undefined>) | undefined;
  /** The error to throw after the result is written, if parts of the operation failed. */
  readonly failure: CliError | undefined;
}

export interface ShowOptions<T> {
  /** The items of the text formats (default: the data itself). */
  readonly items?: readonly T[];
  readonly notes?: readonly Note[];
  readonly onWriteError?: (cause: unknown) => Promise<CliError>;
  readonly onWritten?: () => Promise<CliError | undefined>;
  readonly failure?: CliError | undefined;
}

/** Creates the result of a command: the data for JSON and YAML, and the items for text formats. */
export const show = <T>(
  data: unknown,
  view: View<T>,
  { items, notes = [], onWriteError, onWritten, failure }: ShowOptions<T> = {},
): Result => ({
  data,
  items: items ?? (Array.isArray(data) ? data : [data]),
  view,
  notes,
  onWriteError,
  onWritten,
  failure,
});

/** Returns the note about an empty or limited list, after an empty line: `Showing 20 of 1,240 tokens`. */
export function countNotes(
  { shown, of: total }: { readonly shown: number; readonly of: number },
  noun: string,
): readonly Note[] {
  const plural = `${noun}s`;
  if (shown === 0) return [{ text: `No ${plural} found.`, atTerminal: true }];
  if (shown === total) return [];
  const count = (number: number) => number.toLocaleString("en");
  const text = async () => ["", `Showing ${count(shown)} of ${count(total)} ${plural}`];
  return [{ text, atTerminal: true }];
}
