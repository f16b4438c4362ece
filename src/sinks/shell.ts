import { maskSecrets } from "../core/secret.ts";
import { CliError } from "../errors.ts";
import type { SinkContext } from "./sink.ts";

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
