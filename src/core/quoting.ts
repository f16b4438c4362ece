/** Puts a word into single quotes for a POSIX shell. */
export const singleQuote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** Control, format and line separator characters, which a terminal may act on. */
const controls = String.raw`\p{Cc}\p{Cf}\p{Zl}\p{Zp}`;
const hasControls = new RegExp(`[${controls}]`, "u");
const toEscape = new RegExp(String.raw`[\\'${controls}]`, "gu");

/**
 * Quotes a word for a POSIX shell, if necessary. Control characters are escaped in `$'…'`.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
 */
export function quoteWord(word: string): string {
  if (/^[\w.@:%/+=,-]+$/.test(word)) return word;
  if (!hasControls.test(word)) return singleQuote(word);
  const escaped = word.replace(toEscape, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\U${code.toString(16).padStart(8, "0")}`;
  });
  return `$'${escaped}'`;
}

/** Returns the text without the quotes around it, which Docker keeps in a value of `--env-file`. */
export const unquote = (text: string): string => /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;

/** Returns the environment with the quotes removed from values of tokctl's variables. */
export const unquoteVariables = (
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value !== undefined && name.startsWith("TOKCTL_") ? unquote(value) : value,
    ]),
  );
