import { checkWord, toSecret } from "../config/credentials.ts";
import type { Secret } from "../core/secret.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Asking, Choice } from "../output/prompt.ts";

/** What can be asked of the person at the terminal. */
export interface Questions {
  /** Where a question can be asked: not in a pipe, and not in CI. */
  readonly interactive: boolean;
  /** Asks at the terminal. @throws InterruptedError unless the answer is yes, Error where nobody can be asked. */
  confirm(question: string): Promise<void>;
  /** Asks which. @throws InterruptedError without an answer, Error where nobody can be asked. */
  choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T>;
  /** Asks for a word. */
  ask(question: string): Promise<string>;
  /** Asks for a secret, which is not shown as it is typed. */
  askSecret(question: string): Promise<Secret>;
  /** Shows a secret at the terminal, on a line of its own. @throws Error where there is none. */
  showSecret(secret: Secret): Promise<void>;
}

/** Asks at the host's terminal; what draws a question is loaded when there is one. */
export function createQuestions(
  { env, terminal, interrupt }: Pick<Host, "env" | "terminal" | "interrupt">,
  { color }: Pick<Asking, "color">,
): Questions {
  const interactive = terminal !== undefined && !isCi(env);
  const asking = (): Asking => {
    if (!terminal || !interactive) throw new Error("there is nobody to ask");
    return { terminal, color, interrupt };
  };
  async function askWord(question: string, kind: { readonly secret: boolean }): Promise<string> {
    const check = (text: string) => wordsAgainst(() => checkWord(text, "It"));
    const { askText } = await prompts();
    return (await askText(asking(), question, { ...kind, check })).trim();
  }
  return {
    interactive,
    confirm: async (question) => (await prompts()).confirm(asking(), question),
    choose: async (question, choices) => (await prompts()).choose(asking(), question, choices),
    ask: (question) => askWord(question, { secret: false }),
    askSecret: async (question) => toSecret(await askWord(question, { secret: true }), question),
    showSecret: async (secret) => (await prompts()).showSecret(asking(), secret.reveal()),
  };
}

const prompts = () => import("../output/prompt.ts");

/** What a check says against something; undefined if it passes. */
function wordsAgainst(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/** CI systems set CI to something true; nothing there answers a question. */
const isCi = ({ CI }: Host["env"]): boolean => !!CI && CI !== "0" && CI !== "false";
