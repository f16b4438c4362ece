import type { Secret } from "../core/secret.ts";
import { UsageError } from "../errors.ts";
import { isCi } from "../host/environment.ts";
import type { Host } from "../host/host.ts";
import type { Progress } from "../output/progress.ts";
import type { Choice, PromptContext } from "../output/prompt.ts";
import { isForPrograms, type OutputOptions } from "../output/render.ts";
import { wantsColor } from "../output/style.ts";
import { checkWord, toSecret, toTokenSecret } from "./credential.ts";

/** What can be asked of the person at the terminal. */
export interface Prompter {
  /** Where a question can be asked: not in a pipe, and not in CI. */
  readonly interactive: boolean;
  /**
   * Where one is asked for what the command line lacks. Who wants json or yaml is a program: it gets
   * an error, which it understands.
   */
  readonly asksForMissing: boolean;
  /** Asks at the terminal. @throws InterruptedError unless the answer is yes, Error where nobody can be asked. */
  confirm(question: string): Promise<void>;
  /** Asks which. @throws InterruptedError without an answer, Error where nobody can be asked. */
  choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T>;
  /** Asks which, at least one. @throws InterruptedError without an answer, Error where nobody can be asked. */
  chooseSeveral<T>(question: string, choices: readonly Choice<T>[]): Promise<readonly T[]>;
  /** Asks for a word, or for a line that `check` throws no UsageError for. */
  ask(question: string, check?: Check): Promise<string>;
  /** Asks for a secret, which is not shown as it is typed. */
  askSecret(question: string): Promise<Secret>;
  /** Asks for a token, which may be pasted with quotes or the name of a variable. */
  askToken(question: string): Promise<Secret>;
  /** Shows a secret at the terminal, on a line of its own. @throws Error where there is none. */
  showSecret(secret: Secret): Promise<void>;
}

/** Asks at the host's terminal; what draws a question is loaded when there is one. */
export function createPrompter(
  { env, terminal, interrupt }: Pick<Host, "env" | "terminal" | "interrupt">,
  { color: colorAllowed, output }: Pick<OutputOptions, "color" | "output">,
  { hideWhile }: Pick<Progress, "hideWhile">,
): Prompter {
  const interactive = terminal !== undefined && !isCi(env);
  const isDumb = env["TERM"] === "dumb";
  const color = colorAllowed && wantsColor({ isTTY: true }, env);
  /** What draws a question has the terminal for itself. */
  const atTerminal = <T>(
    work: (prompts: Prompts, asking: PromptContext) => Promise<T>,
  ): Promise<T> =>
    hideWhile(async () => {
      if (!terminal || !interactive) throw new Error("there is nobody to ask");
      return work(await import("../output/prompt.ts"), { terminal, color, interrupt, isDumb });
    });
  async function askLine(question: string, secret: boolean, check: Check): Promise<string> {
    const against = (text: string) => wordsAgainst(() => check(text.trim()));
    const line = await atTerminal(({ askText }, asking) =>
      askText(asking, question, { secret, check: against }),
    );
    return line.trim();
  }
  const isWord = (text: string) => checkWord(text, "It");
  return {
    interactive,
    asksForMissing: interactive && !isForPrograms(output),
    confirm: (question) => atTerminal(({ confirm }, asking) => confirm(asking, question)),
    choose: (question, choices) =>
      atTerminal(({ choose }, asking) => choose(asking, question, choices)),
    chooseSeveral: (question, choices) =>
      atTerminal(({ chooseSeveral }, asking) => chooseSeveral(asking, question, choices)),
    ask: (question, check = isWord) => askLine(question, false, check),
    askSecret: async (question) => toSecret(await askLine(question, true, isWord), question),
    askToken: async (question) => {
      const isToken = (text: string) => toTokenSecret(text, "It");
      return toTokenSecret(await askLine(question, true, isToken), question);
    },
    showSecret: (secret) =>
      atTerminal(({ showSecret }, asking) => showSecret(asking, secret.reveal())),
  };
}

type Prompts = typeof import("../output/prompt.ts");

/** @throws UsageError for what is no answer. */
type Check = (text: string) => unknown;

/** What a check says against something, and what it advises; undefined if it passes. */
function wordsAgainst(check: () => unknown): readonly string[] | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // What a line lacks is what is being asked for.
    const hint = error.missingArgs ? [] : [error.hint].flat();
    const meant = error.unknownWord?.candidates.filter((each) => /^https?:/.test(each)) ?? [];
    return [error.message, ...meant.map((each) => `Did you mean ${each}?`), ...hint];
  }
}
