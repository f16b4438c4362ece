import { UsageError } from "../errors.ts";
import { runnerFile } from "./runner-file.ts";
import type { SecretSink } from "./sink.ts";

/** `github-output:NAME`: an output of the step, `steps.ID.outputs.NAME`. */
export function parse(name: string): SecretSink {
  if (!/^[A-Za-z_][\w-]*$/.test(name))
    throw new UsageError(`"${name}" can't name an output.`, {
      hint: "Letters, digits, - and _ do, and a letter or _ at the beginning.",
    });
  return runnerFile("GITHUB_OUTPUT", name);
}
