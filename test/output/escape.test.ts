import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeControls, escapeJson, hasControls } from "../../src/output/escape.ts";
import { hostileText } from "../support/fuzz.ts";

describe("characters that a terminal interprets are shown in visible form:", () => {
  test.each<[string, string, string]>([
    ["NUL", "\0", "\\x00"],
    ["bell", "\x07", "\\x07"],
    ["backspace", "\b", "\\x08"],
    ["tab", "\t", "\\x09"],
    ["line feed", "\n", "\\x0a"],
    ["carriage return", "\r", "\\x0d"],
    ["escape", "\x1b", "\\x1b"],
    ["the last of C0", "\x1f", "\\x1f"],
    ["delete", "\x7f", "\\x7f"],
    ["the first of C1", "\x80", "\\x80"],
    ["next line", "\x85", "\\x85"],
    ["C1's own escape sequence", "\x9b", "\\x9b"],
    ["the last of C1", "\x9f", "\\x9f"],
    ["soft hyphen", "\u00ad", "\\xad"],
    ["Arabic letter mark", "\u061c", "\\u061c"],
    ["zero-width space", "\u200b", "\\u200b"],
    ["zero-width non-joiner", "\u200c", "\\u200c"],
    ["zero-width joiner", "\u200d", "\\u200d"],
    ["left-to-right mark", "\u200e", "\\u200e"],
    ["line separator", "\u2028", "\\u2028"],
    ["paragraph separator", "\u2029", "\\u2029"],
    ["right-to-left override", "\u202e", "\\u202e"],
    ["word joiner", "\u2060", "\\u2060"],
    ["a reserved invisible character", "\u2065", "\\u2065"],
    ["isolate", "\u2066", "\\u2066"],
    ["pop isolate", "\u2069", "\\u2069"],
    ["byte order mark", "\ufeff", "\\ufeff"],
    ["interlinear annotation", "\ufff9", "\\ufff9"],
    ["half a pair, high", "\ud800", "\\ud800"],
    ["half a pair, low", "\udfff", "\\udfff"],
    ["a pair the wrong way round", "\udc00\ud800", "\\udc00\\ud800"],
    ["an astral tag", "\u{e0041}", "\\u{e0041}"],
    ["an astral musical format", "\u{1d173}", "\\u{1d173}"],
    ["an escape sequence", "\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"],
    ["a title", "\x1b]0;x\x07", "\\x1b]0;x\\x07"],
    ["other text stays", "a\u202eb\nc", "a\\u202eb\\x0ac"],
  ])("%s", (_, text, shown) => {
    expect(escapeControls(text)).toBe(shown);
    expect(hasControls(text)).toBe(true);
  });
});

test.each([
  "",
  "plain ~ text",
  "naïve",
  "日本語",
  "😀",
  "e\u0301",
  "עברית",
  "\u00a0",
  "\\x1b",
  "'\"`$",
])("%j is not changed", (text) => {
  expect(escapeControls(text)).toBe(text);
  expect(hasControls(text)).toBe(false);
  expect(escapeJson(JSON.stringify(text))).toBe(JSON.stringify(text));
});

test("escaped text is safe, and safe text is not changed", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const shown = escapeControls(text);
      expect(hasControls(shown)).toBe(false);
      expect(escapeControls(shown)).toBe(shown);
      expect(shown.isWellFormed()).toBe(true);
    }),
  );
});

test("escaped JSON parses to the same data", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const encoded = escapeJson(JSON.stringify({ text, list: [text] }, null, 2));
      expect(hasControls(encoded.replaceAll("\n", ""))).toBe(false);
      expect(JSON.parse(encoded)).toEqual({ text, list: [text] });
    }),
  );
});
