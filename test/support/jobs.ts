import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Environment, runShell } from "./spawn.ts";

/** A step of a job: a shell script, or a third-party action, which is skipped. */
export interface Step {
  readonly run?: string;
}

/**
 * Runs the steps of a job like GitHub's runner: later steps get the variables that a step appends
 * to the file in GITHUB_ENV, and the log masks the values of `::add-mask::`. Stops at the first
 * step that fails.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export async function runGithubJob(
  steps: readonly Step[],
  { env, cwd }: { readonly env: Environment; readonly cwd: string },
) {
  const masks: string[] = [];
  const log: string[] = [];
  let variables: Environment = {};
  let code: number | null = 0;
  const files: string[] = [];
  for (const [index, { run }] of steps.entries()) {
    if (run === undefined) continue;
    const file = join(cwd, `set_env_${index}`);
    files.push(file);
    writeFileSync(file, "");
    const ended = await runShell(run, {
      cwd,
      env: { ...env, ...variables, CI: "true", GITHUB_ACTIONS: "true", GITHUB_ENV: file },
    });
    for (const line of `${ended.stdout}\n${ended.stderr}`.split("\n")) {
      const [, value] = /^::add-mask::(.*)$/.exec(line) ?? [];
      if (value !== undefined) masks.push(unescapeData(value));
      else log.push(masks.reduce((shown, mask) => shown.replaceAll(mask, "***"), line));
    }
    code = ended.code;
    if (code !== 0) break;
    variables = { ...variables, ...parseEnvironmentFile(readFileSync(file, "utf8")) };
  }
  return { code, log: log.join("\n"), variables, masks, files };
}

/** Decodes `%25`, `%0D` and `%0A` in the data of a workflow command. */
const unescapeData = (text: string) =>
  text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");

/** Parses `NAME=VALUE`, and `NAME<<DELIMITER` with the lines of the value and the delimiter. */
function parseEnvironmentFile(text: string): Record<string, string> {
  const lines = text.split("\n");
  const found: Record<string, string> = {};
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line === "") continue;
    const [, name = "", mark, rest = ""] = /^(.*?)(=|<<)(.*)$/.exec(line) ?? [];
    if (name === "") throw new Error(`Invalid format '${line}'`);
    if (mark === "=") found[name] = rest;
    else {
      const end = lines.indexOf(rest);
      if (end < 0) throw new Error(`Matching delimiter not found '${rest}'`);
      found[name] = lines
        .splice(0, end + 1)
        .slice(0, -1)
        .join("\n");
    }
  }
  return found;
}

/**
 * Returns the variables of a dotenv report like GitLab: one per line, no empty lines, quotes belong
 * to the value.
 * @see https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
 */
export const readGitlabReport = (path: string): Record<string, string> =>
  Object.fromEntries(
    readFileSync(path, "utf8")
      .replace(/\n$/, "")
      .split("\n")
      .map((line) => {
        const [, key = "", value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
        if (key === "") throw new Error("Invalid Format");
        return [key, value.trim()];
      }),
  );
