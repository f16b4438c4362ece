/** A word of a line as it was typed. */
export interface RawWord {
  /** What bash makes of it. */
  readonly text: string;
  /** The part of that which stands before what readline replaces. */
  readonly before: string;
  /** The quote that is open at its end. */
  readonly quote: "" | '"' | "'";
  /** Something in it stands for something else: a variable, the output of a command. */
  readonly expands: boolean;
  /** It stands behind `>` or `<`. */
  readonly redirects: boolean;
}

const blank: RawWord = { text: "", before: "", quote: "", expands: false, redirects: false };

/**
 * Splits a command line up to the cursor as bash does, as far as words go: nothing is expanded. The
 * last word is the one being typed, empty after a space. `breaks` is COMP_WORDBREAKS, at which
 * readline ends what it replaces. Redirections are left out, unless one is being typed.
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
      // The number before it is that of a file.
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
