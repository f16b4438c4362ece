import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import type { OutputChunk } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleLibrary, bundleProgram } from "../../scripts/bundle.js";
import {
  createSurroundings,
  program,
  type Surroundings,
  serveSandbox,
  standalone,
} from "../support/spawn.ts";

let surroundings: Surroundings;
let sandbox: Awaited<ReturnType<typeof serveSandbox>>;
let chunks: readonly OutputChunk[];
beforeAll(async () => {
  surroundings = await createSurroundings();
  sandbox = await serveSandbox();
  chunks = (await bundleProgram()).output.filter((file) => file.type === "chunk");
});
afterAll(async () => {
  await sandbox.close();
  await surroundings.remove();
});

const find = (fileName: string): OutputChunk => {
  const chunk = chunks.find((each) => each.fileName === fileName);
  if (!chunk) throw new Error(`${fileName} is missing in dist/: run npm run build`);
  return chunk;
};

/** A file of the bundle and all that it imports statically. */
function walk(fileName: string, seen = new Set<OutputChunk>()): ReadonlySet<OutputChunk> {
  const chunk = find(fileName);
  if (seen.has(chunk)) return seen;
  seen.add(chunk);
  for (const imported of chunk.imports.filter((id) => !id.startsWith("node:")))
    walk(imported, seen);
  return seen;
}

const modulesOf = (files: Iterable<OutputChunk>): readonly string[] =>
  [...files].flatMap(({ moduleIds }) => moduleIds.map((id) => relative("", id)));

const rules = {
  conf: /^node_modules\/(conf|ajv)\//,
  "js-yaml": /^node_modules\/js-yaml\//,
  prompts: /^src\/output\/prompt\.ts$/,
  sandbox: /^(src\/(sandbox\/(?!settings\.ts)|serve-sandbox\.ts)|node_modules\/@?hono\/)/,
  mistakes: /^src\/commands\/mistakes\//,
  colours: /^node_modules\/chalk\//,
  oauth: /^src\/http\/oauth\.ts$/,
};
const call = {
  undici: /^node_modules\/undici\//,
  schemas: /^(node_modules\/valibot|src\/http)\//,
  provider: /^src\/providers\/\w+\/connect\.ts$/,
  configuration: /^src\/config\//,
};

const intruders = (modules: readonly string[], rules: Readonly<Record<string, RegExp>>) =>
  modules.filter((id) => Object.values(rules).some((rule) => rule.test(id)));

test("every run loads the parser, and nothing that only one command needs", () => {
  const modules = modulesOf(walk("main.cjs"));
  expect(modules).toContain("src/main.ts");
  expect(modules).toContain("node_modules/commander/lib/command.js");
  expect(intruders(modules, { ...rules, ...call })).toEqual([]);
});

test.skipIf(standalone)(
  "a list of tokens loads few files, and only the modules for an API request",
  async () => {
    const probe = join(surroundings.folder, "probe.cjs");
    await writeFile(
      probe,
      `Intl.Segmenter = undefined; // It loads a dictionary, and is needed only for truncated text.
    process.on("exit", () => require("node:fs").writeSync(2, JSON.stringify({
      files: Object.keys(require.cache), builtin: process.moduleLoadList })));`,
    );
    const { stderr } = await promisify(execFile)(
      process.execPath,
      ["--require", probe, program, "token", "list"],
      { env: { ...surroundings.env, ...sandbox.env } },
    );
    const { files, builtin } = JSON.parse(stderr) as Record<"files" | "builtin", readonly string[]>;
    const loaded = files.filter((file) => /\/dist\//.test(file));
    expect(loaded.length).toBeLessThan(10);
    const modules = modulesOf(
      loaded.map((file) => find(relative(join(program, "../../dist"), file))),
    );
    expect(modules).toContain("node_modules/undici/lib/api/api-request.js");
    expect(intruders(modules, rules)).toEqual([]);
    for (const module of ["tls", "http2", "zlib", "child_process", "readline", "worker_threads"])
      expect(builtin).not.toContain(`NativeModule ${module}`);
  },
);

test("the license of every bundled package is included", async () => {
  const library = (await bundleLibrary()).output.filter((file) => file.type === "chunk");
  const packages = modulesOf([...chunks, ...library]).flatMap(
    (id) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? [],
  );
  expect(packages).toContain("undici");
  const text = await readFile(join(program, "../../dist/licences.txt"), "utf8");
  const titles = [...text.matchAll(/^-{80}\n\n(\S+) \S+ \(.+\)\n\n(?=\S)/gm)].map(
    ([, name]) => name,
  );
  expect(titles).toEqual([...new Set(packages)].sort());
  expect(text.match(/permission notice|THE SOFTWARE IS PROVIDED/gi)?.length).toBeGreaterThanOrEqual(
    titles.length,
  );
});
