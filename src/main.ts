import { hasFlag, omitCredentialArgs, requestedFormat } from "./cli/argv.ts";
import { paintHeadings } from "./cli/help/page.ts";
import { createSafeStderr, maskMisplacedSecrets } from "./cli/misplaced-secrets.ts";
import { runProgram } from "./cli/program.ts";
import { commandList } from "./commands/index.ts";
import { findSecretLike, trackSecrets } from "./core/secret.ts";
import { describeSystemError, systemCodeOf, toLostDirectory } from "./core/system-errors.ts";
import { CliError, type ExitCode, toErrorData } from "./errors.ts";
import type { Host } from "./host.ts";
import { escapeControls, escapeJson } from "./output/escape.ts";
import { formatError } from "./output/message.ts";
import { createStyle } from "./output/style.ts";
import { findFormat, isForPrograms } from "./output/view.ts";

/** Runs one command line and returns its exit code. Catches and prints every error; never throws. */
export async function main(args: readonly string[], outside: Host): Promise<ExitCode> {
  // Errors and --debug quote arguments, so a secret in a wrong argument must be masked.
  const misplacedSecrets = omitCredentialArgs(args).flatMap(findSecretLike);
  // Not spread: the streams are getters, which create them on first use.
  const host: Host = Object.create(Object.prototype, {
    ...Object.getOwnPropertyDescriptors(outside),
    stderr: { value: createSafeStderr(outside.stderr, misplacedSecrets), enumerable: true },
  });
  const secrets = trackSecrets();
  try {
    return await run(args, host);
  } catch (error) {
    return await printError(error, args, host, misplacedSecrets);
  } finally {
    secrets.end();
  }
}

async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  let code: ExitCode = 0;
  const help: string[] = [];
  await runProgram({
    host,
    args,
    commandList,
    exit: (given) => {
      code = given;
    },
    help: (text) => help.push(text),
  });
  if (help.length > 0) {
    const { heading } = await createStyle(host.stdout, host.env, !hasFlag(args, "no-color"));
    await host.stdout.write(paintHeadings(help.join(""), heading));
  }
  return code;
}

async function printError(
  thrown: unknown,
  args: readonly string[],
  host: Host,
  misplacedSecrets: readonly string[],
): Promise<ExitCode> {
  // The reader of a pipe closed it, for example `head`.
  if (systemCodeOf(thrown) === "EPIPE") return 0;
  const error = maskMisplacedSecrets(toCliError(thrown), misplacedSecrets);
  const format = requestedFormat(args) ?? findFormat(host.env) ?? "text";
  const text = isForPrograms(format)
    ? escapeJson(JSON.stringify({ error: toErrorData(error) }))
    : await formatError(error, { color: !hasFlag(args, "no-color") }, host);
  const trace = hasFlag(args, "debug") ? framesOf(thrown) : "";
  await host.stderr.write(`${text}${trace}\n`);
  return error.exitCode;
}

/** Converts any other error to a bug report by its name: its message may contain secrets. */
function toCliError(thrown: unknown): CliError {
  if (thrown instanceof CliError) return thrown;
  const code = systemCodeOf(thrown);
  const lost = toLostDirectory(thrown);
  if (lost) return lost;
  return code === "ENOSPC" || code === "EIO"
    ? new CliError("unexpected", `Cannot write to stdout: ${describeSystemError(code)}.`, {
        hint: "Check the disk or device that stdout is redirected to.",
      })
    : new CliError(
        "unexpected",
        `A bug in tokctl: ${thrown instanceof Error ? thrown.name : typeof thrown}.`,
        {
          hint: "Report the bug with the output of --debug.",
        },
      );
}

/** Returns the stack frames of a bug, without the message, which may contain secrets. */
const framesOf = (thrown: unknown): string =>
  thrown instanceof CliError || !(thrown instanceof Error)
    ? ""
    : (thrown.stack ?? "")
        .split("\n")
        .filter((line) => /^ +at /.test(line))
        .map((line) => `\n${escapeControls(line)}`)
        .join("");
