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
