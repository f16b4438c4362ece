import { maskSecrets } from "../core/secret.ts";
import { CliError, UsageError } from "../errors.ts";
import type { SecretSink, SinkContext } from "./sink.ts";

/** Whether the shell knows a command of this name. */
export async function isCommand(
  name: string,
  { pipe, platform }: Pick<SinkContext, "pipe" | "platform">,
): Promise<boolean> {
  const { code } = await pipe(platform === "win32" ? `where ${name}` : `command -v ${name}`, "");
  return code === 0;
}

/** Has a line of shell read a secret from stdin. @throws CliError unless it ends with 0. */
export async function pipeSecret(
  line: string,
  secret: string,
  { pipe }: Pick<SinkContext, "pipe">,
): Promise<void> {
  const { code, output } = await pipe(line, secret);
  if (code !== 0)
    throw new CliError("partial", `it ended with exit code ${code}.`, {
      hint: linesOf(output) ?? "It said nothing: run it by itself to see why.",
    });
}

/** What a command said last; it may have repeated the secret. */
function linesOf(output: string): readonly string[] | undefined {
  const said = maskSecrets(output.trim());
  return said === "" ? undefined : said.split(/\r?\n/).slice(-5);
}

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
