import type { CliError } from "../errors.ts";

/** A key and what stands behind it: a column of a table, or a line of a description. */
export interface Field<T> {
  readonly key: string;
  /**
   * Null, "" and an empty list show as nothing: a dash in a table, no line in a description. A list is
   * one word in a pipe's table, `a,b`, and can be broken elsewhere: `a, b`.
   */
  value(item: T): string | number | readonly string[] | null;
  /**
   * What it is: an `id` is what a command takes, and never broken into lines; a `time`, in RFC 3339,
   * is told relative to now in a table at a terminal, and written out in a description; a `url` is
   * broken into lines only in a table; `prose` is hard to read in a narrow column.
   */
  readonly kind?: "id" | "time" | "url" | "prose";
  /** What colour tells besides. */
  tone?(item: T, now: Date): Tone | undefined;
}

export type Tone = "error" | "warning" | "success";

/** How items look to people. */
export type Layout<T> =
  | {
      readonly kind: "table";
      readonly columns: readonly Field<T>[];
      /** Keys of columns in the order in which they shrink at a narrow terminal; the rest follow, from the right. */
      readonly shrinking?: readonly string[];
    }
  | {
      readonly kind: "blocks";
      readonly fields: readonly Field<T>[];
      /** Stands apart below the block: a secret. */
      readonly last?: Field<T>;
    }
  | {
      readonly kind: "lines";
      line(item: T): TextLines;
      /** What the colour of the first word tells. */
      tone?(item: T): Tone | undefined;
      /** At a terminal, what stands behind so many characters of a line is wrapped below itself. */
      readonly hang?: number;
    };

/** Everything about how one kind of thing is shown, except as json and yaml. */
export interface View<T> {
  readonly text: Layout<T>;
  readonly description: Layout<T>;
  /** What `--quiet` leaves of an item; without it, nothing. */
  quietValue?(item: T): string;
}

/** A line, or several; none if there is nothing to say. */
export type TextLines = string | readonly string[];

/** Said about a result on stderr: in json, yaml and under --quiet only what must `always` be said. */
export interface Note {
  /** What takes a while to find out is asked for only to be said, and once the result is out. */
  readonly text: TextLines | (() => Promise<TextLines>);
  readonly always?: boolean;
  /** Only where the result is read at a terminal: a list that is empty or cut is plain to a program. */
  readonly atTerminal?: boolean;
}

/** What a command hands back: the data for machines, and how its items look to people. */
export interface Result {
  readonly data: unknown;
  readonly items: readonly unknown[];
  readonly view: View<unknown>;
  readonly notes: readonly Note[];
  /** Saves what can be saved if the result can't be written, because it holds a secret that exists once. */
  readonly onWriteError: ((cause: unknown) => Promise<CliError>) | undefined;
  /** Called once it is written. */
  readonly onWritten: (() => void) | undefined;
  /** Reported once the result is written: some parts of it failed. */
  readonly failure: CliError | undefined;
}

export interface ShowOptions<T> {
  /** What people see of the data, if it is not the data itself. */
  readonly items?: readonly T[];
  readonly notes?: readonly Note[];
  readonly onWriteError?: (cause: unknown) => Promise<CliError>;
  readonly onWritten?: () => void;
  readonly failure?: CliError | undefined;
}

/** A command's answer: data for json and yaml, and its items (itself, or each of an array) for people. */
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

/** What is said of a list at a terminal: that it is empty, or how many of how many it shows. */
export function countNotes(
  { shown, of: total }: { readonly shown: number; readonly of: number },
  noun: string,
): readonly Note[] {
  const plural = `${noun}s`;
  if (shown === 0) return [{ text: `No ${plural} found.`, atTerminal: true }];
  if (shown === total) return [];
  const count = (number: number) => number.toLocaleString("en");
  const text = async () => `Showing ${count(shown)} of ${count(total)} ${plural}`;
  return [{ text, atTerminal: true }];
}
