import { UsageError } from "../errors.ts";
import type { OutputStream } from "../host/host.ts";

/**
 * What must never reach a terminal raw: C0, DEL, C1, bidi and zero-width controls, separators that
 * break lines, and half surrogate pairs.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

export const hasControls = (text: string): boolean => text.search(unsafe) >= 0;

/** Text for a terminal, with controls as visible escapes: `\x1b`, `\u202e`. */
export const escapeControls = (text: string): string =>
  text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x100) return `\\x${hex(code, 2)}`;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
  });

/** Lines for a terminal. What stands within one, a line feed too, can't begin another. */
export const escapeLines = (text: string | readonly string[]): string =>
  [text].flat().map(escapeControls).join("\n");

/** The same for finished JSON, where `\uXXXX` keeps its meaning. Line feeds are left: they are layout. */
export const escapeJson = (text: string): string =>
  replaceInText(text, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${hex(character.charCodeAt(i), 4)}`,
    ).join(""),
  );

/** The same for finished YAML, if such text stands only inside double quotes (YAML 1.2 §5.7). */
export const escapeYaml = (text: string): string =>
  replaceInText(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });

const replaceInText = (text: string, encode: (character: string) => string): string =>
  text.replace(unsafe, (character) => (character === "\n" ? character : encode(character)));

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0");

const causes: Readonly<Record<string, string>> = {
  closed: "it is closed",
  ENOSPC: "no space left on device (ENOSPC)",
};

/**
 * Refuses to make a secret that could not be printed.
 * @throws UsageError if it shows beforehand that nothing written to stdout would arrive.
 */
export function requireWritable({ findFault }: OutputStream): void {
  const fault = findFault?.();
  if (fault !== undefined)
    throw new UsageError(`Cannot write the secret to stdout: ${causes[fault] ?? fault}.`, {
      hint: "Redirect stdout to a file or a pipe, or send the secret elsewhere with --to.",
    });
}
