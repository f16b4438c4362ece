/**
 * C0, DEL and C1 controls, bidirectional and zero-width controls, line separators, lone surrogates, and
 * the code points that Unicode reserves for invisible characters.
 */
const controls =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u2065\ufff0-\ufff8\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}]/gu;

/** Whether a text contains control characters that must not reach a terminal. */
export const hasControls = (text: string): boolean => text.search(controls) >= 0;

/** Escapes control characters, so that a terminal shows them: `\x1b`, `\u202e`. */
export const escapeControls = (text: string): string =>
  text.replace(controls, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x100) return `\\x${hex(code, 2)}`;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
  });

/** Joins lines for a terminal. Escapes control characters in each line, including line feeds. */
export const escapeLines = (text: string | readonly string[]): string =>
  [text].flat().map(escapeControls).join("\n");

/** Escapes control characters in JSON text as `\uXXXX`, except line feeds of the layout. */
export const escapeJson = (text: string): string =>
  replaceInText(text, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${hex(character.charCodeAt(i), 4)}`,
    ).join(""),
  );

/**
 * Escapes control characters in YAML text. They must be in double-quoted scalars (YAML 1.2, section
 * 5.7).
 */
export const escapeYaml = (text: string): string =>
  replaceInText(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });

const replaceInText = (text: string, encode: (character: string) => string): string =>
  text.replace(controls, (character) => (character === "\n" ? character : encode(character)));

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0");
