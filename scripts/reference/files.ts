import { readFile } from "node:fs/promises";
import { shells } from "../../src/completion/shells.ts";
import { readManual } from "./manual.ts";
import { toReference } from "./markdown.ts";
import { toManPages } from "./roff.ts";

/** Returns package.json with the paths of the man pages, which npm installs into man/man1. */
async function listManPages(paths: readonly string[]): Promise<string> {
  const { man: _, ...fields } = JSON.parse(await readFile("package.json", "utf8"));
  const entries = Object.entries(fields);
  const at = entries.findIndex(([key]) => key === "files") + 1;
  const all = Object.fromEntries(entries.toSpliced(at, 0, ["man", paths.toSorted()]));
  return `${JSON.stringify(all, null, 2)}\n`;
}

/** Generates the files that are derived from the program. @returns their texts by path */
export async function generateFiles(): Promise<ReadonlyMap<string, string>> {
  const manual = await readManual();
  const pages = [...toManPages(manual)].map(([name, text]) => [`man/${name}`, text] as const);
  const scripts = shells.map(({ file, script }) => [`completions/${file}`, script] as const);
  return new Map([
    ...[...toReference(manual)].map(([name, text]) => [`docs/reference/${name}`, text] as const),
    ["package.json", await listManPages(pages.map(([path]) => path))],
    ...pages,
    ...scripts,
  ]);
}
