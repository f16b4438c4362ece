import fc from "fast-check";
import { expect, test } from "vitest";
import { findJsonErrorLine } from "../../src/config/json-file.ts";

test.each([
  ["a trailing comma", '{\n  "a": 1,\n}', 3],
  ["an unquoted key", "{\n  a: 1\n}", 2],
  ["single quotes", "{\n  'a': 1\n}", 2],
  ["a comment", '{\n  "a": 1 // why\n}', 2],
  ["a missing comma", '{\n  "a": 1\n  "b": 2\n}', 3],
  ["a missing colon", '{\n  "a" 1\n}', 2],
  ["a line break in a string", '{\n  "a": "x\ny"\n}', 2],
  ["an unknown escape", '{\n  "a": "\\x"\n}', 2],
  ["text after the value", "{}\n{}", 2],
  ["a missing bracket", '{\n  "a": [1,\n  2\n', 4],
  ["no text", "", 1],
])("%s is found in its line", (_, text, line) => {
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
  expect(findJsonErrorLine(text)).toBe(line);
});

test("the error of an incomplete JSON object is in its last line", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (object, length) => {
      const text = JSON.stringify(object, null, 2);
      const incomplete = text.slice(0, length % text.length).replace(/\n$/, "");
      expect(findJsonErrorLine(incomplete)).toBe(incomplete.split("\n").length);
    }),
  );
});
