/** A word of a command line in bash syntax. */
export interface RawWord {
  /** The text without quotes and escapes. */
  readonly text: string;
  /** The part of the text that readline does not replace. */
  readonly before: string;
  /** The quote that is open at the end of the word. */
  readonly quote: "" | '"' | "'";
  /** Whether it contains an expansion: a variable or a command substitution. */
  readonly expands: boolean;
  /** Whether it is the target of a redirection. */
  readonly redirects: boolean;
}

const blank: RawWord = { text: "", before: "", quote: "", expands: false, redirects: false };

/**
 * Splits a command line up to the cursor into words like bash, without expansion. The last word is
 * at the cursor, and empty after a space. Omits redirections, except at the cursor.
 * @param breaks COMP_WORDBREAKS: readline replaces the text after the last of these characters.
 */
export function splitLine(line: string, breaks: string): readonly RawWord[] {
  const words: RawWord[] = [];
  let word: RawWord | undefined;
  let quote: RawWord["quote"] = "";
  let redirects = false;
  const add = (text: string) => {
    word = { ...(word ?? { ...blank, redirects }), text: `${word?.text ?? ""}${text}` };
  };
  const restart = () => {
    if (word) word = { ...word, before: word.text };
  };
  const end = () => {
    if (word && !word.redirects) words.push(word);
    if (word) redirects = false;
    word = undefined;
  };
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? "";
    const next = line[at + 1];
    if (quote === "" && /\s/.test(character)) end();
    else if (quote === "" && /[<>]/.test(character)) {
      // The number before a redirection is a file descriptor.
      if (word && /^\d+$/.test(word.text)) word = undefined;
      end();
      redirects = true;
    } else if (character === quote) {
      quote = "";
      restart();
    } else if (quote === "" && (character === '"' || character === "'")) {
      quote = character;
      add("");
      restart();
    } else if (character === "\\" && quote !== "'" && next !== undefined) {
      const escapes = quote === "" || /[\\"$`\n]/.test(next);
      add(escapes ? next : `\\${next}`);
      at++;
    } else {
      add(character);
      if (word && quote !== "'" && /[$`]/.test(character)) word = { ...word, expands: true };
      if (quote === "" && breaks.includes(character)) restart();
    }
  }
  return [...words, { ...(word ?? { ...blank, redirects }), quote }];
}
