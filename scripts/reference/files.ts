import { shells } from "../../src/completion/shells/index.ts";
import { readManual } from "./manual.ts";
import { toMarkdown } from "./markdown.ts";
import { toManPages } from "./roff.ts";

/** What is generated from the program and kept in the repository: paths from its root, and texts. */
export async function generateFiles(): Promise<ReadonlyMap<string, string>> {
  const manual = await readManual();
  const pages = [...toManPages(manual)].map(([name, text]) => [`man/${name}`, text] as const);
  const scripts = shells.map(({ file, script }) => [`completions/${file}`, script] as const);
  return new Map([["docs/reference.md", toMarkdown(manual)], ...pages, ...scripts]);
}
