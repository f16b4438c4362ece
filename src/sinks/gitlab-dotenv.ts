import { UsageError } from "../errors.ts";
import type { SecretSink } from "./sink.ts";
import { parseVariableFile, type SetVariable } from "./variable-file.ts";

/**
 * `gitlab-dotenv:PATH#KEY`: a variable in a dotenv report, which GitLab passes to later jobs.
 * @see https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
 */
export const parse = (argument: string): SecretSink =>
  parseVariableFile(argument, setReportVariable);

/** Sets a variable. GitLab includes quotes in the value, and rejects empty lines and comments. */
export const setReportVariable: SetVariable = (text, key, value) => {
  const lines = text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
  const invalid = lines.findIndex((line) => !/^\w+=/.test(line));
  if (invalid >= 0)
    throw new UsageError(`line ${invalid + 1} is not KEY=value.`, {
      hint: "Remove it: GitLab rejects a dotenv report with other lines, empty lines or comments.",
    });
  const isOurs = (line: string) => line.startsWith(`${key}=`);
  const set = `${key}=${value}`;
  const changed = lines.some(isOurs)
    ? lines.map((line) => (isOurs(line) ? set : line))
    : [...lines, set];
  return `${changed.join("\n")}\n`;
};
