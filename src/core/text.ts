/** The text without the byte order mark that some editors put before it. */
export const withoutBom = (text: string): string => text.replace(/^\ufeff/, "");

/** Whether bytes that were read as UTF-8 are UTF-16, or no text at all: both hold NUL characters. */
export const isNotUtf8 = (text: string): boolean => text.includes("\0");

/** The text without one pair of quotes around it, which Docker leaves in a value of `--env-file`. */
export const unquote = (text: string): string => /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;

/** The environment with such quotes taken off the variables of tokctl. */
export const unquoteVariables = (
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value !== undefined && name.startsWith("TOKCTL_") ? unquote(value) : value,
    ]),
  );

/** What a record holds under a key that anybody may have chosen: never what all objects inherit. */
export const ownValue = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** Quotes a word for a POSIX shell; a character that a terminal would act on is escaped in `$'…'`. */
export function quoteWord(word: string): string {
  if (/^[\w.@:/+=,-]+$/.test(word)) return word;
  if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped = word.replace(/[\\'\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\U${code.toString(16).padStart(8, "0")}`;
  });
  return `$'${escaped}'`;
}
