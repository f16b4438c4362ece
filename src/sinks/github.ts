import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { toHex } from "../core/text.ts";
import { UsageError } from "../errors.ts";
import { maskCommand, requireRunner } from "./ci-job.ts";
import type { SecretSink } from "./sink.ts";
import { parseVariableName } from "./variable-name.ts";

/** Names that the runner sets or rejects. */
const reserved = /^(?:GITHUB_|RUNNER_|NODE_OPTIONS$|CI$)/i;

/** `github-env:NAME`: an environment variable for the later steps of the job. */
export function parseGithubEnv(name: string): SecretSink {
  parseVariableName(name);
  if (reserved.test(name))
    throw new UsageError(`GitHub's runner reserves the name ${name}.`, {
      hint: "Choose another name.",
    });
  return runnerFile("GITHUB_ENV", name);
}

/** `github-output:NAME`: an output of the step, `steps.ID.outputs.NAME`. */
export function parseGithubOutput(name: string): SecretSink {
  if (!/^[A-Za-z_][\w-]*$/.test(name))
    throw new UsageError(`"${name}" is not a valid output name.`, {
      hint: "Use letters, digits, - and _, and start with a letter or _.",
    });
  return runnerFile("GITHUB_OUTPUT", name);
}

/**
 * Appends a name and its value to a file of GitHub's runner, in the syntax for multiline values. An
 * environment variable contains the path of the file.
 * @see
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#environment-files
 */
const runnerFile = (variable: string, name: string): SecretSink => ({
  async prepare({ env, mask, stdout, randomBytes }) {
    // Only GitHub's runner reads the line on stdout that masks the secret.
    if (env["GITHUB_ACTIONS"] !== "true")
      throw new UsageError('this is not a job of GitHub Actions: GITHUB_ACTIONS is not "true".', {
        hint: "Outside of GitHub Actions, use file:PATH or env-file:PATH#KEY.",
      });
    requireRunner(stdout, maskCommand);
    const path = env[variable];
    if (!path)
      throw new UsageError(`${variable} is not set.`, {
        hint: "GitHub's runner sets it: pass it to the environment of tokctl.",
      });
    const file = await open(
      path,
      constants.O_RDWR | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0),
    );
    const delimiter = `tokctl_${toHex(randomBytes(16))}`;
    return {
      discard: () => file.close(),
      async deliver(secret) {
        try {
          await mask(secret);
          await append(file, `${name}<<${delimiter}\n${secret.reveal()}\n${delimiter}\n`);
        } finally {
          await file.close();
        }
      },
    };
  },
});

/** Appends the lines completely, or not at all: the runner can't parse an incomplete command. */
async function append(file: FileHandle, lines: string): Promise<void> {
  const { size } = await file.stat();
  try {
    await file.appendFile((await endsInNewline(file, size)) ? lines : `\n${lines}`);
  } catch (error) {
    await file.truncate(size).catch(() => {});
    throw error;
  }
}

async function endsInNewline(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === "\n";
}
