import { UsageError } from "../errors.ts";
import { isCommand, linesOf, pipeSecret } from "./shell.ts";
import type { SecretSink } from "./sink.ts";

/** `command:CMD`: a line of shell that reads the secret, and not a byte more, from its stdin. */
export const parse = (line: string): SecretSink => ({
  async prepare(outside) {
    if (outside.platform !== "win32") {
      const { code, output } = await outside.pipe("sh -n", line);
      if (code !== 0)
        throw new UsageError("the shell can't read it.", {
          hint: linesOf(output) ?? "Run sh -n on it, which says why.",
        });
    }
    // Where a line begins with something else, it shows only when it is run.
    const [, program] = /^\s*([\w./+-]+)(?:\s|$)/.exec(line) ?? [];
    if (program && !(await isCommand(program, outside)))
      throw new UsageError(`there is no command "${program}".`, {
        hint: "Check its name and that it is on the PATH.",
      });
    return {
      deliver: (secret) => pipeSecret(line, secret.reveal(), outside),
      discard: async () => {},
    };
  },
});
