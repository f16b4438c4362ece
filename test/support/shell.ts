import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Environment, openTerminal, runTokctl } from "./spawn.ts";
import { bashCompletion } from "./tools.ts";

const clearLine = "\x15";
const startOfLine = "\x01";
const prompt = "ready> ";

/** Settings of each shell, in its start-up file. */
const settings = {
  bash: { file: ".bashrc", text: `PS1='${prompt}'; . ${bashCompletion}` },
  zsh: {
    file: ".zshrc",
    text: `PS1='${prompt}'; fpath=(~/.local/share/zsh/site-functions $fpath); autoload -Uz compinit && compinit -u`,
  },
  fish: {
    file: ".config/fish/config.fish",
    text: `set -g fish_greeting; function fish_prompt; echo -n '${prompt}'; end`,
  },
};
export type ShellName = keyof typeof settings;

/** Starts an interactive shell at a pseudo-terminal, after `tokctl completion SHELL --install`. */
export async function openShell(shell: ShellName, given: Environment) {
  const home = join(given["HOME"] ?? "", shell);
  const env = { ...given, HOME: home, LC_ALL: "C.UTF-8" };
  const { file, text } = settings[shell];
  await mkdir(join(home, ".config", "fish"), { recursive: true });
  await writeFile(join(home, file), `${text}\n`);
  await runTokctl(["completion", shell, "--install"], { env });
  const terminal = openTerminal(`cd && ${shell} -i`, { env, columns: 100 });
  await terminal.screen.until(/ready> /);
  return {
    ...terminal,
    home,
    /** Types keys and waits until the shell parses the line as these words. */
    async expectWords(keys: string, words: readonly string[]) {
      terminal.type(`${clearLine}${keys}${startOfLine}printf '[%s]' \r`);
      const said = words.map((word) => `[${word}]`).join("");
      await terminal.screen.until(new RegExp(said.replaceAll(/[^\w\s]/g, "\\$&")));
    },
  };
}

/** The tools that tests of a shell's completion need. */
export const shellTools = (shell: ShellName): readonly string[] =>
  shell === "bash" ? [shell, "bash-completion"] : [shell];
