import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Environment, runShell } from "./spawn.ts";

/** A step of a job: a line of shell, or an action of somebody else's, which is not run here. */
export interface Step {
  readonly run?: string;
}

/**
 * Runs the steps of a job as GitHub's runner does ("Workflow commands for GitHub Actions"): what a
 * step appends to the file in GITHUB_ENV, later steps find in their environment; what a step masks
 * on stdout is hidden in the log from then on. Stops at the first step that fails.
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

/** `%25`, `%0D` and `%0A` in what follows a command. */
const unescapeData = (text: string) =>
  text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");

/** `NAME=VALUE`, or `NAME<<DELIMITER`, the lines of the value, and the delimiter. */
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
 * The variables that GitLab takes from a dotenv report: a line each, no empty one, quotes are a part
 * of the value ("GitLab CI/CD artifacts reports types", dotenv).
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
