import { hasFlag, omitCredentialArgs, requestedFormat } from "./cli/argv.ts";
import { runProgram } from "./cli/program.ts";
import { maskSecrets, trackSecrets } from "./core/secret.ts";
import { findSecretLike, maskSecretLike } from "./core/secret-like.ts";
import { CliError, type ExitCode, systemCodeOf, toErrorData, toLostDirectory } from "./errors.ts";
import type { Host, OutputStream } from "./host/host.ts";
import { escapeControls, escapeJson } from "./output/escape.ts";
import { findFormat } from "./output/format.ts";
import { fitLines, isForPrograms } from "./output/render.ts";
import { createStyle } from "./output/style.ts";

/**
 * Runs one command line to its exit code. Whatever goes wrong is caught, worded and given its code
 * here; nothing is thrown.
 */
export async function main(args: readonly string[], outside: Host): Promise<ExitCode> {
  // A secret that was given in a wrong place is quoted by what refuses it, and by --debug.
  const mistaken = omitCredentialArgs(args).flatMap(findSecretLike);
  // Not spread: a stream is made when it is asked for.
  const host: Host = Object.create(Object.prototype, {
    ...Object.getOwnPropertyDescriptors(outside),
    stderr: { value: unfailing(outside.stderr, mistaken), enumerable: true },
  });
  const secrets = trackSecrets();
  try {
    return await run(args, host);
  } catch (error) {
    return await report(error, args, host, mistaken);
  } finally {
    secrets.end();
  }
}

/** What is said on the side must not stop the work if nobody hears it, nor hold a credential. */
const unfailing = (stderr: OutputStream, mistaken: readonly string[]): OutputStream => ({
  get isTTY() {
    return stderr.isTTY;
  },
  get columns() {
    return stderr.columns;
  },
  write: (text) => stderr.write(maskSecretLike(maskSecrets(text), mistaken)).catch(() => {}),
});

async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  let code: ExitCode = 0;
  const help: string[] = [];
  await runProgram({
    host,
    args,
    exit: (given) => {
      code = given;
    },
    help: (text) => help.push(text),
  });
  if (help.length > 0) await host.stdout.write(help.join(""));
  return code;
}

async function report(
  thrown: unknown,
  args: readonly string[],
  host: Host,
  mistaken: readonly string[],
): Promise<ExitCode> {
  // Whoever read our output has read enough.
  if (systemCodeOf(thrown) === "EPIPE") return 0;
  const error = withoutMistaken(toCliError(thrown), mistaken);
  const format = requestedFormat(args) ?? findFormat(host.env) ?? "text";
  const text = isForPrograms(format)
    ? escapeJson(JSON.stringify({ error: toErrorData(error) }))
    : await formatForPeople(error, args, host);
  const trace = hasFlag(args, "debug") ? framesOf(thrown) : "";
  await host.stderr.write(`${text}${trace}\n`);
  return error.exitCode;
}

/** What is no CliError is a bug; its message may quote anything, so only --debug shows it. */
function toCliError(thrown: unknown): CliError {
  if (thrown instanceof CliError) return thrown;
  const code = systemCodeOf(thrown);
  const lost = toLostDirectory(thrown);
  if (lost) return lost;
  return code === "ENOSPC" || code === "EIO"
    ? new CliError("unexpected", `The output can't be written (${code}).`, {
        hint: "Check where stdout goes.",
      })
    : new CliError(
        "unexpected",
        `A bug in tokctl: ${thrown instanceof Error ? thrown.name : typeof thrown}.`,
        {
          hint: "Please report it, with what --debug prints.",
        },
      );
}

/** Masks a secret that was given as another argument, and says what is to be done about it. */
function withoutMistaken(error: CliError, mistaken: readonly string[]): CliError {
  const { code, message, hint, requestId } = error;
  const lines = [message, ...[hint].flat()];
  const masked = lines.map((line) => maskSecretLike(line, mistaken));
  const isMasked = masked.some((line, i) => line !== lines[i]);
  // One that what refuses it does not quote is in the shell's history all the same.
  if (!isMasked && (mistaken.length === 0 || !["usage", "not_found"].includes(code))) return error;
  const [said = "", ...advice] = masked;
  return new CliError(code, said, {
    hint: [
      ...advice,
      "An argument looks like a secret and is not shown. If it is one, renew or revoke it: it may be in your shell history.",
    ],
    requestId,
    cause: error,
  });
}

/** Where a bug was met: the frames alone, for the words above them may quote anything. */
const framesOf = (thrown: unknown): string =>
  thrown instanceof CliError || !(thrown instanceof Error)
    ? ""
    : (thrown.stack ?? "")
        .split("\n")
        .filter((line) => /^ +at /.test(line))
        .map((line) => `\n${escapeControls(line)}`)
        .join("");

/** The error as text: `error[code]: message`, then the hint, its further lines indented below it. */
async function formatForPeople(
  { code, message, hint, requestId }: CliError,
  args: readonly string[],
  { stderr, env }: Host,
): Promise<string> {
  const style = await createStyle(stderr, env, !hasFlag(args, "no-color"));
  const prefix = `error[${code}]:`;
  const indent = " ".repeat("hint: ".length);
  const hints = [hint].flat().map((line) => `${indent}${escapeControls(line)}`);
  const lines = [
    ...(await fitLines([`${prefix} ${escapeControls(message)}`], stderr)),
    ...(await fitLines(hints, stderr)).map((line, i) =>
      i === 0 ? line.replace(indent, "hint: ") : line,
    ),
    ...(requestId === undefined ? [] : [`request id: ${escapeControls(requestId)}`]),
  ];
  return lines.join("\n").replace(prefix, style.error);
}
