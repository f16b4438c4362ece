import { UsageError } from "../errors.ts";
import { type SetVariable, variableFile } from "./env-file.ts";
import type { SecretSink } from "./sink.ts";

/** `gitlab-dotenv:PATH#KEY`: a variable in what a job hands on by `artifacts:reports:dotenv`. */
export const parse = (argument: string): SecretSink => variableFile(argument, setVariable);

/** GitLab takes quotes for a part of the value, and no report with an empty line or a comment. */
export const setVariable: SetVariable = (text, key, value) => {
  const lines = text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
  const odd = lines.findIndex((line) => !/^\w+=/.test(line));
  if (odd >= 0)
    throw new UsageError(`line ${odd + 1} is not KEY=value.`, {
      hint: "GitLab takes no report with such a line, an empty one or a comment either.",
    });
  const isOurs = (line: string) => line.startsWith(`${key}=`);
  const set = `${key}=${value}`;
  const changed = lines.some(isOurs)
    ? lines.map((line) => (isOurs(line) ? set : line))
    : [...lines, set];
  return `${changed.join("\n")}\n`;
};
