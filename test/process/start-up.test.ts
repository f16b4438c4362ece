import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));

/** The files that one imports statically, itself and what they import in turn, with their texts. */
async function walk(path: string, seen = new Map<string, string>()) {
  if (seen.has(path)) return seen;
  const text = await readFile(path, "utf8");
  seen.set(path, text);
  for (const [, target = ""] of text.matchAll(/^(?:import|export)\b[^;"]*"(\.[^"]+)";/gm))
    await walk(join(dirname(path), target), seen);
  return seen;
}

/** The modules that are in these files: each stands behind a comment with its path. */
const modulesIn = (files: ReadonlyMap<string, string>): readonly string[] =>
  [...files.values()].flatMap((text) =>
    [...text.matchAll(/^\/\/ ((?:src|node_modules)\/.*)$/gm)].map(([, path = ""]) => path),
  );

/** What no run may load before it is known to need it. */
const onDemand = [
  /^node_modules\/(conf|ajv|undici|js-yaml|@clack|hono|@hono|chalk|open|fastest-levenshtein)\//,
  /^src\/sandbox\/(app|store|listen)\.ts$/,
  /^src\/(serve-sandbox|keychain)\.ts$/,
  /^src\/providers\/\w+\/connect\.ts$/,
];

test("what every run loads is the parser, and nothing that a command needs", async () => {
  const modules = modulesIn(await walk(join(dist, "main.js")));
  expect(modules).toContain("src/main.ts");
  expect(modules).toContain("node_modules/commander/lib/command.js");
  expect(modules.filter((path) => onDemand.some((rule) => rule.test(path)))).toEqual([]);
  expect(modules.filter((path) => /^(src\/config\/|node_modules\/valibot\/)/.test(path))).toEqual(
    [],
  );
});
