import { expect, test } from "vitest";
import { formatSelector, parseSelector } from "../../src/core/token.ts";

test.each([
  ["group=A", "group", "A"],
  ["ovh/id=0aa3c557-10c9-4331-b168-cd4e45abebdc", "ovh/id", "0aa3c557-10c9-4331-b168-cd4e45abebdc"],
  // Split at the first =.
  ["key=a=b", "key", "a=b"],
  ["key==", "key", "="],
  ["équipe=größe", "équipe", "größe"],
])("parses and formats %s", (text, name, value) => {
  const selector = parseSelector(text);
  expect(selector).toEqual({ name, value });
  expect(selector && formatSelector(selector)).toBe(text);
});

test.each(["", "=", "group", "group=", "=A", "group=A,B", "group=A,team=B", "a,b=c", ","])(
  "rejects %j",
  (text) => {
    expect(parseSelector(text)).toBeUndefined();
  },
);
