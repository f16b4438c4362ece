/** One line, or several lines. An empty list prints nothing. */
export type TextLines = string | readonly string[];

/**
 * A message about a result on stderr. It is omitted with JSON, YAML and --quiet, unless `always` is
 * set.
 */
export interface Note {
  /** The text. A function is called after the result is written, and only if the note is shown. */
  readonly text: TextLines | (() => Promise<TextLines>);
  readonly always?: boolean;
  /** The note is shown only if stdout is a terminal, for example that a list is empty. */
  readonly atTerminal?: boolean;
}

/** One of several answers. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
}
