import type { Choice } from "../core/message.ts";
import type { Secret } from "../core/secret.ts";
import { UsageError } from "../errors.ts";
import { type Host, isCi } from "../host.ts";
import type { Progress } from "../output/progress.ts";
import type { PromptContext } from "../output/prompt.ts";
import { createStyle } from "../output/style.ts";
import { isForPrograms, type OutputOptions } from "../output/view.ts";
import { parseSecret, parseWord, type SecretField } from "./credential.ts";

/** Asks questions at the terminal. Methods throw an Error in a non-interactive run. */
export interface Prompter {
  /** Whether questions can be asked: at a terminal, and not in CI. */
  readonly interactive: boolean;
  /** Why questions can't be asked, for an error: `there is no terminal`; undefined if they can. */
  readonly obstacle: string | undefined;
  /**
   * Whether to prompt for missing values. With `-o json` and `-o yaml`, a program reads the result,
   * so a missing value is an error.
   */
  readonly asksForMissing: boolean;
  /** Asks for a confirmation. @throws CanceledError unless the answer is yes. */
  confirm(question: string): Promise<void>;
  /** Asks for one of several choices. @throws CanceledError without an answer. */
  choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T>;
  /** Asks for at least one of several choices. @throws CanceledError without an answer. */
  chooseSeveral<T>(question: string, choices: readonly Choice<T>[]): Promise<readonly T[]>;
  /**
   * Asks for a line.
   * @param check throws UsageError for an invalid answer; by default, for more than one word.
   * @param standard the answer that Enter gives.
   */
  ask(question: string, check?: AnswerCheck, standard?: string): Promise<string>;
  /** Asks for the value of a secret field without showing the typed characters. */
  askSecret(question: string, field: SecretField): Promise<Secret>;
  /** Prints a secret at the terminal, on a separate line. */
  showSecret(secret: Secret): Promise<void>;
}

/** Creates a prompter for the host's terminal. Prompts are loaded with the first question. */
export function createPrompter(
  { env, terminal, interrupt }: Pick<Host, "env" | "terminal" | "interrupt">,
  { color, output }: Pick<OutputOptions, "color" | "output">,
  { hideWhile }: Pick<Progress, "hideWhile">,
): Prompter {
  const obstacle = findObstacle(terminal, env);
  const interactive = obstacle === undefined;
  const isDumb = env["TERM"] === "dumb";
  /** Hides progress while a question is shown. */
  const atTerminal = <T>(
    work: (prompts: Prompts, asking: PromptContext) => Promise<T>,
  ): Promise<T> =>
    hideWhile(async () => {
      if (!terminal || !interactive) throw new Error("cannot prompt in a non-interactive run");
      const style = await createStyle({ isTTY: true }, env, color);
      return work(await import("../output/prompt.ts"), { terminal, style, interrupt, isDumb });
    });
  const askLine = (question: string, secret: boolean, check: AnswerCheck): Promise<string> =>
    atTerminal(({ askText }, asking) =>
      askText(asking, question, { secret, check: (text) => findProblem(() => check(text)) }),
    );
  const askWords = async (question: string, check: AnswerCheck): Promise<string> =>
    (await askLine(question, false, (text) => check(text.trim()))).trim();
  const checkWord = (text: string) => parseWord(text, "The answer");
  return {
    interactive,
    obstacle,
    asksForMissing: interactive && !isForPrograms(output),
    confirm: (question) => atTerminal(({ confirm }, asking) => confirm(asking, question)),
    choose: (question, choices) =>
      atTerminal(({ choose }, asking) => choose(asking, question, choices)),
    chooseSeveral: (question, choices) =>
      atTerminal(({ chooseSeveral }, asking) => chooseSeveral(asking, question, choices)),
    async ask(question, check = checkWord, standard) {
      if (standard === undefined) return askWords(question, check);
      const orStandard = (text: string) => check(text || standard);
      return (await askWords(`${question} [${standard}]`, orStandard)) || standard;
    },
    async askSecret(question, field) {
      const check = (text: string) => parseSecret(field, text, "The answer");
      return parseSecret(field, await askLine(question, true, check), question);
    },
    showSecret: (secret) =>
      atTerminal(({ showSecret }, asking) => showSecret(asking, secret.reveal())),
  };
}

function findObstacle(terminal: Host["terminal"], env: Host["env"]): string | undefined {
  if (!terminal) return "there is no terminal";
  return isCi(env) ? `CI=${env["CI"]} disables questions` : undefined;
}

type Prompts = typeof import("../output/prompt.ts");

/** Checks an answer. @throws UsageError if it is invalid. */
type AnswerCheck = (text: string) => unknown;

/** Returns the error and the hint of a check as lines; undefined if it passes. */
function findProblem(check: () => unknown): readonly string[] | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // A hint about missing arguments would only repeat the question.
    const hint = error.missingArgs ? [] : [error.hint].flat();
    const meant = error.unknownWord?.candidates.filter((each) => /^https?:/.test(each)) ?? [];
    return [error.message, ...meant.map((each) => `Did you mean ${each}?`), ...hint];
  }
}
