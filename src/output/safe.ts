/**
 * What must never reach a terminal raw: C0, DEL, C1, bidi and zero-width controls, separators that
 * break lines, and half surrogate pairs.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

export const isUnsafe = (text: string): boolean => text.search(unsafe) >= 0;

/** Text for a terminal, with controls as visible escapes: `\x1b`, `\u202e`. */
export const safe = (text: string): string =>
  text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
    return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
  });

/**
 * The same for finished JSON, and for YAML where such text stands inside double quotes: `\uXXXX`
 * keeps its meaning there. Line feeds are left, for they are layout.
 */
export const escapeEncoded = (text: string): string =>
  text.replace(unsafe, (character) =>
    character === "\n"
      ? character
      : Array.from({ length: character.length }, (_, i) => {
          return `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
        }).join(""),
  );
