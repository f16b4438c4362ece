import { UsageError } from "../errors.ts";
import { isVariableName, nameRule } from "./paths.ts";
import { runnerFile } from "./runner-file.ts";
import type { SecretSink } from "./sink.ts";

/** Names that the runner sets itself, or refuses. */
const reserved = /^(?:GITHUB_|RUNNER_|NODE_OPTIONS$|CI$)/i;

/** `github-env:NAME`: a variable for the later steps of the job. */
export function parse(name: string): SecretSink {
  if (!isVariableName(name))
    throw new UsageError(`"${name}" can't name a variable.`, { hint: nameRule });
  if (reserved.test(name))
    throw new UsageError(`the runner keeps ${name} to itself.`, { hint: "Choose another name." });
  return runnerFile("GITHUB_ENV", name);
}
