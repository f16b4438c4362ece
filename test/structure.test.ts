import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";
import { providerIds, providers } from "../src/providers/index.ts";

const src = new URL("../src/", import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
  .map((path) => ({ path, text: readFileSync(new URL(path, src), "utf8") }));

/** Names that every provider, command, shell or destination exports, and the entry points. */
const common = [
  "connect",
  "define",
  "defineFor",
  "effect",
  "examples",
  "examplesFor",
  "main",
  "parse",
  "seeAlso",
];

test("exported names are unique", () => {
  const places = new Map<string, Set<string>>();
  for (const { path, text } of files)
    for (const [, name = ""] of text.matchAll(
      /^export (?:async )?(?:abstract )?(?:function\*?|class|const|interface|type|enum) (\w+)/gm,
    ))
      places.set(name, (places.get(name) ?? new Set()).add(path));
  const repeated = [...places]
    .filter(([name, { size }]) => size > 1 && !common.includes(name))
    .map(([name, paths]) => [name, ...paths]);
  expect(repeated).toEqual([]);
});

/** Files that every folder may import. */
const leaves = ["errors.ts", "host.ts", "version.ts"];
/** The folder of a file, or the file if it is in src/ itself. */
const ownerOf = (path: string): string => path.replace(/\/.*/, "/");

/** The folders that each folder imports, without the leaves. */
const importsOf = (() => {
  const imports = new Map<string, Set<string>>();
  for (const { path, text } of files) {
    const owner = ownerOf(path);
    const found = imports.get(owner) ?? new Set<string>();
    imports.set(owner, found);
    for (const [, relative = ""] of text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
      const imported = posix.join(posix.dirname(path), relative);
      if (ownerOf(imported) !== owner && !leaves.includes(imported) && !imported.startsWith(".."))
        found.add(ownerOf(imported).replace("/", ""));
    }
  }
  return imports;
})();

test("folders import each other in one direction, also for types", () => {
  const reachable = (from: string, seen = new Set<string>()): ReadonlySet<string> => {
    for (const next of importsOf.get(`${from}/`) ?? [])
      if (!seen.has(next)) reachable(next, seen.add(next));
    return seen;
  };
  const names = [...importsOf.keys()].map((owner) => owner.replace("/", ""));
  expect(names.filter((name) => reachable(name).has(name))).toEqual([]);
});

test("architecture.md lists the imports of each folder", () => {
  const page = readFileSync("docs/contributing/architecture.md", "utf8");
  const rows = [...page.matchAll(/^\| `src\/([^`]+)` \|.*\| ([^|]*) \|$/gm)];
  const listed = rows.map(([, owner = "", cell = ""]) => [owner, cell]);
  const actual = listed.map(([owner = ""]) => {
    const names = [...(importsOf.get(owner) ?? [])].sort();
    return [owner, names.length === 0 ? "nothing" : names.join(", ")];
  });
  expect(listed).toEqual(actual);
  const folders = [...importsOf.keys()].filter((owner) => owner.endsWith("/"));
  expect(listed.map(([owner]) => owner)).toEqual(expect.arrayContaining(folders));
});

test("a file in commands/ is a command, a part of one, or shared", () => {
  const commands = files.filter(({ path }) => path.startsWith("commands/"));
  const isCommand = ({ text }: { readonly text: string }) =>
    /^export const (define|defineFor)\b/m.test(text);
  const folders = commands
    .filter((file) => file.path.endsWith("/index.ts") && isCommand(file))
    .map(({ path }) => path.slice(0, -"index.ts".length));
  const others = commands
    .filter((file) => !isCommand(file))
    .map(({ path }) => path)
    .filter((path) => !path.includes("/shared/") && !folders.some((each) => path.startsWith(each)));
  expect(others).toEqual(["commands/index.ts"]);
});

test("a shared part of commands is in the nearest common directory of the files that import it", () => {
  const commands = files.filter(({ path }) => path.startsWith("commands/"));
  // The list of commands imports only types.
  const importedBy = (part: string) =>
    commands
      .filter(({ path }) => path !== "commands/index.ts")
      .filter(({ path, text }) =>
        [...text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)].some(
          ([, relative = ""]) => posix.join(posix.dirname(path), relative) === part,
        ),
      )
      .map(({ path }) => path);
  const commonDirectory = (paths: readonly string[]): string => {
    const [first = "", ...others] = paths.map((path) => `${posix.dirname(path)}/`);
    const segments = first.split("/");
    const isCommon = (length: number) =>
      others.every((each) => each.startsWith(`${segments.slice(0, length).join("/")}/`));
    return segments
      .slice(
        0,
        segments.findLastIndex((_, i) => isCommon(i)),
      )
      .join("/");
  };
  const misplaced = commands
    .map(({ path }) => path)
    .filter((path) => posix.dirname(path).endsWith("/shared"))
    .map((path) => [path, `${commonDirectory(importedBy(path)).replace(/\/shared$/, "")}/shared`])
    .filter(([path = "", shared]) => posix.dirname(path) !== shared);
  expect(misplaced).toEqual([]);
});

test("no source file has more than 300 lines", () => {
  const long = files.filter(({ text }) => text.split("\n").length > 301).map(({ path }) => path);
  expect(long).toEqual([]);
});

test("every provider has the id that it is registered with, and its own tests", () => {
  expect(providers.map(({ id }) => id)).toEqual(providerIds);
  for (const id of providerIds)
    for (const folder of ["providers", "faults"])
      expect(existsSync(`test/${folder}/${id}.test.ts`), `test/${folder}/${id}.test.ts`).toBe(true);
});
