import { systemCodeOf } from "../core/system-errors.ts";
import { CliError, UsageError } from "../errors.ts";
import type { OutputStream } from "../host.ts";
import type { SinkContext } from "./sink.ts";

/** A command that the runner of a CI job reads on stdout. */
interface JobCommand {
  /** What the command does, after "cannot". */
  readonly purpose: string;
  /** The program that reads it. */
  readonly runner: string;
}

const describe = ({ purpose }: JobCommand, reason: string) =>
  `cannot ${purpose}: stdout is not writable (${reason}).`;

const hintFor = ({ runner }: JobCommand) => `Don't redirect or close stdout: ${runner} reads it.`;

/** @throws UsageError if the runner can't get a command, because stdout is not writable. */
export function requireRunner(stdout: OutputStream, command: JobCommand): void {
  const fault = stdout.findFault?.();
  if (fault !== undefined)
    throw new UsageError(describe(command, fault), { hint: hintFor(command) });
}

/** Writes a command for the runner of a CI job. @throws CliError if stdout can't be written */
export const writeJobCommand = (
  stdout: OutputStream,
  command: JobCommand,
  line: string,
): Promise<void> =>
  stdout.write(`${line}\n`).catch((cause: unknown) => {
    throw new CliError("partial", describe(command, systemCodeOf(cause)), {
      hint: hintFor(command),
      cause,
    });
  });

/** The command that masks a secret in the log of a GitHub Actions job. */
export const maskCommand: JobCommand = {
  purpose: "mask the secret in the job's log",
  runner: "GitHub's runner",
};

/**
 * Returns a function that makes GitHub's runner mask a secret. The runner reads stdout line by line
 * and unescapes the text after the command's name.
 * @see
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#masking-a-value-in-a-log
 */
export function createMask(stdout: OutputStream): SinkContext["mask"] {
  let masked: Promise<void> | undefined;
  return (secret) => {
    const line = `::add-mask::${secret.reveal().replaceAll("%", "%25")}`;
    masked ??= writeJobCommand(stdout, maskCommand, line);
    return masked;
  };
}
