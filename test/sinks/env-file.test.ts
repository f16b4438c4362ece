import { execFileSync } from "node:child_process";
import { parseEnv } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { setDotenvVariable } from "../../src/sinks/env-file.ts";
import { createPlaces } from "../support/places.ts";

describe("a variable in a .env file", () => {
  test.each([
    { why: "an empty file", before: "", after: "KEY=new\n" },
    { why: "other variables", before: "A=1\nB=2\n", after: "A=1\nB=2\nKEY=new\n" },
    { why: "no line feed at the end", before: "A=1", after: "A=1\nKEY=new\n" },
    { why: "an old value", before: "A=1\nKEY=old\nB=2\n", after: "A=1\nKEY=new\nB=2\n" },
    { why: "no value", before: "KEY=\nB=2\n", after: "KEY=new\nB=2\n" },
    { why: "a comment", before: "# why\nKEY=old # which\n", after: "# why\nKEY=new # which\n" },
    { why: "export", before: "export KEY=old\n", after: "export KEY=new\n" },
    { why: "spaces", before: "  KEY = old\n", after: "  KEY = new\n" },
    { why: "single quotes", before: "KEY='o#l\"d' #c\n", after: "KEY=new #c\n" },
    { why: "double quotes", before: 'KEY="o\\"l#d"\n', after: "KEY=new\n" },
    { why: "several lines", before: "KEY='one\ntwo'\nB=2\n", after: "KEY=new\nB=2\n" },
    {
      why: "lines of DOS",
      before: "A=1\r\nKEY=old\r\nB=2\r\n",
      after: "A=1\r\nKEY=new\r\nB=2\r\n",
    },
    { why: "lines of DOS alone", before: "A=1\r\n", after: "A=1\r\nKEY=new\r\n" },
    { why: "the name twice", before: "KEY=1\nA=2\nKEY=3\n", after: "KEY=new\nA=2\nKEY=new\n" },
    { why: "another's value", before: "A='x\nKEY=old\n'\n", after: "A='x\nKEY=old\n'\nKEY=new\n" },
    { why: "a comment like it", before: "#KEY=old\n", after: "#KEY=old\nKEY=new\n" },
    { why: "a longer name", before: "MY_KEY=1\nKEYS=2\n", after: "MY_KEY=1\nKEYS=2\nKEY=new\n" },
    { why: "a lonely quote", before: "A='x\nKEY=old\n", after: "A='x\nKEY=new\n" },
  ])("with $why", ({ before, after }) => {
    expect(setDotenvVariable(before, "KEY", "new")).toBe(after);
    expect(setDotenvVariable(after, "KEY", "new")).toBe(after);
  });

  test.each([
    ["abc+/=", "abc+/="],
    ["a#b", "'a#b'"],
    ['a"b$c\\d`', "'a\"b$c\\d`'"],
    ["a'b#", '"a\'b#"'],
  ])("%s is written as %s", (value, written) => {
    expect(setDotenvVariable("", "KEY", value)).toBe(`KEY=${written}\n`);
  });

  test("is refused if no kind of quotes fits its value", () => {
    expect(() => setDotenvVariable("", "KEY", "a'b\"c")).toThrow(
      expect.objectContaining({ code: "partial" }),
    );
  });

  const visible = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
  });
  const holdable = visible.filter((value) => !(value.includes("'") && /["\\$`]/.test(value)));
  const file = fc
    .dictionary(fc.stringMatching(/^[A-J][A-Z_]{0,5}$/), holdable)
    .map((variables) =>
      Object.entries(variables).reduce(
        (text, [key, value]) => setDotenvVariable(text, key, value),
        "",
      ),
    );

  test("has the new value, and other variables are not changed", () => {
    fc.assert(
      fc.property(file, holdable, holdable, (text, first, second) => {
        const once = setDotenvVariable(text, "KEY", first);
        expect(parseEnv(once)).toEqual({ ...parseEnv(text), KEY: first });
        const twice = setDotenvVariable(once, "KEY", second);
        expect(parseEnv(twice)).toEqual({ ...parseEnv(text), KEY: second });
        expect(twice).toBe(setDotenvVariable(text, "KEY", second));
      }),
    );
  });

  test("has the same value in a shell", () => {
    const values = ["abc+/=", "a#b;c", 'a"b$c\\d`*', "a'b#c*"];
    const text = values.reduce(
      (before, value, i) => setDotenvVariable(before, `KEY${i}`, value),
      "",
    );
    const script = `${text}printf '%s\\n' "$KEY0" "$KEY1" "$KEY2" "$KEY3"`;
    expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(`${values.join("\n")}\n`);
  });
});

test("a byte order mark is kept, and the first variable is found", async () => {
  const places = createPlaces();
  places.write(".env", "\ufeffKEY=old\nB=2\n");
  expect((await places.create([`env-file:${places.at(".env")}#KEY`])).code).toBe(0);
  expect(places.read(".env")).toMatch(/^\ufeff# tokctl KEY id=.*\nKEY=\S{64}\nB=2\n$/);
});
