import { maskSecrets } from "../core/secret.ts";
import { systemCodeOf } from "../core/system-errors.ts";
import { CliError, UsageError } from "../errors.ts";
import type { ExecResult } from "../host.ts";
import type { SinkContext } from "./sink.ts";

/** The command line of a secret store. */
export interface StoreTool {
  readonly program: string;
  /** The command that starts the program. */
  readonly starter?: readonly [string, ...string[]];
  /** The page that describes how to install it. */
  readonly homepage: string;
  /** The next step for failures whose output matches a pattern; the first match applies. */
  readonly fixes: readonly (readonly [output: RegExp, hint: string])[];
}

/** The parts of the context that a tool uses. */
export type ToolContext = Pick<SinkContext, "exec">;

/** A failure of a tool. The message has the tool's own output, with secrets masked. */
export class ToolError extends CliError {
  override name = "ToolError";
  /** The output of the tool, with secrets masked. */
  readonly output: string;
  constructor({ program, fixes }: StoreTool, { code, stdout, stderr }: ExecResult) {
    const output = maskSecrets(stderr.trim() || stdout.trim());
    const [, fix = `Run ${program} without tokctl to find the cause.`] =
      fixes.find(([pattern]) => pattern.test(output)) ?? [];
    super("partial", `${program} failed with exit code ${code}${toReason(output)}`, { hint: fix });
    this.output = output;
  }
}

const maxReason = 400;

/** Returns the output in one line, after a colon. */
function toReason(output: string): string {
  const line = output.replace(/\s+/g, " ").slice(0, maxReason).replace(/\.$/, "");
  return line === "" ? " and printed nothing." : `: ${line}.`;
}

/**
 * Runs a tool. Secrets belong into `input`, never into the arguments.
 * @param input the text on its stdin.
 * @returns its stdout.
 * @throws UsageError if it is not installed; ToolError if its exit code is not 0; InterruptedError.
 */
export async function callTool(
  { exec }: ToolContext,
  tool: StoreTool,
  args: readonly string[],
  input = "",
): Promise<string> {
  const [command, ...words] = [...(tool.starter ?? []), tool.program];
  const result = await exec([command, ...words, ...args], input).catch((cause: unknown) => {
    if (systemCodeOf(cause) !== "ENOENT") throw cause;
    throw new MissingToolError(tool, cause);
  });
  if (result.code !== 0) throw new ToolError(tool, result);
  return result.stdout;
}

/** A tool is not on the PATH. */
export class MissingToolError extends UsageError {
  override name = "MissingToolError";
  constructor({ program, homepage }: StoreTool, cause: unknown) {
    super(`command not found: "${program}".`, { hint: `Install it: ${homepage}`, cause });
  }
}

/**
 * Runs a tool that may report that an object does not exist.
 * @param absent matches the output of that report.
 * @returns its stdout; undefined if the object does not exist.
 * @throws as `callTool` does
 */
export async function findWithTool(
  context: ToolContext,
  tool: StoreTool,
  absent: RegExp,
  args: readonly string[],
): Promise<string | undefined> {
  try {
    return await callTool(context, tool, args);
  } catch (error) {
    if (error instanceof ToolError && absent.test(error.output)) return undefined;
    throw error;
  }
}

/** Parses the JSON that a tool printed. @throws CliError if it is not JSON */
export function parseToolJson<T>({ program }: StoreTool, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new CliError("partial", `the output of ${program} is not JSON.`, {
      hint: `Run ${program} without tokctl to find the cause.`,
    });
  }
}

/**
 * Splits `TARGET#KEY` at the last `#`, and checks both parts.
 * @throws UsageError if one is missing or does not match its pattern
 */
export function splitTarget(
  argument: string,
  form: string,
  patterns: { readonly target: RegExp; readonly key: RegExp },
): { readonly target: string; readonly key: string } {
  const at = argument.lastIndexOf("#");
  const target = argument.slice(0, Math.max(at, 0));
  const key = argument.slice(at + 1);
  if (at < 1 || key === "")
    throw new UsageError("# and the name after it are missing.", {
      hint: `The syntax is ${form}.`,
    });
  requireName(target, patterns.target, form);
  requireName(key, patterns.key, form);
  return { target, key };
}

/** @throws UsageError if a name does not match its pattern */
export function requireName(name: string, pattern: RegExp, form: string): void {
  // A tool takes a name that begins with - for an option.
  if (name.startsWith("-") || !pattern.test(name))
    throw new UsageError(`"${name}" is not a valid name.`, { hint: `The syntax is ${form}.` });
}
