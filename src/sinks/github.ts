import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { UsageError } from "../errors.ts";
import { isVariableName, nameRule } from "./paths.ts";
import type { SecretSink } from "./sink.ts";

/** Names that the runner sets itself, or refuses. */
const reserved = /^(?:GITHUB_|RUNNER_|NODE_OPTIONS$|CI$)/i;

/** `github-env:NAME`: a variable for the later steps of the job. */
export function parseGithubEnv(name: string): SecretSink {
  if (!isVariableName(name))
    throw new UsageError(`"${name}" can't name a variable.`, { hint: nameRule });
  if (reserved.test(name))
    throw new UsageError(`the runner keeps ${name} to itself.`, { hint: "Choose another name." });
  return runnerFile("GITHUB_ENV", name);
}

/** `github-output:NAME`: an output of the step, `steps.ID.outputs.NAME`. */
export function parseGithubOutput(name: string): SecretSink {
  if (!/^[A-Za-z_][\w-]*$/.test(name))
    throw new UsageError(`"${name}" can't name an output.`, {
      hint: "Letters, digits, - and _ do, and a letter or _ at the beginning.",
    });
  return runnerFile("GITHUB_OUTPUT", name);
}

/**
 * A name and its value for GitHub's runner, at the end of the file that an environment variable
 * names ("Workflow commands", environment files: the form for values of several lines).
 */
const runnerFile = (variable: string, name: string): SecretSink => ({
  async prepare({ env, mask, findStdoutFault, randomBytes }) {
    // Elsewhere nobody reads the line on stdout that has the secret hidden.
    if (env["GITHUB_ACTIONS"] !== "true")
      throw new UsageError("this is no job of GitHub Actions.", {
        hint: 'There GITHUB_ACTIONS is "true". Elsewhere file:PATH or env-file:PATH#KEY may do.',
      });
    const fault = findStdoutFault();
    if (fault !== undefined)
      throw new UsageError(
        `the runner cannot be told to hide the secret: stdout takes nothing (${fault}).`,
        {
          hint: "Let stdout go to the log of the job.",
        },
      );
    const path = env[variable];
    if (!path)
      throw new UsageError(`${variable}, which names the file, is not set.`, {
        hint: "The runner sets it: pass it on to where tokctl runs.",
      });
    const file = await open(
      path,
      constants.O_RDWR | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0),
    );
    const delimiter = `tokctl_${Buffer.from(randomBytes(16)).toString("hex")}`;
    return {
      discard: () => file.close(),
      async deliver(secret) {
        await mask(secret);
        await append(file, `${name}<<${delimiter}\n${secret.reveal()}\n${delimiter}\n`);
        await file.close();
      },
    };
  },
});

/** Appends lines, all or nothing: half a command would be one that the runner can't read. */
async function append(file: FileHandle, lines: string): Promise<void> {
  const { size } = await file.stat();
  try {
    await file.appendFile((await endsInLine(file, size)) ? lines : `\n${lines}`);
  } catch (error) {
    await file.truncate(size).catch(() => {});
    throw error;
  }
}

async function endsInLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === "\n";
}
