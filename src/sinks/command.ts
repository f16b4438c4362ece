import { maskSecrets } from "../core/secret.ts";
import { CliError, UsageError } from "../errors.ts";
import type { SecretSink, SinkContext } from "./sink.ts";

/** Returns whether a command exists on the PATH of the shell. */
export async function isCommand(
  name: string,
  { pipe, platform }: Pick<SinkContext, "pipe" | "platform">,
): Promise<boolean> {
  const { code } = await pipe(platform === "win32" ? `where ${name}` : `command -v ${name}`, "");
  return code === 0;
}

/** Runs a shell command with a secret on stdin. @throws CliError if its exit code is not 0 */
export async function pipeSecret(
  line: string,
  secret: string,
  { pipe }: Pick<SinkContext, "pipe">,
): Promise<void> {
  const { code, output } = await pipe(line, secret);
  if (code !== 0)
    throw new CliError("partial", `the command failed with exit code ${code}.`, {
      hint:
        lastLinesOf(output) ??
        "It printed nothing. Run the command without tokctl to find the cause.",
    });
}

/** Returns the last lines that a command printed, with the secret masked; undefined if there are none. */
function lastLinesOf(output: string): readonly string[] | undefined {
  const masked = maskSecrets(output.trim());
  return masked === "" ? undefined : masked.split(/\r?\n/).slice(-5);
}

/** `command:CMD`: a shell command that reads the secret from stdin, without a line feed. */
export const parse = (line: string): SecretSink => ({
  label: labelOf(line),
  async prepare(context) {
    if (context.platform !== "win32") {
      const { code } = await context.pipe("sh -n", line);
      if (code !== 0)
        throw new UsageError("the shell command has a syntax error.", {
          // The shell's own message may repeat the line, which may contain values of variables.
          hint: "Check its quotes and parentheses: sh -n shows the error.",
        });
    }
    const program = programOf(line);
    if (program && !(await isCommand(program, context)))
      throw new UsageError(`command not found: "${program}".`, {
        hint: "Check its name and that it is on the PATH.",
      });
    return {
      deliver: (secret) => pipeSecret(line, secret.reveal(), context),
      discard: async () => {},
    };
  },
});

/** Returns the program at the beginning of a line; undefined if it begins with something else. */
const programOf = (line: string): string | undefined => /^\s*([\w./+-]+)(?:\s|$)/.exec(line)?.[1];

/** Returns the name of the destination: the program only, because its arguments may contain a secret. */
const labelOf = (line: string): string => {
  const program = programOf(line);
  return `command:${program === undefined ? "…" : program === line.trim() ? program : `${program} …`}`;
};
