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
