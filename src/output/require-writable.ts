import { UsageError } from "../errors.ts";
import type { Sink } from "../host/host.ts";

const causes: Readonly<Record<string, string>> = {
  closed: "it is closed",
  ENOSPC: "no space left on device (ENOSPC)",
};

/**
 * Refuses to make a secret that could not be printed.
 * @throws UsageError if it shows beforehand that nothing written to stdout would arrive.
 */
export function requireWritable({ findFault }: Sink): void {
  const fault = findFault?.();
  if (fault !== undefined)
    throw new UsageError(`Cannot write the secret to stdout: ${causes[fault] ?? fault}.`, {
      hint: "Redirect stdout to a file or a pipe, or send the secret elsewhere with --to.",
    });
}
