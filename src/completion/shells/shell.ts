import type { CompletionAnswer } from "../suggest.ts";

/** A shell whose TAB we answer. */
export interface Shell {
  readonly name: string;
  /** The name under which it looks for such scripts, or might. */
  readonly file: string;
  /** What the shell has to load: it asks the program on TAB, and knows nothing itself. */
  readonly script: string;
  /** The words after the program's name up to the cursor, of what the script passes on. */
  read(args: readonly string[]): readonly string[];
  /** The answer as the script takes it. */
  print(answer: CompletionAnswer, args: readonly string[]): string;
}

/** A candidate as a shell inserts or shows it, and what is said of it. */
export type Row = readonly [value: string, words: string];

/** Values with their descriptions, one to a line of a terminal, in columns. */
export function layOut(rows: readonly Row[], columns: number): readonly string[] {
  const width = Math.max(...rows.map(([value]) => value.length));
  return rows.map(([value, words]) => {
    const line = words === "" ? value : `${value.padEnd(width)}  ${words}`;
    return Array.from(line)
      .slice(0, Math.max(columns - 2, value.length))
      .join("");
  });
}
