import type { CompletionAnswer } from "../suggest.ts";

/** A shell with completion for tokctl. */
export interface Shell {
  readonly name: string;
  /** Name of the completion script's file. */
  readonly file: string;
  /** The completion script, which calls `tokctl __complete`. */
  readonly script: string;
  /** Returns the words after `tokctl` up to the cursor, from the arguments of the script. */
  read(args: readonly string[]): readonly string[];
  /** Formats the answer for the script. */
  print(answer: CompletionAnswer, args: readonly string[]): string;
}

/** A candidate in the syntax of the shell, and its description. */
export type Row = readonly [value: string, words: string];

/** Formats candidates and descriptions in two columns, one line each. */
export function formatColumns(rows: readonly Row[], columns: number): readonly string[] {
  const width = Math.max(...rows.map(([value]) => value.length));
  return rows.map(([value, words]) => {
    const line = words === "" ? value : `${value.padEnd(width)}  ${words}`;
    return Array.from(line)
      .slice(0, Math.max(columns - 2, value.length))
      .join("");
  });
}
