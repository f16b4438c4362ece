import { UsageError } from "../errors.ts";
import { isCommand, pipeSecret } from "./shell.ts";
import type { SecretSink } from "./sink.ts";

/** `command:CMD`: a line of shell that reads the secret, and not a byte more, from its stdin. */
export const parse = (line: string): SecretSink => ({
  label: labelOf(line),
  async prepare(context) {
    if (context.platform !== "win32") {
      const { code } = await context.pipe("sh -n", line);
      if (code !== 0)
        throw new UsageError("the shell can't read it.", {
          // Some shells repeat the line, with the values of variables in it.
          hint: "Check its quotes and parentheses: sh -n shows the error.",
        });
    }
    // Where a line begins with something else, it shows only when it is run.
    const program = programOf(line);
    if (program && !(await isCommand(program, context)))
      throw new UsageError(`there is no command "${program}".`, {
        hint: "Check its name and that it is on the PATH.",
      });
    return {
      deliver: (secret) => pipeSecret(line, secret.reveal(), context),
      discard: async () => {},
    };
  },
});

/** The program that a line begins with; undefined if it begins with something else. */
const programOf = (line: string): string | undefined => /^\s*([\w./+-]+)(?:\s|$)/.exec(line)?.[1];

/** The program alone: the user's shell may have put the values of variables into the rest. */
const labelOf = (line: string): string => {
  const program = programOf(line);
  return `command:${program === undefined ? "…" : program === line.trim() ? program : `${program} …`}`;
};
