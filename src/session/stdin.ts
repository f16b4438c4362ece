import { readText, type TextLimit } from "../config/read-text.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

/**
 * Reads the text on stdin for an argument `-`.
 * @param options the global options. They may read the credential from stdin.
 * @throws UsageError if stdin is a terminal, contains the credential, is too large or is not UTF-8;
 * InterruptedError after a signal.
 */
export async function readStdin(
  { appTokenFile }: { readonly appTokenFile?: string | undefined },
  { stdin, interrupt }: Pick<Host, "stdin" | "interrupt">,
  limit: TextLimit,
): Promise<string> {
  if (appTokenFile === "-")
    throw new UsageError(`Cannot read both the credential and the ${limit.thing} from stdin.`, {
      hint: "Pass the path of a file to --app-token-file.",
    });
  if (stdin.isTTY)
    throw new UsageError(`Cannot read the ${limit.thing} from stdin: it is a terminal.`, {
      hint: "Pipe IDs or names into the command, for example from: tokctl token list -q",
    });
  return readText(stdin, "stdin", interrupt, limit);
}
