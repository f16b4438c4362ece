import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { splitLine } from "../../src/completion/bash-words.ts";
import { shells } from "../../src/completion/shells.ts";
import type { CompletionAnswer } from "../../src/completion/suggest.ts";
import { createWorld } from "../support/world.ts";

const [bash, zsh, fish, powershell] = shells;
/** COMP_WORDBREAKS as bash has it. */
const breaks = " \t\n\"'@><=;|&(:";

test.each([
  ["bash", "tokctl.bash"],
  ["zsh", "_tokctl"],
  ["fish", "tokctl.fish"],
  ["powershell", "tokctl.ps1"],
])("the script for %s is the one in completions/ (npm run generate)", async (name, file) => {
  const { stdout } = await createWorld().run(["completion", name]);
  expect(readFileSync(new URL(`../../completions/${file}`, import.meta.url), "utf8")).toBe(stdout);
  expect(await createWorld().json(["completion", name])).toEqual({ shell: name, script: stdout });
});

test.each([
  [
    "tokctl token delete my\\ token a'b c'\"d $e\"",
    ["tokctl", "token", "delete", "my token", "ab cd $e"],
  ],
  ["tokctl ", ["tokctl", ""]],
  ["tokctl 'a\\", ["tokctl", "a\\"]],
  ['tokctl "a\\"b\\c', ["tokctl", 'a"b\\c']],
  ["tokctl ''  ", ["tokctl", "", ""]],
  ["tokctl list 2>&1 >out -q <in x", ["tokctl", "list", "-q", "x"]],
  ["tokctl list 2> 'a b' ", ["tokctl", "list", ""]],
  ["", [""]],
])("%j is split into %j, as bash does", (line, words) => {
  expect(splitLine(line, breaks).map(({ text }) => text)).toEqual(words);
});

const answer = (...values: readonly string[]): CompletionAnswer => ({
  kind: "words",
  head: "",
  candidates: values.map((value) => ({ value })),
});

/** Returns the line with the only candidate inserted. Readline replaces the text after the last word break or open quote. */
function insert(line: string, value: string): string {
  const printed = bash?.print(answer(value), ["9", "80", breaks, line]) ?? "";
  const { quote = "" } = splitLine(line, breaks).at(-1) ?? {};
  const isBreak = (character: string, at: number) =>
    quote === "" ? breaks.includes(character) && line[at - 1] !== "\\" : character === quote;
  const kept = line.slice(0, [...line].findLastIndex(isBreak) + 1);
  return `${kept}${printed.slice("words\n".length, -1)}${quote}`;
}

test.each([
  ["tokctl token get my", "my token", "tokctl token get my\\ token"],
  ["tokctl token get my\\ ", "my token", "tokctl token get my\\ token"],
  ['tokctl token get "my t', "my token", 'tokctl token get "my token"'],
  ["tokctl token get team:", "team:ci", "tokctl token get team:ci"],
  ["tokctl token get a@b:", "a@b:c=d", "tokctl token get a@b:c=d"],
])("%s<TAB> for %j is %s", (line, value, expected) => {
  expect(insert(line, value)).toBe(expected);
});

test("bash reads any inserted token name as one word", () => {
  const visible = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .filter((text) => !/[\p{C}\p{Z}]/u.test(text.replaceAll(" ", "")));
  const odd = fc.string({
    unit: fc.constantFrom(..."$`'\"\\!*?[]{}()<>|&;#~ =:@%^-ab"),
    minLength: 1,
    maxLength: 12,
  });
  const texts = fc.sample(fc.oneof(visible, odd), { numRuns: 300, seed: 7 });
  const words = texts.flatMap((text) =>
    ["", '"', "'"].map((quote) => insert(`x ${quote}`, text).slice(2)),
  );
  const script = `printf '%s\\0' ${words.join(" ")}`;
  const read = execFileSync("bash", ["-c", script], { encoding: "utf8" });
  expect(read.split("\0").slice(0, -1)).toEqual(texts.flatMap((text) => [text, text, text]));
});

test("bash gets descriptions only where they are not inserted", () => {
  const described: CompletionAnswer = {
    kind: "words",
    head: "",
    candidates: [
      { value: "a b", description: "first" },
      { value: "a", description: "second" },
    ],
  };
  const print = (type: string, line = "x ") => bash?.print(described, [type, "20", breaks, line]);
  expect(print("9")).toBe("words\na\\ b\na\n");
  expect(print("37")).toBe("words\na\\ b\na\n");
  expect(print("63")).toBe("words\na b  first\na    second\n");
  expect(print("33")).toBe("words\na\\ b  first\na     second\n");
  expect(print("33", 'x "')).toBe("words\na b\na\n");
  expect(print("63", "x a\\ ")).toBe("words\na\\ b\n");
});

test("bash gets no candidates for a word with an expansion", () => {
  for (const word of ["$HOME", '"$HOME', "`id`", "$(id", "~$x"])
    expect(bash?.print(answer(`${word}x`), ["9", "80", breaks, `x ${word}`])).toBe("words\n");
});

test("bash completes paths with variables itself, except quoted ones", () => {
  const files: CompletionAnswer = { kind: "files", head: "", candidates: [] };
  const print = (word: string) => bash?.print(files, ["9", "80", breaks, `x ${word}`]);
  for (const word of ["$HOME/a", "~/a", "a=$HOME/", "'$HOME/"]) expect(print(word)).toBe("files\n");
  expect(print('"$HOME/')).toBe("words\n");
});

test("zsh gets the values to match and the text to show", () => {
  const described: CompletionAnswer = {
    kind: "words",
    head: "--role=",
    candidates: [{ value: "a:b", description: "what\x1b" }, { value: "c" }],
  };
  expect(zsh?.print(described, ["80"])).toBe("words 7\na:b\ta:b  what\\x1b\nc\tc\n");
});

test("fish passes the word at the cursor unparsed", () => {
  expect(fish?.read(["token", "get", '"my to'])).toEqual(["token", "get", "my to"]);
  expect(fish?.read(["token", "get", ""])).toEqual(["token", "get", ""]);
});

test("PowerShell sends and gets ASCII only, and each value as one word", () => {
  const line = Buffer.from("token\0get\0").toString("base64");
  expect(powershell?.read([line])).toEqual(["token", "get", ""]);
  const printed = powershell?.print(answer("a b", "it's ’", "ci"), [line]) ?? "";
  expect(printed).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(printed)).toEqual([
    { text: "'a b'", label: "a b", words: "a b" },
    { text: "'it''s ’’'", label: "it's ’", words: "it's ’" },
    { text: "ci", label: "ci", words: "ci" },
  ]);
});
